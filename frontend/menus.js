import { each } from "./page.js";

// Menus are <details>; here they close by a click elsewhere, by Escape, and when another opens. The phone's navigation too.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.j-menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.j-menu[open]");
  if (event.key === "Escape") {
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
    if (location.hash === "#nav") history.back();
    return;
  }
  if (!menu || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
  const items = [...menu.querySelectorAll(".j-menu-list a, .j-menu-list button")];
  const place = items.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  event.preventDefault();
  items[(place + items.length) % items.length]?.focus();
});

document.addEventListener("click", (event) => {
  const back = event.target.closest("[data-back]");
  if (back) { event.preventDefault(); history.back(); }
});
for (const back of document.querySelectorAll("[data-back]")) back.hidden = history.length < 2;

// A row of tabs that is wider than the phone shows the one that is open.
each(".j-tabs [aria-current]", (tab) => {
  const row = tab.parentElement;
  const hidden = tab.getBoundingClientRect().right - row.getBoundingClientRect().right;
  if (hidden > 0) row.scrollLeft += hidden + 12;
});

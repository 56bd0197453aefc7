// Forms: the first thing to correct gets the focus, a double click sends once, growing texts, characters left.
import { each } from "./page.js";

each("[data-focus]", (element) => {
  const first = document.querySelector("[data-focus]");
  if (element === first && !element.closest("[data-sample]")) element.focus();
});

const sending = new WeakSet();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("hx-post") || event.defaultPrevented) return;
  if (sending.has(form)) { event.preventDefault(); return; }
  sending.add(form);
  form.setAttribute("aria-busy", "true");
});
// Coming back by the back button finds the form ready again.
addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach((form) => { sending.delete(form); form.removeAttribute("aria-busy"); }));

// Only the text fields that ask for it by data-grow; in browsers with field-sizing the style sheet does it.
if (!CSS.supports("field-sizing", "content")) {
  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("textarea[data-grow]")) return;
    event.target.style.height = "auto";
    event.target.style.height = `${event.target.scrollHeight + 2}px`;
  });
}

// Leaving with something typed that is kept nowhere asks first.
addEventListener("beforeunload", (event) => {
  const form = [...document.querySelectorAll("form[data-guard]")].find((one) => !sending.has(one) && [...one.elements].some((field) => "defaultValue" in field && field.type !== "hidden" && field.value !== field.defaultValue));
  if (form) event.preventDefault();
});

// Every act by keyboard. Pages add their own: data-key="r" clicks or focuses an element, data-go="m" is reached by g m.
import { isTyping } from "./page.js";
import { currentRow, move } from "./lists.js";

const isMac = /Mac|iP(hone|ad)/.test(navigator.platform);
document.querySelectorAll("[data-keycap=mod]").forEach((cap) => { cap.textContent = isMac ? "⌘" : "Ctrl"; });

let leader = 0;
const search = () => document.getElementById("search-input");

// What waits in a closed menu has its key, too.
function visible(element) { return element && (element.getClientRects().length > 0 || Boolean(element.closest("details.j-menu:not([open])"))); }

function use(element) {
  if (element.matches("input, textarea, select")) { element.focus(); element.select?.(); }
  else { element.focus({ preventScroll: true }); element.click(); }
}

function labelOf(element) {
  return element.dataset.keyLabel || element.getAttribute("aria-label") || element.title || element.textContent.trim();
}

function row(keys, text) {
  const line = document.createElement("div");
  const term = document.createElement("dt");
  for (const name of keys) { const cap = document.createElement("kbd"); cap.className = "j-key"; cap.textContent = name; term.append(cap); }
  const meaning = document.createElement("dd");
  meaning.textContent = text;
  line.append(term, meaning);
  return line;
}

export function openHelp() {
  const help = document.getElementById("help");
  if (!help || help.open) return;
  help.querySelector("[data-help-go]").replaceChildren(
    ...[...document.querySelectorAll("[data-go]:not([data-go=''])")].map((link) => row(["G", link.dataset.go.toUpperCase()], link.dataset.goLabel || labelOf(link))),
  );
  const own = [...document.querySelectorAll("[data-key]:not([data-key=''])")].filter(visible);
  help.querySelector("[data-help-page-title]").hidden = own.length === 0;
  help.querySelector("[data-help-page]").replaceChildren(...own.map((element) => row([element.dataset.key.toUpperCase()], labelOf(element))));
  help.showModal();
}

document.addEventListener("click", (event) => { if (event.target.closest("[data-open-help]")) openHelp(); });

document.addEventListener("keydown", (event) => {
  const mod = isMac ? event.metaKey : event.ctrlKey;
  if (event.isComposing) return; // an input method is choosing characters
  if (mod && event.key.toLowerCase() === "k" && search()) {
    event.preventDefault();
    use(search());
    return;
  }
  if (mod && event.key === "Enter") {
    const form = event.target.closest?.("form");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-send]") ?? form.querySelector("button[type=submit].btn-primary") ?? undefined);
    return;
  }
  if (event.key === "Escape") {
    if (event.target === search()) { document.getElementById("suggestions")?.replaceChildren(); search().blur(); }
    else if (isTyping(event.target) && !event.target.closest("dialog")) event.target.blur();
    return;
  }
  if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
  const isInDialog = document.querySelector("dialog[open]");
  const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (leader && Date.now() - leader < 1500) {
    leader = 0;
    const link = document.querySelector(`[data-go="${CSS.escape(letter)}"]`);
    if (link) { event.preventDefault(); link.click(); }
    return;
  }
  if (letter === "j" || letter === "k") { if (move(letter === "j" ? 1 : -1)) event.preventDefault(); return; }
  if (letter === "x" && currentRow()) {
    const box = currentRow().querySelector("[data-bulk-item]");
    if (box) { event.preventDefault(); box.click(); }
    return;
  }
  if (letter === "Enter" && event.target === document.body && currentRow()) { currentRow().querySelector("[data-open]")?.click(); return; }
  if (isInDialog) return;
  if (letter === "/" && search()) { event.preventDefault(); use(search()); return; }
  if (letter === "?") { event.preventDefault(); openHelp(); return; }
  if (letter === "g") { leader = Date.now(); return; }
  const own = [...document.querySelectorAll(`[data-key="${CSS.escape(letter)}"]`)].find(visible);
  if (own) { event.preventDefault(); use(own); }
});

// Suggestions below the search field: arrows move, Enter opens.
document.addEventListener("keydown", (event) => {
  const box = document.getElementById("suggestions");
  if (!box || (event.target !== search() && !box.contains(event.target))) return;
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const links = [...box.querySelectorAll("a")];
  const place = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  event.preventDefault();
  if (place < 0) search().focus();
  else links[Math.min(place, links.length - 1)]?.focus();
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "suggestions") search()?.setAttribute("aria-expanded", String(event.detail.target.childElementCount > 0));
});
document.addEventListener("focusin", (event) => {
  if (!event.target.closest?.("#search")) document.getElementById("suggestions")?.replaceChildren();
});

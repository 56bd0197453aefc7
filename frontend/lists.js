// A list in the hands: the current row (kept through live swaps), the whole row opens, bulk selection.
import { each, say } from "./page.js";

const rowsOf = (list) => [...list.querySelectorAll("[data-row]")];
export const currentList = () => document.querySelector("dialog[open] [data-list]") ?? document.querySelector("main [data-list]");
let currentId = "";

export function mark(row, { quiet = false } = {}) {
  if (!row) return;
  row.closest("[data-list]").querySelectorAll("[data-row][data-current]").forEach((other) => delete other.dataset.current);
  row.dataset.current = "";
  currentId = row.id;
  if (quiet) return;
  row.querySelector("[data-open]")?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

export function move(step) {
  const list = currentList();
  if (!list) return false;
  const rows = rowsOf(list);
  const place = rows.findIndex((row) => "current" in row.dataset);
  mark(rows[place < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(place + step, 0), rows.length - 1)]);
  return rows.length > 0;
}

export const currentRow = () => currentList()?.querySelector("[data-row][data-current]");

document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("[data-list] [data-row]");
  if (row) mark(row, { quiet: true });
});

document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-list] [data-row]");
  if (!row || event.defaultPrevented || event.button) return;
  if (event.target.closest("a, button, input, label, select, textarea, summary, details")) return;
  if (!getSelection()?.isCollapsed) return;
  const link = row.querySelector("[data-open]");
  if (!link) return;
  if (event.metaKey || event.ctrlKey) window.open(link.href, "_blank", "noopener");
  else link.click();
});

let hadFocus = false;
document.addEventListener("htmx:beforeSwap", (event) => {
  hadFocus = Boolean(document.activeElement?.closest?.("[data-row]") && event.detail.target?.contains?.(document.activeElement));
});
document.addEventListener("htmx:afterSwap", () => {
  const row = currentId && document.getElementById(currentId);
  if (row && !("current" in row.dataset)) mark(row, { quiet: !hadFocus });
});

function count(form) {
  const items = [...form.querySelectorAll("[data-bulk-item]")];
  const chosen = items.filter((item) => item.checked);
  const bar = form.querySelector("[data-bulk-bar]");
  const all = form.querySelector("[data-bulk-all]");
  if (all) { all.checked = items.length > 0 && chosen.length === items.length; all.indeterminate = chosen.length > 0 && !all.checked; }
  if (!bar) return;
  bar.hidden = chosen.length === 0;
  bar.querySelector("[data-bulk-count]").textContent = say("selected", { count: chosen.length });
}

let last = null;
document.addEventListener("click", (event) => {
  const item = event.target.closest("[data-bulk-item]");
  if (!item) return;
  const items = [...item.closest("[data-bulk]").querySelectorAll("[data-bulk-item]")];
  if (event.shiftKey && last && items.includes(last)) {
    const [from, to] = [items.indexOf(last), items.indexOf(item)].sort((a, b) => a - b);
    items.slice(from, to + 1).forEach((other) => { other.checked = item.checked; });
  }
  last = item;
});
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("[data-bulk]");
  if (!form) return;
  if (event.target.matches("[data-bulk-all]")) form.querySelectorAll("[data-bulk-item]").forEach((item) => { item.checked = event.target.checked; });
  count(form);
});
document.addEventListener("click", (event) => {
  const form = event.target.closest("[data-bulk-clear]")?.closest("[data-bulk]");
  if (!form) return;
  form.querySelectorAll("[data-bulk-item]").forEach((item) => { item.checked = false; });
  count(form);
});
each("[data-bulk]", count);
document.addEventListener("htmx:afterSwap", (event) => { const form = event.detail.target.closest?.("[data-bulk]"); if (form) count(form); });

// Lists that stay fresh: an element with data-live polls its own URL by HTMX; the ETag spares what did not change, and
// nothing is swapped under the hand of somebody who is choosing, writing or selecting.
import { say } from "./page.js";

const tags = new WeakMap();

document.addEventListener("htmx:configRequest", (event) => {
  const known = event.detail.elt.matches("[data-live]") && tags.get(event.detail.elt);
  if (known) event.detail.headers["If-None-Match"] = known;
});

function isBusy(element) {
  const selection = getSelection();
  return Boolean(
    element.querySelector("[data-bulk-item]:checked, details[open], dialog[open]") ||
    (element.contains(document.activeElement) && document.activeElement.matches("input:not([type=checkbox]), textarea, select")) ||
    (selection && !selection.isCollapsed && element.contains(selection.anchorNode)),
  );
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { elt, target, xhr } = event.detail;
  if (!elt.matches("[data-live]") || !event.detail.shouldSwap) return;
  if (isBusy(target)) {
    event.detail.shouldSwap = false;
    const note = target.closest(".j-list, [data-live-frame]")?.querySelector("[data-live-note]");
    if (note && tags.get(elt) !== xhr.getResponseHeader("ETag")) {
      note.hidden = false;
      note.querySelector("[data-live-text]").textContent = say("changed");
    }
    return;
  }
  const tag = xhr.getResponseHeader("ETag");
  if (tag) tags.set(elt, tag);
});

document.addEventListener("reconnected", () => document.querySelectorAll("[data-live]").forEach((element) => window.htmx.trigger(element, "refresh")));
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.querySelectorAll("[data-live]").forEach((element) => window.htmx.trigger(element, "refresh"));
});

// Counts of the navigation appear at once with their last known value and are corrected by the server.
import { each } from "./page.js";

const reader = document.documentElement.dataset.reader;
const keyOf = (element) => `count:${reader}:${element.dataset.count}`;

each("[data-count]", (element) => {
  const known = sessionStorage.getItem(keyOf(element));
  if (known && !element.textContent.trim()) element.textContent = known;
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.elt.matches("[data-count], [data-live]")) event.preventDefault();
});

document.addEventListener("htmx:afterSwap", (event) => {
  const element = event.detail.target;
  if (!element.matches?.("[data-count]")) return;
  sessionStorage.setItem(keyOf(element), element.textContent.trim());
});

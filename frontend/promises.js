// The promise bar moves by itself: share used, time left, and the change to at risk and overdue.
import { lengthText, now, say } from "./page.js";

const icons = { risk: "alert-triangle", broken: "flame" };

function become(bar, state) {
  bar.dataset.state = state;
  const word = bar.querySelector(".j-promise-state");
  if (word) word.textContent = say(state);
  const icon = bar.querySelector(".j-promise-icon svg");
  icon?.setAttribute("aria-label", say(state));
  const use = icon?.querySelector("use");
  use?.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${icons[state]}`));
}

function tick() {
  if (document.hidden) return;
  const at = now();
  for (const bar of document.querySelectorAll(".j-promise[data-due]")) {
    const due = Date.parse(bar.dataset.due);
    const start = Date.parse(bar.dataset.start) || due - 86400000;
    const warn = Date.parse(bar.dataset.warn) || due - (due - start) / 5;
    const state = at >= due ? "broken" : at >= warn ? "risk" : "running";
    const worse = ["running", "risk", "broken"];
    if (worse.indexOf(state) > worse.indexOf(bar.dataset.state)) become(bar, state);
    const share = Math.min(Math.max((at - start) / Math.max(due - start, 1), 0), 1);
    if (bar.dataset.state !== "broken") bar.querySelector(".j-bar-used")?.setAttribute("width", String(Math.round(share * 100)));
    const left = bar.querySelector(".j-promise-left");
    const text = say(at >= due ? "over" : "left", { length: lengthText(due - at) });
    if (left && left.textContent !== text) left.textContent = text;
  }
}

setInterval(tick, 20000);
document.addEventListener("visibilitychange", tick);

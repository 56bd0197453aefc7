// Relative times go on counting while the page is open.
import { lengthText, now, say } from "./page.js";

const HALF_DAY = 12 * 3600 * 1000;

function tick() {
  if (document.hidden) return;
  for (const time of document.querySelectorAll("time[data-when=relative]")) {
    const distance = Date.parse(time.dateTime) - now();
    if (Math.abs(distance) >= HALF_DAY) { time.textContent = time.title; delete time.dataset.when; continue; }
    const text = Math.abs(distance) < 60000 ? say("now") : say(distance < 0 ? "ago" : "ahead", { length: lengthText(distance) });
    if (time.textContent !== text) time.textContent = text;
  }
}

// On paper only the exact time is of use.
addEventListener("beforeprint", () => {
  for (const time of document.querySelectorAll("time[data-when=relative]")) time.textContent = time.title;
});
addEventListener("afterprint", tick);
setInterval(tick, 20000);
document.addEventListener("visibilitychange", tick);

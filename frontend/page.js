// Small things every module needs: sentences from the template, ready markup, the form of numbers.
const strings = () => document.getElementById("strings")?.dataset ?? {};

/** A sentence of the page's language with its {places} filled in. */
export function say(name, values = {}) {
  return (strings()[name] ?? "").replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

/** Call `act` for each element now on the page and in every later fragment. */
export function each(selector, act) {
  const run = (root) => {
    if (root.matches?.(selector)) act(root);
    root.querySelectorAll?.(selector).forEach(act);
  };
  run(document);
  document.addEventListener("htmx:load", (event) => run(event.detail.elt));
}

export function isTyping(target = document.activeElement) {
  return Boolean(target?.closest?.("input:not([type=checkbox],[type=radio],[type=button],[type=submit]), textarea, select, [contenteditable]"));
}

const zh = document.documentElement.lang.startsWith("zh");

/** A length of time in its two largest units, as the server writes it. */
export function lengthText(milliseconds) {
  const all = Math.floor(Math.abs(milliseconds) / 60000);
  const parts = [
    [Math.floor(all / 1440), say("day")],
    [Math.floor((all % 1440) / 60), say("hour")],
    [all % 60, say("minute")],
  ];
  while (parts.length && !parts[0][0]) parts.shift();
  if (!parts.length) return say("under");
  return parts.slice(0, 2).filter(([n]) => n).map(([n, unit]) => `${n} ${unit}`).join(" ");
}

/** How far the company's clock is from this machine's; the demo clock may stand anywhere. */
const companyNow = Number(document.documentElement.dataset.now) * 1000;
const offset = companyNow ? companyNow - Date.now() : 0;
export const now = () => Date.now() + offset;

export function sizeText(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  let place = 0;
  while (bytes >= 1024 && place < units.length - 1) { bytes /= 1024; place += 1; }
  return `${bytes.toFixed(bytes < 10 && place ? 1 : 0)} ${units[place]}`;
}

export { zh };

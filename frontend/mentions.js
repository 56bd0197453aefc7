// People to mention in a note: what follows an @ is looked up as it is typed. Arrows move, Enter or Tab takes, Escape closes; focus
// stays in the text. Without this a name typed by hand mentions just as well.
const BEGUN = /(?:^|[^A-Za-z0-9_.@-])@([\p{L}\p{N}_.-]{0,30})$/u;
const WAIT = 120;

let text = null;
let timer = 0;
let asked = 0;

const box = () => document.getElementById("mentions");
const options = () => [...(box()?.querySelectorAll("[role=option]") ?? [])];
const chosen = () => options().find((option) => option.getAttribute("aria-selected") === "true");

const begun = (area) => {
  if (area.selectionStart !== area.selectionEnd || area.form?.elements.side?.value !== "note") return null;
  return BEGUN.exec(area.value.slice(0, area.selectionStart))?.[1] ?? null;
};

const close = () => {
  asked += 1;
  clearTimeout(timer);
  box()?.replaceChildren();
  text?.removeAttribute("aria-activedescendant");
};

const choose = (option) => {
  for (const one of options()) one.setAttribute("aria-selected", String(one === option));
  option?.scrollIntoView({ block: "nearest" });
  if (option) text.setAttribute("aria-activedescendant", option.id);
};

const take = (option) => {
  const typed = begun(text);
  if (typed === null) { close(); return; }
  text.setRangeText(`${option.dataset.mention} `, text.selectionStart - typed.length, text.selectionStart, "end");
  close();
  text.focus();
  text.dispatchEvent(new Event("input", { bubbles: true }));
};

const look = async (typed) => {
  const mine = (asked += 1);
  const answer = await fetch(`${text.dataset.mentions}?q=${encodeURIComponent(typed)}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  const found = answer?.ok ? await answer.text() : "";
  if (mine !== asked || !box()) return;
  box().innerHTML = found;
  choose(options()[0]);
};

document.addEventListener("input", (event) => {
  if (!event.target.matches?.("textarea[data-mentions]")) return;
  text = event.target;
  const typed = begun(text);
  if (typed === null) { close(); return; }
  clearTimeout(timer);
  timer = setTimeout(() => look(typed), WAIT);
});

// In the capturing phase: an open list has the keys before sending, leaving and moving.
document.addEventListener("keydown", (event) => {
  if (event.target !== text || !options().length || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = options();
  const place = all.indexOf(chosen());
  if (event.key === "ArrowDown") choose(all[(place + 1) % all.length]);
  else if (event.key === "ArrowUp") choose(all[(place + all.length - 1) % all.length]);
  else if (event.key === "Enter" || event.key === "Tab") take(chosen() ?? all[0]);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("mousedown", (event) => {
  const option = event.target.closest?.("#mentions [role=option]");
  if (option) { event.preventDefault(); take(option); }
});
document.addEventListener("focusout", (event) => { if (event.target === text) close(); });

// An unsent text is never lost: forms with data-draft="key" keep what is typed on this device until the server says it took it
// (cookie sent_draft, see jieli.ui.middleware). Kept per reader, for 30 days.
import { each, say } from "./page.js";

const MONTH = 30 * 86400000;
const reader = document.documentElement.dataset.reader;
const place = (form) => `draft:${reader}:${form.dataset.draft}`;
const fields = (form) => [...form.querySelectorAll("textarea[name], input[type=text][name], input[type=tel][name], input[type=email][name]")].filter((field) => field.name !== "_draft" && !field.matches("[data-no-draft]"));

function read(key) {
  try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
}

function keep(form) {
  const values = Object.fromEntries(fields(form).map((field) => [field.name, field.value]).filter(([, value]) => value.trim()));
  const key = place(form);
  try {
    if (Object.keys(values).length) localStorage.setItem(key, JSON.stringify({ id: form.elements._draft.value, at: Date.now(), values }));
    else localStorage.removeItem(key);
  } catch { /* a full or closed store must not stop the writing */ }
}

function sweep() {
  const sent = /(?:^|; )sent_draft=([\w-]+)/.exec(document.cookie)?.[1];
  for (const key of Object.keys(localStorage).filter((name) => name.startsWith("draft:"))) {
    const draft = read(key);
    if (!draft || draft.id === sent || Date.now() - draft.at > MONTH) localStorage.removeItem(key);
  }
  if (!sent) return;
  document.cookie = "sent_draft=; max-age=0; path=/";
  document.querySelectorAll("form[data-draft]").forEach((form) => { if (form.elements._draft?.value === sent) renew(form); });
}

function renew(form) { form.elements._draft.value = (crypto.randomUUID?.() ?? String(Math.random()).slice(2) + Date.now()).slice(0, 40); }

function restore(form) {
  if (form.elements._draft) return;
  const hidden = document.createElement("input");
  hidden.type = "hidden";
  hidden.name = "_draft";
  form.append(hidden);
  const draft = read(place(form));
  if (!draft) { renew(form); return; }
  hidden.value = draft.id;
  let brought = false;
  for (const field of fields(form)) {
    const text = draft.values[field.name];
    if (text && !field.value.trim()) { field.value = text; brought = true; field.dispatchEvent(new Event("input", { bubbles: true })); }
  }
  if (!brought) return;
  const note = document.createElement("p");
  note.className = "j-draft-note";
  const time = new Date(draft.at).toLocaleString(document.documentElement.lang, { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
  note.textContent = say("draft", { when: time }) + " ";
  const drop = document.createElement("button");
  drop.type = "button";
  drop.className = "j-text-button";
  drop.textContent = say("draftDrop");
  drop.addEventListener("click", () => { fields(form).forEach((field) => { field.value = field.defaultValue; }); localStorage.removeItem(place(form)); renew(form); note.remove(); });
  note.append(drop);
  form.append(note);
}

sweep();
each("form[data-draft]", restore);
document.addEventListener("input", (event) => { const form = event.target.closest?.("form[data-draft]"); if (form?.elements._draft) keep(form); });
document.addEventListener("htmx:afterRequest", sweep);
addEventListener("pageshow", sweep);

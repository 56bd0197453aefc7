// Fields of a policy as big controls, and the keeping of what is half filled in.
import { onChange, removePhoto, state, takePhoto } from "./app.js";
import { add, button, h, icon, toast } from "./page.js";
import { NoPhoto } from "./photos.js";
import { scanField } from "./scan.js";
import * as store from "./store.js";
import { clockField } from "./times.js";
import { t, words } from "./words.js";

let serial = 0;
const fresh = () => `f${(serial += 1)}`;

function choices(field, value, change) {
  const name = fresh();
  return h("div", { class: "f-chips", role: "radiogroup", "aria-label": words(field.label) }, field.choices.map((one) => h("label", { class: "f-chip" },
    h("input", { type: "radio", name, value: one.code, checked: value === one.code, onchange: () => change(one.code) }), h("span", {}, words(one.label ?? one.name) || one.code))));
}

function check(field, value, change) {
  return h("label", { class: "f-check" }, h("input", { type: "checkbox", checked: value === true, onchange: (event) => change(event.target.checked) }), h("span", {}, words(field.label), field.required && h("b", { class: "f-must", "aria-hidden": "true" }, " *")));
}

function number(field, value, change, id) {
  const input = h("input", { id, class: "f-input f-number", inputMode: "decimal", autocomplete: "off", value: value ?? "", oninput: () => {
    const text = input.value.trim().replace(",", ".");
    const read = Number(text);
    input.setAttribute("aria-invalid", String(text !== "" && !Number.isFinite(read)));
    change(text === "" || !Number.isFinite(read) ? null : read);
  } });
  return h("div", { class: "f-unit" }, input, field.unit && h("span", {}, field.unit));
}

function time(field, value, change, id) {
  const input = h("input", { id, class: "f-input", type: "time", value: value ?? "", oninput: () => change(input.value) });
  return h("div", { class: "f-scan-field" }, input, button(t("useNow"), () => { input.value = clockField(); change(input.value); }, { icon: "clock" }));
}

function text(field, value, change, id) {
  const area = h("textarea", { id, class: "f-input", rows: field.rows ?? 2, maxLength: 2000, value: value ?? "", oninput: () => change(area.value.trim()) });
  return area;
}

/** One field with its label; `values` is written to, `changed` called after each change. */
export function fieldOf(field, values, changed) {
  const id = fresh();
  const change = (value) => { values[field.name] = value; changed(); };
  const value = values[field.name];
  if (field.type === "check") return h("div", { class: "f-field", "data-field": field.name }, check(field, value, change));
  const control = { choice: () => choices(field, value, change), number: () => number(field, value, change, id), time: () => time(field, value, change, id), text: () => text(field, value, change, id),
    scan: () => scanField({ id, value: value ?? "", onChange: change, label: words(field.label) }),
    local: () => h("input", { id, class: "f-input", type: "datetime-local", value: value ?? "", oninput: (event) => change(event.target.value) }) }[field.type]?.() ?? text(field, value, change, id);
  return h("div", { class: "f-field", "data-field": field.name }, h(field.type === "choice" ? "p" : "label", field.type === "choice" ? { class: "f-label" } : { class: "f-label", htmlFor: id }, words(field.label), field.required && h("b", { class: "f-must", "aria-hidden": "true" }, " *")), control);
}

/** Values of a form that outlive closing the browser: what was typed is kept a moment later. */
export async function keptForm(key, start = {}) {
  const values = { ...start, ...(await store.draft(key).catch(() => null)) };
  let timer = 0;
  const write = () => { timer = 0; store.saveDraft(key, values).catch(() => {}); };
  return {
    key, values,
    changed() { timer ||= setTimeout(write, 250); },
    stop() { clearTimeout(timer); timer = 0; },
  };
}

/** Do something with the phone's store; says in words when there is no room, and the form stays as it is. */
export async function guarded(act, place) {
  try {
    place?.replaceChildren();
    await act();
    return true;
  } catch (error) {
    const full = error instanceof store.Full;
    if (!full) console.error(error);
    const words = error instanceof NoPhoto ? t(error.key) : full ? t("full") : t("storeBroken", { why: error.message });
    if (place) {
      place.replaceChildren(h("div", { class: "f-note", "data-tone": "bad", role: "alert" }, icon("alert-triangle"), h("span", {}, words)));
      place.scrollIntoView({ block: "center" });
    } else toast(words, "bad");
    return false;
  }
}

const STATE_ICONS = { waiting: "upload", sent: "circle-check", refused: "alert-triangle", conflict: "alert-triangle" };

/** Photos of a step: the big camera button and what was taken; `ids` is written to. */
export function photoBox({ order, ids, wanted, purpose, changed }) {
  const list = h("div", { class: "f-photos" });
  const note = h("div", {});
  const words = h("span", {}, "");
  const draw = () => {
    list.replaceChildren(...ids.map((id, place) => {
      const item = state.items.find((one) => one.id === id);
      const is = item?.state ?? "sent";
      const words_ = `${t("photoOf", { n: place + 1 })} · ${t(is === "sent" ? "done" : is)}`;
      return h("figure", { class: "f-photo", "data-state": is }, item?.data.thumb ? h("img", { src: item.data.thumb, alt: words_, width: 96, height: 96 }) : h("span", { class: "f-photo-blank" }, icon("photo")),
        h("figcaption", {}, icon(STATE_ICONS[is]), h("span", {}, t(is === "sent" ? "done" : is))),
        item && is !== "sent" && h("button", { type: "button", class: "f-photo-remove", "aria-label": `${t("removePhoto")} ${place + 1}`, onclick: async () => { ids.splice(ids.indexOf(id), 1); changed(); await removePhoto(item); draw(); } }, icon("trash")));
    }));
    words.textContent = ids.length ? t("photoMore") : t("photo");
  };
  const input = h("input", { type: "file", accept: "image/*", multiple: true, class: "f-file", onchange: async () => {
    const files = [...input.files];
    const busy = h("p", { class: "f-quiet", role: "status" }, t("working"));
    label.setAttribute("aria-busy", "true");
    list.after(busy);
    for (const file of files) {
      // One after the other: a phone has no memory for several decoded photos.
      await guarded(async () => { const item = await takePhoto(order, file, purpose); ids.push(item.id); changed(); draw(); }, note);
    }
    busy.remove();
    label.removeAttribute("aria-busy");
    input.value = "";
  } });
  input.setAttribute("capture", "environment");
  const label = h("label", { class: "f-camera" }, input, icon("camera"), words);
  draw();
  listenWhile(list, draw);
  return h("section", { class: "f-field" }, h("p", { class: "f-label" }, t("photos"), wanted > 0 && h("span", { class: "f-quiet" }, ` · ${t("photosNeeded", { n: wanted })}`)), list, note, label);
}

// Draws again when the queue changed, as long as the element is on the page.
function listenWhile(element, draw) {
  let seen = "";
  let wasThere = false;
  const stop = onChange(() => {
    if (!element.isConnected) { if (wasThere) stop(); return; }
    wasThere = true;
    const now = state.items.map((item) => item.state).join();
    if (now !== seen) { seen = now; draw(); }
  });
}

/** A list of what is still missing, under the button that was pressed. */
export function sayMissing(place, sentences) {
  place.replaceChildren();
  if (!sentences.length) return;
  add(place, h("div", { class: "f-note", "data-tone": "bad", role: "alert" }, icon("alert-triangle"), h("ul", {}, sentences.map((one) => h("li", {}, one)))));
  place.scrollIntoView({ block: "center" });
}

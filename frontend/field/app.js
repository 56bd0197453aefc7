// The one state of the page, and the ways in which it changes: record something, take a photo, read the day.
import { Queue } from "./queue.js";
import * as store from "./store.js";
import { setClock } from "./times.js";
import { prepare } from "./photos.js";

const LISTENERS = new Set();

export const state = {
  day: null, dayAt: 0, dayTag: "", engineer: "", device: "", items: [], problem: navigator.onLine ? "" : "offline", isSending: false, nextTry: 0, offset: 0,
  isRead: false, isForbidden: false, hasUpdate: false, room: { usage: 0, quota: 0 }, refreshDay: () => refreshDay(),
};

/** Be told of every change; returns how to stop that. */
export const onChange = (act) => { LISTENERS.add(act); return () => LISTENERS.delete(act); };
export function changed() { for (const act of LISTENERS) act(); }

// After these there are other orders, parts or promises than the phone can know.
const TELLING = ["offer_accept", "offer_refuse", "part_used", "part_missing", "outcome", "finish", "information", "note"];

let after = 0;
export const queue = new Queue({
  state, changed,
  // What was recorded here lies over the day; only what the server alone can tell is asked for before the minute is over, and
  // while more is on its way not each time.
  answered(items) {
    if (!items.some((item) => TELLING.includes(item.kind) || item.state !== "sent")) return;
    clearTimeout(after);
    if (!queue.waiting().length || Date.now() - state.dayAt > 20_000) after = setTimeout(() => refreshDay(), 400);
  },
});

/** Read what the phone keeps; works without a network. */
export async function begin() {
  navigator.storage?.persist?.().catch(() => {});
  state.device = (await store.kept("device")) ?? crypto.randomUUID();
  await store.keep("device", state.device).catch(() => {});
  state.engineer = (await store.kept("engineer")) ?? "";
  state.items = await store.items();
  const last = state.engineer && (await store.kept(`day:${state.engineer}`));
  if (last) useDay(last.day, last.at, last.offset);
  state.isRead = true;
  measure();
  changed();
}

function useDay(day, at, offset) {
  state.day = day;
  state.dayAt = at;
  state.offset = offset ?? 0;
  setClock({ zone: day.zone, offset: state.offset });
}

/** Orders with work that the server does not have yet stay on the phone, also when they are somebody else's now. */
function withLost(day, before) {
  const there = new Set(day.orders.map((order) => order.number));
  const open = new Set(state.items.filter((item) => item.engineer === state.engineer && item.state !== "sent").map((item) => item.order));
  const lost = (before?.orders ?? []).filter((order) => open.has(order.number) && !there.has(order.number)).map((order) => ({ ...order, isGone: true }));
  return { ...day, orders: [...day.orders, ...lost] };
}

let reading = null;
/** Ask the server for the day; keeps what is there when that fails. One question at a time. */
export function refreshDay() {
  reading ??= readDay().finally(() => { reading = null; });
  return reading;
}

async function readDay() {
  const asked = Date.now();
  let response;
  try {
    response = await fetch("day/", { credentials: "same-origin", redirect: "manual", headers: { Accept: "application/json", ...(state.dayTag && { "If-None-Match": state.dayTag }) }, signal: AbortSignal.timeout(30_000) });
  } catch {
    state.problem ||= "offline";
    return changed();
  }
  if (response.type === "opaqueredirect" || response.status === 401) { state.problem = "signed_out"; return changed(); }
  if (response.status === 403) { state.isForbidden = true; return changed(); }
  if (response.status === 409) { state.problem = "update"; return changed(); }
  const isSame = response.status === 304;  // all but the time
  if (!response.ok && !isSame) { state.problem ||= "server"; return changed(); }
  const told = isSame ? { ...state.day, now: response.headers.get("X-Now"), orders: state.day.orders.filter((order) => !order.isGone) } : await response.json();
  const offset = Date.parse(told.now) - (asked + Date.now()) / 2;
  state.isForbidden = false;
  if (state.engineer !== told.engineer.code) {
    // Another person on this phone: the day of the first is not his to see; entries that wait, wait for their own.
    if (state.engineer) {
      await store.forget(`day:${state.engineer}`);
      location.hash = "#/";
    }
    state.engineer = told.engineer.code;
    state.day = null;
    state.dayTag = "";
    await store.keep("engineer", state.engineer).catch(() => {});
  }
  if (state.problem !== "update") state.problem = "";
  const day = withLost(told, state.day);
  useDay(day, asked, offset);
  state.dayTag = response.headers.get("ETag") ?? "";
  try { await store.keep(`day:${state.engineer}`, { day, at: asked, offset }); } catch (error) { if (!(error instanceof store.Full)) throw error; }
  await tidy(asked);
  changed();
  if (queue.waiting().length) queue.run();
}

/** Forget what the server has shown to have: sent entries, and photos of orders that are no longer here. */
async function tidy(asked) {
  const here = new Set(state.day.orders.map((order) => order.number));
  const gone = state.items.filter((item) => item.engineer === state.engineer && item.state === "sent" && item.answeredAt < asked && (item.type === "entry" || !here.has(item.order)));
  if (!gone.length) return;
  await store.drop(gone);
  state.items = state.items.filter((item) => !gone.includes(item));
  measure();
}

function made(type, order, kind, data) {
  return { id: crypto.randomUUID(), type, engineer: state.engineer, order, kind, at: new Date().toISOString(), standard: state.day?.standard.version, data, state: "waiting" };
}

/** Keep entries for an order, all or none; throws store.Full when the phone has no room. `entries` are [kind, data]. */
export async function record(order, entries, { photos = [], forget = [] } = {}) {
  const items = entries.map(([kind, data]) => made("entry", order.number, kind, data));
  await store.enqueue({ entries: items, photos, forget });
  state.items.push(...photos.map(({ item }) => item), ...items);
  changed();
  queue.now();
  measure();
}

/** Make, and keep at once, the photo of a file; returns its item. */
export async function takePhoto(order, file, purpose) {
  const { blob, sha256, thumb } = await prepare(file);
  return keepPhoto(order, { blob, sha256, thumb }, purpose);
}

export async function keepPhoto(order, { blob, sha256, thumb }, purpose) {
  const photo = photoItem(order, { blob, sha256, thumb }, purpose);
  await store.enqueue({ photos: [photo] });
  state.items.push(photo.item);
  changed();
  queue.run();
  measure();
  return photo.item;
}

export function photoItem(order, { blob, sha256, thumb }, purpose) {
  return { item: made("photo", order.number, "photo", { sha256, thumb, size: blob.size, purpose }), blob };
}

/** Take a photo back that no entry names yet. */
export async function removePhoto(item) {
  if (item.state !== "waiting" && item.state !== "refused") return;
  await store.drop([item]);
  state.items = state.items.filter((one) => one !== item);
  changed();
}

/** A person has read why these were refused; the server keeps them. */
export async function understood(items) {
  await store.drop(items);
  state.items = state.items.filter((item) => !items.includes(item));
  changed();
}

export async function measure() { state.room = await store.room(); }

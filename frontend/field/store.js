// What the phone keeps: the day, every entry and photo until the server has it, and forms that are half filled in.
import { openDB } from "idb";

const NAME = "jieli-field";
let opened;

function open() {
  opened ??= openDB(NAME, 1, {
    upgrade(database) {
      database.createObjectStore("kept");
      database.createObjectStore("drafts");
      database.createObjectStore("blobs");
      const items = database.createObjectStore("items", { keyPath: "seq", autoIncrement: true });
      items.createIndex("id", "id", { unique: true });
    },
    // A newer page wants to change the database: let go of it, reading opens it again.
    blocking() { opened?.then((database) => database.close()); opened = undefined; },
    terminated() { opened = undefined; },
  });
  opened.catch(() => { opened = undefined; });
  return opened;
}

/** The phone has no room; nothing of this change was kept. */
export class Full extends Error {}

async function writing(stores, act) {
  const database = await open();
  const change = database.transaction(stores, "readwrite", { durability: "strict" });
  try {
    const result = await act(change);
    await change.done;
    return result;
  } catch (error) {
    change.done.catch(() => {});
    try { change.abort(); } catch { /* already over */ }
    if (error?.name === "QuotaExceededError" || change.error?.name === "QuotaExceededError") throw new Full(error.message);
    throw error;
  }
}

export const kept = async (key) => (await open()).get("kept", key);
export const keep = (key, value) => writing(["kept"], (change) => change.objectStore("kept").put(value, key));
export const forget = (key) => writing(["kept"], (change) => change.objectStore("kept").delete(key));
export const items = async () => (await open()).getAll("items");
export const blob = async (id) => (await open()).get("blobs", id);

/** Keep entries and photos together or not at all; `photos` are {item, blob}; drafts named are forgotten with it. */
export function enqueue({ entries = [], photos = [], forget = [] }) {
  return writing(["items", "blobs", "drafts"], async (change) => {
    for (const { item, blob: bytes } of photos) {
      await change.objectStore("blobs").put(bytes, item.id);
      item.seq = await change.objectStore("items").add(item);
    }
    for (const entry of entries) entry.seq = await change.objectStore("items").add(entry);
    for (const key of forget) await change.objectStore("drafts").delete(key);
  });
}

/** Write what the server answered; a photo that arrived needs its bytes no more. */
export function settle(changed) {
  return writing(["items", "blobs"], async (change) => {
    for (const item of changed) {
      await change.objectStore("items").put(item);
      if (item.type === "photo" && item.state === "sent") await change.objectStore("blobs").delete(item.id);
    }
  });
}

export function drop(gone) {
  return writing(["items", "blobs"], async (change) => {
    for (const item of gone) {
      await change.objectStore("items").delete(item.seq);
      await change.objectStore("blobs").delete(item.id);
    }
  });
}

export const draft = async (key) => (await open()).get("drafts", key);
export const saveDraft = (key, value) => writing(["drafts"], (change) => change.objectStore("drafts").put(value, key));
export const forgetDraft = (key) => writing(["drafts"], (change) => change.objectStore("drafts").delete(key));

export async function room() {
  try {
    const { usage = 0, quota = 0 } = await navigator.storage.estimate();
    return { usage, quota };
  } catch { return { usage: 0, quota: 0 }; }
}

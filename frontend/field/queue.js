// Sends what the phone keeps: in order, each exactly once by its id, photos one by one, entries in bundles.
// A failure keeps everything and is tried again, later and later; the server knows ids it has seen.
import * as store from "./store.js";

const BUNDLE_ENTRIES = 100;
const BUNDLE_BYTES = 400_000;
const ONCE = ["step", "contact", "set_out", "arrive", "safety", "diagnosis", "charge", "signature", "outcome", "finish"];
const WAITS = [2, 5, 10, 20, 40, 60, 120];

export class Queue {
  /** `state` is shared with the screens; `changed` is called after each change; `answered` with the items that arrived. */
  constructor({ state, changed, answered }) {
    Object.assign(this, { state, changed, answered, failures: 0, timer: 0, isRunning: false });
    addEventListener("online", () => this.now());
    addEventListener("offline", () => { this.state.problem = "offline"; this.changed(); });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.now(); });
  }

  waiting() { return this.state.items.filter((item) => item.state === "waiting" && item.engineer === this.state.engineer); }

  /** What the server did not take, of the person who is here. */
  bad() { return this.state.items.filter((item) => ["refused", "conflict"].includes(item.state) && item.engineer === this.state.engineer); }

  /** Try at once, whatever the wait was. */
  now() {
    this.failures = 0;
    return this.run();
  }

  async run() {
    clearTimeout(this.timer);
    this.state.nextTry = 0;
    if (this.isRunning) { this.isAsked = true; return; }
    if (!this.waiting().length) { if (this.state.problem === "server") this.state.problem = ""; this.changed(); return; }
    this.isRunning = true;
    this.isAsked = false;
    this.state.isSending = true;
    this.changed();
    try {
      // Two tabs of one phone take turns; the ids would keep a double away all the same.
      const turn = (act) => (navigator.locks ? navigator.locks.request("field-queue", act) : act());
      await turn(() => this.sendAll());
      this.failures = 0;
      if (this.state.problem !== "update") this.state.problem = "";
    } catch (error) {
      this.fail(error);
    } finally {
      this.isRunning = false;
      this.state.isSending = false;
      this.changed();
    }
    if (this.isAsked && !this.state.problem) this.run();
  }

  fail(error) {
    const how = error instanceof Trouble ? error.how : "offline";
    if (!(error instanceof Trouble) && error?.name !== "TypeError" && error?.name !== "AbortError" && error?.name !== "TimeoutError") console.error(error);
    this.state.problem = how;
    if (how === "signed_out" || how === "update") return;  // a person must act first
    const seconds = error.after || WAITS[Math.min(this.failures, WAITS.length - 1)] * (0.8 + Math.random() * 0.4);
    this.failures += 1;
    this.state.nextTry = Date.now() + seconds * 1000;
    this.timer = setTimeout(() => this.run(), seconds * 1000);
  }

  async sendAll() {
    for (;;) {
      const [first, ...rest] = this.waiting().sort((a, b) => a.seq - b.seq);
      if (!first) return;
      if (first.type === "photo") { await this.sendPhoto(first); continue; }
      const bundle = [first];
      let size = JSON.stringify(first.data).length;
      for (const item of rest) {
        size += JSON.stringify(item.data).length + 200;
        if (item.type === "photo" || item.standard !== first.standard || bundle.length >= BUNDLE_ENTRIES || size > BUNDLE_BYTES) break;
        bundle.push(item);
      }
      await this.sendEntries(bundle);
    }
  }

  async sendEntries(bundle) {
    const body = JSON.stringify({
      device: this.state.device,
      sent_at: new Date().toISOString(),
      standard: bundle[0].standard,
      entries: bundle.map(({ id, order, kind, at, data }) => ({ id, order, kind, at, data })),
    });
    const response = await this.post("bundle/", { body, headers: { "Content-Type": "application/json" } }, 30_000);
    if ([400, 413, 422].includes(response.status)) {
      // The whole bundle was not understood: find the entry by halves, so that one cannot hold up the others.
      if (bundle.length > 1) {
        const half = Math.ceil(bundle.length / 2);
        await this.sendEntries(bundle.slice(0, half));
        return this.sendEntries(bundle.slice(half));
      }
      return this.mark(bundle[0], { state: "refused", ...(await said(response)) });
    }
    if (!response.ok) throw new Trouble("server");
    const answer = await response.json();
    this.state.offset = Date.parse(answer.now) - Date.now();
    const results = new Map(answer.results.map((result) => [result.id, result]));
    const changed = [];
    for (const item of bundle) {
      const result = results.get(item.id);
      if (!result) continue;
      item.state = ["done", "repeated"].includes(result.state) ? "sent" : result.state === "conflict" ? "conflict" : "refused";
      item.message = result.message ?? "";
      item.fields = result.fields ?? {};
      item.answeredAt = Date.now();
      changed.push(item);
    }
    if (!changed.length) throw new Trouble("server");  // an answer without results must not be asked for in a circle
    await store.settle(changed);
    await this.makeGood(changed.filter((item) => item.state === "sent"));
    this.changed();
    this.answered(changed);
  }

  /** What was refused and is done now needs nobody's eyes any more. */
  async makeGood(done) {
    const old = this.state.items.filter((item) => item.state === "refused" && item.type === "entry" && ONCE.includes(item.kind)
      && done.some((one) => one.order === item.order && one.kind === item.kind && one.seq > item.seq && (item.kind !== "step" || one.data.code === item.data.code)));
    if (!old.length) return;
    await store.drop(old);
    this.state.items = this.state.items.filter((item) => !old.includes(item));
  }

  async sendPhoto(item) {
    const bytes = await store.blob(item.id);
    if (!bytes) return this.mark(item, { state: "refused", message: "" });
    const body = new FormData();
    body.append("id", item.id);
    body.append("order", item.order);
    body.append("sha256", item.data.sha256);
    body.append("taken_at", item.at);
    body.append("file", bytes, `${item.id}.jpg`);
    const response = await this.post("photo/", { body }, 180_000);
    if (response.status >= 400) return this.mark(item, { state: "refused", ...(await said(response)) });
    const answer = await response.json();
    if (answer.sha256 && answer.sha256 !== item.data.sha256) throw new Trouble("server");
    await this.mark(item, { state: "sent" });
  }

  async mark(item, answer) {
    Object.assign(item, answer, { answeredAt: Date.now() });
    await store.settle([item]);
    this.changed();
    this.answered([item]);
  }

  async post(address, options, milliseconds) {
    const send = () => fetch(address, {
      method: "POST", credentials: "same-origin", redirect: "manual", signal: AbortSignal.timeout(milliseconds),
      ...options, headers: { ...options.headers, "X-CSRFToken": csrf(this.state), "X-Engineer": encodeURIComponent(this.state.engineer), Accept: "application/json" },
    });
    let response = await send();
    if (response.status === 403 && !(await isJson(response))) {
      await this.state.refreshDay();  // a new login has a new token
      response = await send();
      if (response.status === 403 && !(await isJson(response))) throw new Trouble("signed_out");
    }
    if (response.type === "opaqueredirect" || response.status === 401) throw new Trouble("signed_out");
    const code = response.status === 409 ? (await response.clone().json().catch(() => ({}))).code : "";
    if (code === "update") throw new Trouble("update");
    if (code === "other_person") { await this.state.refreshDay(); throw new Trouble("server"); }
    if (response.status === 429 || response.status >= 500) throw new Trouble("server", Number(response.headers.get("Retry-After")) || 0);
    return response;
  }
}

/** Why nothing more can be sent now: offline, signed_out, server or update. */
export class Trouble extends Error {
  constructor(how, after = 0) { super(how); this.how = how; this.after = after; }
}

export function csrf(state) {
  return /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? state.day?.csrf ?? "";
}

const isJson = async (response) => (response.headers.get("Content-Type") ?? "").includes("json");

async function said(response) {
  try {
    const { message = "", fields = {} } = await response.json();
    return { message, fields };
  } catch { return { message: "", fields: {} }; }
}

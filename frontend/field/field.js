// The engineer's phone: one page that works without a network. See docs/decisions/phone-of-the-engineer.md.
import { begin, onChange, queue, refreshDay, state } from "./app.js";
import { h, icon } from "./page.js";
import { dayScreen, orderScreen, queueScreen, skipScreen, stepScreen, toolScreen, updateNote } from "./screens.js";
import { t } from "./words.js";

const screen = document.getElementById("field");
const head = document.getElementById("head");
const foot = document.getElementById("foot");
const POLL = 60_000;

// --- what was asked for ----------------------------------------------------------------------------------------------

function asked() {
  const [, kind = "", number = "", sort = "", code = ""] = location.hash.split("/").map(decodeURIComponent);
  if (kind === "queue") return { make: queueScreen, isLive: true };
  if (kind !== "o") return { make: dayScreen, isLive: true };
  if (sort === "s") return { make: () => stepScreen(number, code) };
  if (sort === "k") return { make: () => skipScreen(number, code) };
  if (sort === "t") return { make: () => toolScreen(number, code) };
  return { make: () => orderScreen(number), isLive: true };
}

// --- the bar of the queue, on every screen -----------------------------------------------------------------------------

function syncWords() {
  const n = queue.waiting().length;
  const bad = queue.bad().length;
  if (state.problem === "signed_out") return ["bad", "lock", n ? t("sync_signedOut", { n }) : t("sync_signedOut0")];
  if (state.problem === "update") return ["risk", "refresh", t("sync_update", { n })];
  if (state.problem === "offline") return ["risk", "wifi-off", n ? t("sync_offline", { n }) : t("sync_offline0")];
  if (state.problem === "server" && n) return ["risk", "upload", t("sync_server", { n })];
  if (n) return ["accent", "upload", state.isSending ? t("sync_sending", { n }) : t("sync_waiting", { n })];
  if (bad) return ["bad", "alert-triangle", t("sync_bad", { n: bad })];
  return ["ok", "circle-check", t("sync_ok")];
}

const barWords = h("span", { "aria-live": "polite" });
const bar = h("a", { class: "f-sync", href: "#/queue" });
function drawBar() {
  const [tone, name, words] = syncWords();
  if (bar.dataset.tone === tone && barWords.textContent === words) return;
  bar.dataset.tone = tone;
  barWords.textContent = words;
  bar.replaceChildren(icon(name), barWords, icon("chevron-right"));
}

// --- drawing -----------------------------------------------------------------------------------------------------------

let shown = "";
let turn = 0;
let live = null;
let signature = "";

// What a live screen shows; it is drawn again only when this changed.
const face = () => JSON.stringify([state.dayAt, state.problem, state.hasUpdate, state.isForbidden, state.isRead, document.documentElement.lang, state.items.map((item) => [item.seq, item.state])]);

async function draw({ keepsPlace = false } = {}) {
  const mine = (turn += 1);
  const place = scrollY;
  const { make, isLive = false } = asked();
  const made = await make();
  if (mine !== turn) return;
  live = isLive;
  signature = face();
  const open = keepsPlace ? [...screen.querySelectorAll("details")].map((one) => one.open) : [];
  head.replaceChildren(...[
    made.back ? h("a", { class: "f-back", href: made.back, "aria-label": t("back") }, icon("chevron-left")) : h("img", { class: "f-mark", src: document.body.dataset.mark, alt: "", width: 28, height: 28 }),
    h("div", { class: "f-title" }, h("h1", { tabIndex: -1 }, made.title), made.subtitle && h("p", {}, made.subtitle)),
    h("a", { class: "f-back", href: "#/queue", "aria-label": t("queue") }, icon("menu-2")),
  ]);
  document.title = `${made.title} · ${t("app")}`;
  const content = [made.isHome && updateNote(), made.body].flat(Infinity).filter((one) => one != null && one !== false && one !== "");
  screen.replaceChildren(...(made.progress ? [h("progress", { class: "f-progress", max: 1, value: made.progress, "aria-label": made.subtitle })] : []), ...content);
  const buttons = (made.primary ?? []).filter(Boolean);
  foot.replaceChildren(bar, ...(buttons.length ? [h("div", { class: "f-actions" }, buttons)] : []));
  if (keepsPlace) {
    [...screen.querySelectorAll("details")].forEach((one, at) => { if (at < open.length) one.open = open[at]; });
    scrollTo(0, place);
  } else if (shown !== location.hash) {
    scrollTo(0, 0);
    if (shown) head.querySelector("h1").focus({ preventScroll: true });
  }
  if (shown !== location.hash) state.cameFrom = shown;
  shown = location.hash;
  document.body.dataset.shown = shown;
  drawBar();
  maybeUpdate();
}

onChange(() => {
  drawBar();
  if (live && face() !== signature) draw({ keepsPlace: true });
  maybeUpdate();
});
addEventListener("hashchange", () => draw());

// --- new versions ------------------------------------------------------------------------------------------------------

let registration = null;
let mayReload = false;

state.update = async () => {
  mayReload = true;
  if (!registration) return location.reload();
  if (!registration.waiting) await registration.update().catch(() => {});
  if (registration.waiting) registration.waiting.postMessage("take-over");
  else if (state.problem === "update") location.reload();
};

// By itself only where nothing can be lost: on the list, with everything uploaded, before anything was begun on this page.
function maybeUpdate() {
  if (state.hasUpdate && !mayReload && asked().make === dayScreen && state.isRead && !queue.waiting().length && document.hidden) state.update();
}

async function keepOffline() {
  if (!("serviceWorker" in navigator)) return;
  const had = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (!had && !mayReload) return;  // the first version takes the page it belongs to
    location.reload();  // all that was entered is in the store: drafts, entries, photos
  });
  registration = await navigator.serviceWorker.register("sw.js", { scope: "./" });
  const look = () => { state.hasUpdate = Boolean(registration.waiting && navigator.serviceWorker.controller); if (live) draw({ keepsPlace: true }); };
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", look));
  look();
  setInterval(() => registration.update().catch(() => {}), 15 * 60_000);
}

// --- begin -------------------------------------------------------------------------------------------------------------

setInterval(() => { drawBar(); if (!document.hidden && navigator.onLine) refreshDay(); }, POLL);
addEventListener("online", () => refreshDay());
document.addEventListener("visibilitychange", () => { if (!document.hidden) refreshDay(); else maybeUpdate(); });

keepOffline().catch((error) => console.error(error));
await begin();
await draw();
performance.mark("field-shown");
await refreshDay();
queue.run();

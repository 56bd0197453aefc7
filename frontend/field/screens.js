// What is shown: the day, one order, one step, the queue. Each screen is a function that returns elements.
import { changed, queue, record, refreshDay, state, understood } from "./app.js";
import { fieldOf, guarded, keptForm, photoBox, sayMissing } from "./forms.js";
import { button, h, icon, link, toast } from "./page.js";
import { TOOLS } from "./tools.js";
import { clockTime, dateText, dayKey, lengthText, nearTime, now, todayAt } from "./times.js";
import { badOf, doneOf, hasSafety, isOver, isSafetyAsked, missing, missingAt, nameOf, nextStep, outOfWarranty, partsOf, photosWanted, resultOf, setOf, standardOf, stateOf, stepFor, stepsOf } from "./visit.js";
import { has, languageNow, speak, t, words } from "./words.js";

const at = (order) => `#/o/${encodeURIComponent(order.number)}`;
// What is offered has the number of its case; accepted, it is a work order with a number below it, and its screen stays.
export const orderOf = (number) => state.day?.orders.find((order) => order.number === number)
  ?? state.day?.orders.find((order) => order.number.startsWith(`${number}-`));

// A form stays while the day is read anew; what was sent until then is told by the new day, and no longer kept beside it.
const orderNow = (drawn) => orderOf(drawn.number) ?? drawn;
const go = (hash) => { location.hash = hash; };
const word = (prefix, code, fallback = code) => (has(prefix + code) ? t(prefix + code) : fallback);
const quiet = (...children) => h("p", { class: "f-quiet" }, children);
const note = (tone, name, ...children) => h("div", { class: "f-note", "data-tone": tone, role: tone === "bad" ? "alert" : "status" }, icon(name), h("div", { class: "f-grow" }, children));

const TONES = { offered: "risk", on_the_way: "accent", arrived: "accent", done: "ok", unfinished: "risk", cancelled: "grey", gone: "grey" };
const ICONS = { offered: "hand-grab", accepted: "check", on_the_way: "route", arrived: "tools", done: "circle-check", unfinished: "player-pause", cancelled: "circle-x", gone: "user-share" };
const badge = (is) => h("span", { class: "f-badge", "data-tone": TONES[is] ?? "grey" }, icon(ICONS[is] ?? "point"), word("state_", is));

function clockNote(order, is) {
  if (isOver(is)) return null;
  const until = is === "offered" ? order.offer?.answer_by : is === "arrived" ? null : order.promised_until;
  if (!until) return null;
  const left = Date.parse(until) - now();
  const tone = left < 0 ? "bad" : left < 30 * 60_000 ? "risk" : "grey";
  return h("span", { class: "f-clock", "data-tone": tone }, icon(left < 0 ? "flame" : "clock"), t(left < 0 ? "over" : "left", { time: lengthText(left) }));
}

const windowText = (order, isOfDay = false) => (order.window ? t("window", { from: (isOfDay ? clockTime : nearTime)(order.window.from), to: clockTime(order.window.to) }) : "");

// --- the day ---------------------------------------------------------------------------------------------------------

/** An order in a list; `isOfDay` when the list's head tells its day. */
function card(order, isOfDay) {
  const is = stateOf(order, state.items, state.day);
  const bad = badOf(state.items, order.number).length;
  const waiting = state.items.filter((item) => item.order === order.number && item.state === "waiting").length;
  return h("li", {}, h("a", { class: "f-card", href: at(order), "data-state": is },
    h("span", { class: "f-card-top" }, order.window && h("strong", {}, windowText(order, isOfDay)), badge(is), clockNote(order, is)),
    h("span", { class: "f-card-subject" }, order.subject || word("type_", order.service_type)),
    h("span", { class: "f-card-place" }, icon("map-pin"), order.customer?.address || t("dashed")),
    h("span", { class: "f-card-foot" }, h("span", {}, [order.customer?.name, order.device?.model].filter(Boolean).join(" · ")), waiting ? h("span", { class: "f-badge", "data-tone": "risk" }, icon("upload"), String(waiting), h("span", { class: "f-hidden" }, t("waiting"))) : null, bad ? h("span", { class: "f-badge", "data-tone": "bad" }, icon("alert-triangle"), t("sync_bad", { n: bad })) : null)));
}

export function dayScreen() {
  const { day } = state;
  if (state.isForbidden && !day) return { title: t("app"), body: [note("risk", "lock", t("notEngineer"), h("p", {}, link(t("desk"), "/")))] };
  if (!day) return { title: t("app"), body: [state.problem === "offline" ? note("risk", "wifi-off", t("noDay")) : state.problem === "signed_out" ? signedOut() : h("p", { class: "f-quiet f-wait", role: "status" }, t("loading"))] };
  const today = dayKey(now());
  const tomorrow = dayKey(now() + 86_400_000);
  const groups = { offers: [], earlier: [], today: [], tomorrow: [], later: [], done: [] };
  for (const order of day.orders) {
    const is = stateOf(order, state.items, state.day);
    const on = order.window ? dayKey(order.window.from) : today;
    const group = is === "offered" ? "offers" : isOver(is) && is !== "gone" ? "done" : on < today ? "earlier" : on === today ? "today" : on === tomorrow ? "tomorrow" : "later";
    groups[group].push(order);
  }
  const heads = { offers: t("state_offered"), earlier: t("earlier"), today: `${t("today")} ${dateText(now())}`, tomorrow: t("tomorrow"), later: t("later"), done: t("finished") };
  const lists = Object.entries(groups).filter(([, orders]) => orders.length).map(([group, orders]) => h("section", { class: "f-group" }, h("h2", {}, heads[group], h("span", { class: "f-count" }, orders.length)),
    h("ul", { class: "f-cards" }, orders.sort((a, b) => (a.window?.from ?? "").localeCompare(b.window?.from ?? "")).map((order) => card(order, group === "tomorrow")))));
  return { title: t("app"), isHome: true, body: [
    notices(),
    ...(lists.length ? lists : [h("div", { class: "f-empty" }, icon("calendar"), h("p", {}, t("empty")))]),
    h("p", { class: "f-quiet f-foot" }, t("updatedAt", { at: clockTime(state.dayAt + state.offset) }), " ", button(t("refresh"), () => { refreshDay(); queue.now(); }, { icon: "refresh", kind: "f-plain" })),
  ] };
}

/** A phone that keeps nothing yet is new here; on any other the sign-in has run out. */
function signedOut() {
  const isNew = !state.day && !state.items.length;
  return note(isNew ? "accent" : "bad", "lock", h("p", {}, t(isNew ? "signedOutFirst" : "signedOutWords")), link(t(isNew ? "signIn" : "signInAgain"), document.body.dataset.login, { kind: "f-primary", icon: "lock-open" }));
}

/** What a person must know on every list: signed out, other people's records, a wrong clock, little room. */
export function notices() {
  const others = new Map();
  for (const item of state.items) if (item.engineer !== state.engineer && item.state === "waiting") others.set(item.engineer, (others.get(item.engineer) ?? 0) + 1);
  return h("div", { class: "f-notices" },
    state.problem === "signed_out" && signedOut(),
    [...others].map(([name, n]) => note("risk", "user-share", t("othersItems", { name, n }))),
    Math.abs(state.offset) > 5 * 60_000 && note("risk", "clock-off", t("timeFlag", { time: lengthText(state.offset) })),
    state.room.quota > 0 && state.room.usage > 0.9 * state.room.quota && note("risk", "database", t("fullSoon")),
    state.isForbidden && note("risk", "lock", t("notEngineer")));
}

// --- one order -------------------------------------------------------------------------------------------------------

function contactLinks(order) {
  const { phone, address, latitude, longitude } = order.customer ?? {};
  const apple = /iPhone|iPad|Macintosh/.test(navigator.userAgent);
  const query = encodeURIComponent(address ?? "");
  const map = latitude == null ? `geo:0,0?q=${query}` : `geo:${latitude},${longitude}?q=${latitude},${longitude}(${query})`;
  const appleMap = latitude == null ? `https://maps.apple.com/?q=${query}` : `https://maps.apple.com/?ll=${latitude},${longitude}&q=${query}`;
  const isMasked = !phone || /[*•]/.test(phone);
  return h("div", { class: "f-row f-two" },
    isMasked ? h("span", { class: "f-button", "aria-disabled": "true" }, icon("phone"), h("span", {}, phone || t("phoneHidden"))) : link(t("call"), `tel:${phone}`, { icon: "phone" }),
    address && link(t("map"), apple ? appleMap : map, { icon: "map-pin" }));
}

const facts = (...rows) => h("dl", { class: "f-facts" }, rows.filter(([, value]) => value != null && value !== "").map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));

function warrantyText(order) {
  const out = outOfWarranty(order);
  return out == null ? t("warrantyUnknown") : out ? t("outOfWarranty") : order.device?.warranty_until ? t("warranty", { on: order.device.warranty_until }) : t("inWarranty");
}

function problemsOf(order) {
  const bad = badOf(state.items, order.number);
  if (!bad.length) return null;
  return h("section", { class: "f-section", id: "problems" }, h("h2", {}, t("problems")), quiet(t("problemsWords")), bad.map((item) => problem(item)),
    button(t("understood"), async () => { await guarded(() => understood(bad)); }, { icon: "check" }));
}

function problem(item) {
  const standard = orderOf(item.order) ? standardOf(state.day, orderOf(item.order)) : state.day?.standard;
  const step = standard?.steps.find((one) => one.code === item.data.code);
  return note("bad", "alert-triangle", h("strong", {}, [word("kind_", item.kind), step && nameOf(step)].filter(Boolean).join(" · ")), h("p", {}, item.message || t("failed")), Object.values(item.fields ?? {}).map((text) => h("p", {}, String(text))), h("small", {}, t("problemAt", { at: nearTime(item.at) })));
}

function stepRow(order, step, place, is, isNext) {
  const state_ = is ? (is.state === "skipped" ? "skipped" : "done") : isNext ? "next" : "open";
  const foot = is?.state === "skipped" ? t("skipped") : is?.at ? clockTime(is.at) : "";
  return h("li", {}, h("a", { class: "f-step-row", href: `${at(order)}/s/${step.code}`, "data-state": state_, "aria-current": isNext ? "step" : null },
    h("span", { class: "f-step-mark" }, state_ === "done" ? icon("check", t("done")) : state_ === "skipped" ? icon("arrow-right", t("skipped")) : String(place)), h("span", { class: "f-grow" }, nameOf(step)), is?.isWaiting && icon("upload", t("waiting")), foot && h("small", {}, foot)));
}

function phases(order) {
  const { day, items } = state;
  const standard = standardOf(day, order);
  const steps = stepsOf(day, order);
  const done = doneOf(day, order, items);
  const next = nextStep(day, order, items);
  return h("section", { class: "f-section" }, h("h2", {}, t("stepsN"), h("span", { class: "f-count" }, t("phaseDone", { n: steps.filter((step) => done.has(step.code)).length, all: steps.length }))),
    standard.phases.map((phase) => {
      const here = steps.filter((step) => step.phase === phase.code);
      if (!here.length) return null;
      const n = here.filter((step) => done.has(step.code)).length;
      return h("details", { class: "f-phase", open: next?.phase === phase.code }, h("summary", {}, h("span", { class: "f-grow" }, nameOf(phase)), h("span", { class: "f-count", "data-tone": n === here.length ? "ok" : "" }, t("phaseDone", { n, all: here.length })), icon("chevron-down")),
        h("ol", { class: "f-steps" }, here.map((step) => stepRow(order, step, placeOf(step, steps), done.get(step.code), step === next))));
    }));
}

const toolLink = (order, tool, name, text) => h("a", { class: "f-tool", href: `${at(order)}/t/${tool}` }, icon(name), h("span", {}, text));

// The numbers of the standard: people of the trade say "step 19".
const placeOf = (step, steps) => step.place ?? steps.indexOf(step) + 1;
const lastPlace = (standard) => Math.max(...standard.steps.map((step, at) => step.place ?? at + 1));

export function orderScreen(number) {
  const order = orderOf(number);
  if (!order) return lost();
  const { day, items } = state;
  const is = stateOf(order, items, day);
  const isTaken = Boolean(order.offer) && is !== "offered";  // accepted here; the order is made where it is accepted
  const steps = isOver(is) || order.offer ? [] : stepsOf(day, order);
  const next = steps.length ? nextStep(day, order, items) : null;
  const used = partsOf(order, items);
  let primary = null;
  if (is === "offered") primary = [button(t("refuse"), () => go(`${at(order)}/t/offer_refuse`), { icon: "x" }), button(t("accept"), () => accept(order), { kind: "f-primary", icon: "check" })];
  else if (next) primary = [link(`${placeOf(next, steps)} ${nameOf(next)}`, `${at(order)}/s/${next.code}`, { kind: "f-primary f-wide", icon: "arrow-right" })];
  else if (!isOver(is) && !isTaken) primary = [link(t("finish"), `${at(order)}/t/finish`, { kind: "f-primary f-wide", icon: "check" })];
  return { title: order.number, subtitle: order.subject, back: "#/", primary, body: [
    h("section", { class: "f-hero" }, h("div", { class: "f-card-top" }, order.window && h("strong", {}, windowText(order)), badge(is), clockNote(order, is)), order.promised_until && !isOver(is) && quiet(t("promised", { at: nearTime(order.promised_until) })), is === "offered" && order.offer?.answer_by && quiet(t("answerBy", { at: nearTime(order.offer.answer_by) }))),
    (order.isGone || is === "cancelled") && note("risk", "user-share", t("gone")),
    isTaken && is === "accepted" && note("accent", "upload", t("acceptedWaits")),
    problemsOf(order),
    setSection(order),
    h("section", { class: "f-section" }, h("h2", {}, order.customer?.name ?? t("customer")), h("p", {}, icon("map-pin"), " ", order.customer?.address ?? t("dashed")), contactLinks(order)),
    h("section", { class: "f-section" }, h("h2", {}, t("need")), h("p", { class: "f-pre" }, order.description || order.subject),
      facts([t("service"), word("type_", order.service_type, "")], [t("device"), order.device?.model], [t("serial"), order.device?.serial]),
      h("p", { class: "f-tags" }, h("span", { class: "f-badge", "data-tone": outOfWarranty(order) ? "risk" : "grey" }, icon("shield"), warrantyText(order)), order.device?.genuine === false && h("span", { class: "f-badge", "data-tone": "bad" }, t("notGenuine")))),
    h("details", { class: "f-section f-phase" }, h("summary", {}, h("span", { class: "f-grow" }, t("history")), h("span", { class: "f-count" }, order.history?.length ?? 0), icon("chevron-down")),
      order.history?.length ? h("ul", { class: "f-history" }, order.history.map(pastWork)) : quiet(t("noHistory"))),
    !isOver(is) && !order.offer && [
      phases(order),
      used.length > 0 && h("section", { class: "f-section" }, h("h2", {}, t("partUsed")), h("ul", { class: "f-history" }, used.map((one) => h("li", {}, nameOf((day.parts ?? []).find((part) => part.code === (one.part ?? one.code))) || one.part || one.code, h("small", {}, [one.new_serial, one.isWaiting && t("waiting")].filter(Boolean).join(" · ")))))),
      h("section", { class: "f-section" }, h("h2", {}, t("tools")), h("div", { class: "f-tools" },
        toolLink(order, "part_used", "package", t("parts")), toolLink(order, "part_missing", "truck", t("partMissing")), toolLink(order, "safety", "shield-check", t("safety")),
        toolLink(order, "information", "bulb", t("information")), toolLink(order, "note", "note", t("notes")), toolLink(order, "outcome", "clipboard-check", t("outcome")), toolLink(order, "finish", "check", t("finish")))),
    ],
    isOver(is) && is !== "gone" && [note(is === "done" ? "ok" : "risk", ICONS[is], is === "done" ? t("readOnlyDone") : word("state_", is), resultOf(order, items) && h("p", {}, word("result_", resultOf(order, items)))), h("div", { class: "f-tools" }, toolLink(order, "information", "bulb", t("information")), toolLink(order, "note", "note", t("notes")))],
  ] };
}

// A set is one visit with an order for each device: where the others are, and how far.
function setSection(order) {
  const set = setOf(state.day, order);
  if (set.length < 2) return null;
  return h("section", { class: "f-section f-set" }, h("h2", {}, t("set"), h("span", { class: "f-count" }, set.length)), quiet(t("setHint")),
    h("ul", { class: "f-history" }, set.map((one) => h("li", { "aria-current": one.number === order.number ? "true" : null },
      one.number === order.number ? h("strong", {}, one.device?.model || one.number) : h("a", { href: at(one) }, one.device?.model || one.number),
      h("small", {}, one.device?.serial ?? ""), " ", badge(stateOf(one, state.items, state.day))))));
}

function pastWork(one) {
  if (typeof one === "string") return h("li", {}, one);
  return h("li", {}, [words(one.fault) || word("type_", one.service_type, one.number), one.part].filter(Boolean).join(" · "), h("small", {}, [one.at && dateText(one.at), one.number].filter(Boolean).join(" · ")));
}

function lost() {
  return { title: t("home"), back: "#/", body: [note("accent", "info-circle", t("notHere"))] };
}

async function accept(order) {
  const done = await guarded(() => record(order, [["offer_accept", { offer: order.offer.id }]]));
  if (done) toast(t("saved"), "ok");
}

// --- one step --------------------------------------------------------------------------------------------------------

function conduct(standard, step, sign) {
  const told = sign === "do" ? step.dos : step.donts;
  return told ?? (standard.conduct ?? []).filter((rule) => rule.step === step.code && rule.sign === sign).map((rule) => rule.label);
}

function advice(standard, step) {
  const row = (sign, text) => h("li", { "data-sign": sign }, icon(sign === "do" ? "thumb-up" : "hand-stop", sign === "do" ? t("dos") : t("donts")), h("span", {}, words(text)));
  return h("div", { class: "f-advice" }, step.hint && h("p", {}, icon("bulb"), h("span", {}, words(step.hint))),
    h("ul", {}, conduct(standard, step, "do").map((text) => row("do", text)), conduct(standard, step, "dont").map((text) => row("dont", text))));
}

const TAKES_PHOTOS = ["diagnosis", "charge"];

// Clock times are typed as 15:30 and sent as instants of today.
const sent = (field, value) => (field.type === "time" && /^\d\d:\d\d$/.test(value ?? "") ? todayAt(value) : value);
const shownRecords = (step, records = {}) => Object.fromEntries(Object.entries(records).map(([name, value]) => [name, step.records.find((field) => field.name === name)?.type === "time" && value.length > 5 ? clockTime(value) : value]));

export async function stepScreen(number, code) {
  const order = orderOf(number);
  if (!order) return lost();
  const { day, items } = state;
  const standard = standardOf(day, order);
  const steps = stepsOf(day, order);
  const step = steps.find((one) => one.code === code);
  if (!step) return lost();
  const place = placeOf(step, steps);
  const done = doneOf(day, order, items);
  const is = done.get(code);
  const key = `${number}/${code}`;
  const form = await keptForm(key, { ...shownRecords(step, is?.records), evidence: [...(is?.evidence ?? [])] });
  const { values } = form;
  const kind = step.entry && step.entry !== "offer_accept" && TOOLS[step.entry] ? step.entry : null;
  const tool = kind ? TOOLS[kind]({ order, form, step }) : { body: [], covers: [] };
  const fields = step.records.filter((field) => !tool.covers.includes(field.name));
  const wanted = photosWanted(step, order, items, done);
  const asksPhotos = wanted > 0 || tool.hasPhotos || (step.evidence ?? []).some((one) => one.kind === "photo");
  const photoIds = tool.hasPhotos ? (values.photos ??= []) : values.evidence;
  const missingBox = h("div", { class: "f-missing" });
  const withSafety = standard.safety?.step === code && isSafetyAsked(standard.safety, order);
  const safetyDone = hasSafety(day, order, items);
  const used = partsOf(order, items);
  const submit = async (event) => {
    event?.preventDefault();
    const given = tool.collect ? await tool.collect() : { data: {} };
    const now = orderNow(order);
    const records = Object.fromEntries(fields.map((field) => [field.name, sent(field, values[field.name])]).filter(([, value]) => value != null && value !== ""));
    const known = { order: now, items: state.items, done: doneOf(state.day, now, state.items) };
    const said = [...missingAt({ ...step, records: fields }, { ...known, records, photos: tool.hasPhotos ? 99 : photoIds.length }), ...(given.missing ?? [])];
    if (withSafety && !hasSafety(state.day, now, state.items)) said.push(t("missingSafety"));
    if (said.length) return sayMissing(missingBox, said);
    const evidence = tool.hasPhotos ? {} : { evidence: [...photoIds] };
    const entries = kind ? [[kind, { ...given.data, ...records, ...(photoIds.length && TAKES_PHOTOS.includes(kind) ? evidence : {}) }]] : [["step", { code, records, ...evidence }]];
    // Other kinds carry no photos: the step itself brings them.
    if (kind && photoIds.length && !tool.hasPhotos && !TAKES_PHOTOS.includes(kind)) entries.push(["step", { code, records: Object.fromEntries(step.records.map((field) => [field.name, sent(field, given.data[field.name] ?? values[field.name])]).filter(([, value]) => value != null && value !== "")), ...evidence }]);
    form.stop();
    const kept = await guarded(() => record(order, entries, { photos: given.photos, forget: [key] }), missingBox);
    if (!kept) return null;
    toast(t("saved"), "ok");
    const next = nextStep(state.day, orderNow(order), state.items);
    return go(next && next.code !== code ? `${at(order)}/s/${next.code}` : at(order));
  };
  const label = is ? t("stepAgain") : kind === "set_out" ? t("setOutNow") : kind === "arrive" ? t("arriveNow") : kind === "charge" ? t("chargeTake") : kind === "signature" ? t("signSave") : kind === "information" ? t("infoSend") : t("stepDone");
  return { title: `${place} ${nameOf(step)}`, subtitle: `${t("stepOf", { n: place, all: lastPlace(standard) })} · ${nameOf(standard.phases.find((one) => one.code === step.phase))}`, back: at(order), progress: place / lastPlace(standard), form: submit,
    primary: [!is && (step.skips ?? step.skip_reasons ?? []).length > 0 && link(t("skip"), `${at(order)}/k/${code}`, { kind: "f-plain" }), button(label, submit, { kind: "f-primary", icon: "check" })],
    body: [
      is && note(is.state === "skipped" ? "risk" : "ok", is.state === "skipped" ? "arrow-right" : "circle-check", `${t(is.state === "skipped" ? "skipped" : "done")} ${is.at ? nearTime(is.at) : ""}`, is.isWaiting && ` · ${t("waiting")}`),
      advice(standard, step),
      h("div", { class: "f-form" },
        withSafety && toolLink(order, "safety", safetyDone ? "circle-check" : "shield-check", `${t("safety")}${safetyDone ? ` · ${t("done")}` : ""}`),
        (step.evidence ?? []).some((one) => one.required_when === "part_used") && toolLink(order, "part_used", "package", `${t("parts")}${used.length ? ` · ${used.length}` : ""}`),
        tool.body, fields.map((field) => fieldOf(field, values, form.changed)), asksPhotos && photoBox({ order, ids: photoIds, wanted, purpose: code, changed: form.changed }), missingBox),
    ] };
}

export async function skipScreen(number, code) {
  const order = orderOf(number);
  if (!order) return lost();
  const standard = standardOf(state.day, order);
  const step = stepsOf(state.day, order).find((one) => one.code === code);
  const codes = step.skips ?? step.skip_reasons ?? [];
  const reasons = codes.map((one) => (typeof one === "object" ? one : (standard.skip_reasons ?? []).find((reason) => reason.code === one) ?? { code: one, label: one }));
  const key = `${number}/${code}/skip`;
  const form = await keptForm(key);
  const missingBox = h("div", {});
  const submit = async () => {
    if (!form.values.reason) return sayMissing(missingBox, [t("skipWhy")]);
    form.stop();
    const kept = await guarded(() => record(order, [["skip", { code, reason: form.values.reason, note: form.values.note ?? "" }]], { forget: [key, `${number}/${code}`] }), missingBox);
    if (!kept) return null;
    const next = nextStep(state.day, orderNow(order), state.items);
    return go(next ? `${at(order)}/s/${next.code}` : at(order));
  };
  return { title: nameOf(step), subtitle: t("skip"), back: `${at(order)}/s/${code}`, form: submit, primary: [button(t("skip"), submit, { kind: "f-primary", icon: "arrow-right" })], body: [
    h("div", { class: "f-form" }, fieldOf({ type: "choice", name: "reason", label: t("skipWhy"), required: true, choices: reasons.map((one) => ({ code: one.code, label: one.label ?? one.name })) }, form.values, form.changed), fieldOf({ type: "text", name: "note", label: t("noteOptional") }, form.values, form.changed), missingBox)] };
}

// --- tools -----------------------------------------------------------------------------------------------------------

const TOOL_TITLES = { part_used: "partUse", part_missing: "partMissing", safety: "safety", information: "information", note: "notes", outcome: "outcome", diagnosis: "diagnosis", charge: "charge", signature: "signature" };
const TOOL_BUTTONS = { part_used: "partUse", part_missing: "partOrder", information: "infoSend", note: "noteSave", outcome: "outcomeSave", charge: "chargeTake", signature: "signSave" };

export async function toolScreen(number, name) {
  const order = orderOf(number);
  if (!order) return lost();
  if (name === "finish") return finishScreen(order);
  if (name === "offer_refuse") return refuseScreen(order);
  const step = stepFor(state.day, order, name);
  if (step && name !== "information") return stepScreen(number, step.code);
  if (!TOOLS[name]) return lost();
  const key = `${number}/tool/${name}`;
  const form = await keptForm(key);
  const tool = TOOLS[name]({ order, form });
  const missingBox = h("div", {});
  const photoIds = tool.hasPhotos ? (form.values.photos ??= []) : null;
  const submit = async () => {
    const given = await tool.collect();
    if (given.missing?.length) return sayMissing(missingBox, given.missing);
    form.stop();
    const kept = await guarded(() => record(order, [[name, given.data]], { photos: given.photos, forget: [key] }), missingBox);
    if (!kept) return null;
    toast(t("saved"), "ok");
    return go(state.cameFrom?.startsWith(at(order)) ? state.cameFrom : at(order));
  };
  return { title: t(TOOL_TITLES[name]), subtitle: order.number, back: at(order), form: submit, primary: [button(t(TOOL_BUTTONS[name] ?? "save"), submit, { kind: "f-primary f-wide", icon: "check" })],
    body: [h("div", { class: "f-form" }, tool.body, photoIds && photoBox({ order, ids: photoIds, wanted: 0, purpose: name, changed: form.changed }), missingBox)] };
}

function finishScreen(order) {
  const found = missing(state.day, order, state.items);
  const result = resultOf(order, state.items);
  const bad = badOf(state.items, order.number);
  const missingBox = h("div", {});
  const submit = async () => {
    const kept = await guarded(() => record(order, [["finish", {}]]), missingBox);
    if (kept) { toast(t("finished"), "ok"); go("#/"); }
  };
  return { title: t("finish"), subtitle: order.number, back: at(order), primary: [button(t("finishNow"), submit, { kind: "f-primary f-wide", icon: "check", disabled: found.length > 0 })], body: [
    bad.length > 0 && note("bad", "alert-triangle", link(t("refusedHere", { n: bad.length }), at(order), { kind: "f-plain" })),
    found.length ? note("risk", "list-check", h("p", {}, t("finishMissing", { n: found.length }))) : note("ok", "circle-check", t("finishReady")),
    h("ul", { class: "f-todo" }, found.map((one) => h("li", {}, h("a", { class: "f-step-row", href: one.step ? `${at(order)}/s/${one.step}` : `${at(order)}/t/${one.tool}` }, h("span", { class: "f-grow" }, one.text), icon("chevron-right"))))),
    result && h("p", { class: "f-tags" }, h("span", { class: "f-badge", "data-tone": result === "not_fixed" ? "risk" : "ok" }, icon("clipboard-check"), word("result_", result)), link(t("outcome"), `${at(order)}/t/outcome`, { kind: "f-plain" })),
    missingBox,
  ] };
}

async function refuseScreen(order) {
  const key = `${order.number}/refuse`;
  const form = await keptForm(key);
  const missingBox = h("div", {});
  const told = order.offer?.reasons ?? state.day.refusals ?? [];
  const reasons = told.length ? told : ["no_skill", "no_part", "too_far", "other"].map((code) => ({ code, label: t(`refuse_${code}`) }));
  const submit = async () => {
    if (!form.values.reason) return sayMissing(missingBox, [t("refuseWhy")]);
    form.stop();
    const kept = await guarded(() => record(order, [["offer_refuse", { offer: order.offer?.id, reason: form.values.reason, note: form.values.note ?? "" }]], { forget: [key] }), missingBox);
    return kept ? go("#/") : null;
  };
  return { title: t("refuse"), subtitle: order.number, back: at(order), form: submit, primary: [button(t("refuse"), submit, { kind: "f-primary f-wide", icon: "x" })], body: [
    h("div", { class: "f-form" }, fieldOf({ type: "choice", name: "reason", label: t("refuseWhy"), required: true, choices: reasons.map((one) => ({ code: one.code, label: one.label ?? one.name })) }, form.values, form.changed), fieldOf({ type: "text", name: "note", label: t("noteOptional") }, form.values, form.changed), missingBox)] };
}

// --- the queue, and oneself ------------------------------------------------------------------------------------------

export function queueScreen() {
  const waiting = queue.waiting();
  const bad = queue.bad();
  const { usage, quota } = state.room;
  const megabytes = (bytes) => Math.round(bytes / 1_048_576);
  return { title: t("queue"), back: "#/", primary: waiting.length ? [button(t("tryNow"), () => queue.now(), { kind: "f-primary f-wide", icon: "upload" })] : null, body: [
    notices(), updateNote(),
    quiet(t("queueWords")),
    state.nextTry > Date.now() && waiting.length > 0 && quiet(t("nextTry", { time: `${Math.ceil((state.nextTry - Date.now()) / 1000)} s` })),
    waiting.length > 0 && h("section", { class: "f-section" }, h("h2", {}, t("waiting"), h("span", { class: "f-count" }, waiting.length)),
      h("ul", { class: "f-history" }, waiting.slice(0, 60).map((item) => h("li", {}, [word("kind_", item.kind), stepName(item)].filter(Boolean).join(" · "), h("small", {}, `${item.order} · ${nearTime(item.at)}`))))),
    bad.length > 0 && h("section", { class: "f-section" }, h("h2", {}, t("problems")), bad.map((item) => h("a", { href: `#/o/${encodeURIComponent(item.order)}`, class: "f-blank" }, problem(item)))),
    h("section", { class: "f-section" }, h("h2", {}, t("me")),
      facts([t("engineer"), state.day ? `${state.day.engineer.name} ${state.day.engineer.code}` : state.engineer], [t("storeAsk"), quota ? t("storeUsed", { used: megabytes(usage), all: megabytes(quota) }) : ""], [t("version"), document.body.dataset.version]),
      h("div", { class: "f-row f-two" },
        button(t("language"), () => { speak(languageNow() === "en" ? "zh" : "en"); changed(true); dispatchEvent(new Event("hashchange")); refreshDay(); }, { icon: "world", lang: languageNow() === "en" ? "zh-CN" : "en" }),
        button(t(themeNow()), () => { nextTheme(); dispatchEvent(new Event("hashchange")); }, { icon: "moon" }))),
  ] };
}

function stepName(item) {
  const code = item.data.code ?? item.data.purpose;
  const step = state.day?.standard.steps.find((one) => one.code === code);
  return step ? nameOf(step) : "";
}

const THEMES = ["auto", "light", "dark"];
const themeNow = () => document.documentElement.dataset.themeChoice || "auto";
function nextTheme() {
  const next = THEMES[(THEMES.indexOf(themeNow()) + 1) % THEMES.length];
  document.cookie = `theme=${next}; path=/; max-age=31536000; samesite=lax`;
  document.dispatchEvent(new Event("theme"));
}

/** What the page says about a new version: it never costs work. */
export function updateNote() {
  const waiting = queue.waiting().length;
  const must = state.problem === "update";
  if (!state.hasUpdate && !must) return null;
  if (must) return note("risk", "refresh", h("p", {}, t("updateMust")), button(t("updateNow"), () => state.update(), { kind: "f-primary", icon: "refresh" }));
  return waiting ? note("accent", "refresh", t("updateWaits", { n: waiting })) : note("accent", "refresh", h("p", {}, t("updateReady")), button(t("updateNow"), () => state.update(), { kind: "f-primary", icon: "refresh" }));
}

// What a visit looks like now: what the server knows, with what this phone recorded since laid over it. Pure functions.
import { t, words } from "./words.js";

const isGood = (item) => item.state === "waiting" || item.state === "sent";
export const nameOf = (one) => words(one?.name ?? one?.label) || one?.code || "";
export const mine = (items, number) => items.filter((item) => item.order === number);
export const entriesOf = (items, number, kind) => mine(items, number).filter((item) => item.type === "entry" && isGood(item) && (!kind || item.kind === kind));
export const badOf = (items, number) => mine(items, number).filter((item) => item.state === "refused" || item.state === "conflict");

/** The standard that this order's visit follows: the one it began with, else today's. */
export function standardOf(day, order) {
  const version = order.visit?.standard;
  if (version == null || version === day.standard.version) return day.standard;
  const older = [day.standards ?? []].flat().find((one) => one.version === version) ?? day.standards?.[version];
  return older ?? day.standard;
}

const isOut = (order) => (order.in_warranty == null ? outByDate(order) : !order.in_warranty);
function outByDate(order) {
  const until = order.device?.warranty_until;
  return until ? until < new Date().toISOString().slice(0, 10) : null;
}

/** True out of warranty, false in it, null when nobody knows. */
export const outOfWarranty = (order) => isOut(order);

function applies(step, order) {
  const { service_types: types = step.service_types, in_warranty: warranty = step.in_warranty } = step.applies ?? {};
  if (types?.length && !types.includes(order.service_type)) return false;
  const out = isOut(order);
  return warranty == null || out == null || warranty === !out;
}

export const stepsOf = (day, order) => standardOf(day, order).steps.filter((step) => (step.by ?? "engineer") === "engineer" && applies(step, order));
export const stepFor = (day, order, kind) => stepsOf(day, order).find((step) => step.entry === kind);

// One visit does all orders of a case: what is recorded at one of a set counts for the others, but what is the device's own.
const OWN = ["diagnosis", "charge", "part_used", "part_missing", "outcome", "finish"];
// Whether it is genuine is asked of each device of a set: the settlement asks it of each line.
const OWN_STEPS = ["genuine"];
const isOwn = (item) => OWN.includes(item.kind) || (["step", "skip"].includes(item.kind) && OWN_STEPS.includes(item.data.code));
export const setOf = (day, order) => (day?.orders ?? []).filter((one) => order.case_number && one.case_number === order.case_number && !one.offer);
function entriesOfVisit(day, order, items) {
  const set = new Set((day?.orders ?? []).filter((one) => order.case_number && one.case_number === order.case_number).map((one) => one.number));
  return items.filter((item) => item.type === "entry" && isGood(item) && (item.order === order.number || (set.has(item.order) && !isOwn(item)))).sort((a, b) => a.seq - b.seq);
}

function recordsOf(item) {
  const { records, evidence, code, ...fields } = item.data;
  return { ...fields, ...records };
}

const skipCodes = (step) => (step.skips ?? step.skip_reasons ?? []).map((one) => one.code ?? one);
// Results that are themselves a reason to skip, where a step knows that reason.
const EXEMPTING = ["remote", "no_fault"];

/** Per step code: {state: done|skipped, isWaiting, at, records, evidence, reason}. */
export function doneOf(day, order, items) {
  const found = new Map();
  for (const [code, told] of Object.entries(order.visit?.done ?? {})) {
    const state = told.state === "skipped" || told.skipped || told.skip_reason ? "skipped" : "done";
    found.set(code, { ...told, state, at: told.at, records: told.records ?? {}, evidence: told.evidence ?? [], reason: told.reason ?? told.skip_reason });
  }
  const received = stepsOf(day, order).find((step) => step.entry === "offer_accept");
  if (received && !order.offer && !found.has(received.code)) found.set(received.code, { state: "done", at: null, records: {}, evidence: [] });
  const byKind = new Map();
  for (const step of stepsOf(day, order)) if (step.entry) byKind.set(step.entry, [...(byKind.get(step.entry) ?? []), step.code]);
  for (const item of entriesOfVisit(day, order, items)) {
    const base = { at: item.at, isWaiting: item.state === "waiting", records: recordsOf(item), evidence: item.data.evidence ?? [] };
    if (item.kind === "step") found.set(item.data.code, { ...base, state: "done" });
    else if (item.kind === "skip") found.set(item.data.code, { ...base, state: "skipped", reason: item.data.reason });
    else for (const code of byKind.get(item.kind) ?? []) found.set(code, { ...base, state: "done" });
  }
  return found;
}

const last = (list) => list[list.length - 1];

/** The state in one word: offered, accepted, on_the_way, arrived, unfinished, done, cancelled, gone. */
export function stateOf(order, items, day = null) {
  if (order.isGone) return "gone";
  if (order.state === "cancelled") return "cancelled";  // called off there, whatever was recorded here
  const local = last(entriesOfVisit(day, order, items).filter((item) => ["offer_accept", "offer_refuse", "set_out", "arrive", "finish"].includes(item.kind)));
  if (local) {
    if (local.kind === "finish") return resultOf(order, items) === "not_fixed" ? "unfinished" : "done";
    return { offer_accept: "accepted", offer_refuse: "gone", set_out: "on_the_way", arrive: "arrived" }[local.kind];
  }
  if (order.offer) return "offered";
  return { finished: "done", fixed: "done", closed: "done", dispatched: "accepted", moved: "accepted", running: "arrived", working: "arrived", visiting: "arrived", not_fixed: "unfinished" }[order.state] ?? order.state ?? "accepted";
}

export const isOver = (state) => ["done", "cancelled", "gone", "unfinished"].includes(state);
export const outcomeOf = (order, items) => last(entriesOf(items, order.number, "outcome"))?.data ?? order.visit?.outcome ?? null;
export function resultOf(order, items) {
  const outcome = outcomeOf(order, items);
  return outcome?.result ?? (typeof outcome === "string" ? outcome : "");
}

export function partsOf(order, items) {
  const told = (order.visit?.parts_used ?? order.visit?.parts ?? []).map((one) => ({ ...one, isWaiting: false }));
  const serials = new Set(told.map((one) => one.new_serial));
  return [...told, ...entriesOf(items, order.number, "part_used").filter((item) => !serials.has(item.data.new_serial)).map((item) => ({ ...item.data, isWaiting: item.state === "waiting" }))];
}

function holds(condition, order, items, done) {
  if (!condition) return true;
  if (condition === "part_used") return partsOf(order, items).length > 0;
  if (condition === "charged") return done.get("charge")?.state === "done";
  if (condition === "in_warranty") return isOut(order) === false;
  if (condition === "out_of_warranty") return isOut(order) === true;
  if (condition === "not_genuine") return [...done.values()].some((one) => one.records?.genuine === "no" || one.records?.genuine === false);
  return true;
}

/** How many photos a step asks for now. */
export function photosWanted(step, order, items, done) {
  return Math.max(0, ...(step.evidence ?? []).filter((one) => one.kind === "photo" && holds(one.required_when, order, items, done)).map((one) => one.least ?? 1));
}

/** What is missing at one step: sentences; `draft` is what the form holds now, without one what was recorded. */
export function missingAt(step, { order, items, done, records, photos }) {
  const said = [];
  const name = nameOf(step);
  for (const field of step.records ?? []) {
    const value = records[field.name];
    const isEmpty = value == null || value === "" || (field.type === "check" && value !== true);
    if (field.required && isEmpty) said.push(t("missingField", { name, field: words(field.label) }));
  }
  const wanted = photosWanted(step, order, items, done);
  if (photos < wanted) said.push(t("missingPhoto", { name, n: wanted - photos }));
  if ((step.evidence ?? []).some((one) => one.kind === "scan" && holds(one.required_when, order, items, done)) && !(step.records ?? []).some((field) => field.type === "scan" && records[field.name])) said.push(t("missingScan", { name }));
  return said;
}

/** Everything that stands between this visit and its end: [{text, step?, tool?}]. The server decides again. */
export function missing(day, order, items) {
  const done = doneOf(day, order, items);
  const found = [];
  if (!outcomeOf(order, items)) found.push({ text: t("missingOutcome"), tool: "outcome" });
  const result = resultOf(order, items);
  const arrival = stepsOf(day, order).find((step) => step.entry === "arrive");
  if (result && result !== "remote" && arrival && done.get(arrival.code)?.state !== "done") found.push({ text: t("missingArrive"), step: arrival.code });
  if (result === "not_fixed") return found;  // the steps are for the visit that mends it
  for (const step of stepsOf(day, order)) {
    const is = done.get(step.code);
    if (step.entry === "outcome" || is?.state === "skipped" || found.some((one) => one.step === step.code)) continue;
    const safety = standardOf(day, order).safety;
    if (safety?.step === step.code && isSafetyAsked(safety, order) && is && !hasSafety(day, order, items)) found.push({ text: t("missingSafety"), tool: "safety" });
    if (!is) {
      if (step.mandatory && !(EXEMPTING.includes(result) && skipCodes(step).includes(result))) found.push({ text: t("missingStep", { name: nameOf(step) }), step: step.code });
      continue;
    }
    if (!step.mandatory || !is.isWaiting) continue;
    const wanted = photosWanted(step, order, items, done);
    if (step.entry !== "signature" && is.evidence.length < wanted) found.push({ text: t("missingPhoto", { name: nameOf(step), n: wanted - is.evidence.length }), step: step.code });
  }
  return found;
}

export const isSafetyAsked = (safety, order) => !safety.service_types?.length || safety.service_types.includes(order.service_type);
export const hasSafety = (day, order, items) => entriesOfVisit(day, order, items).some((item) => item.kind === "safety") || Boolean(order.visit?.safety);

/** The next step to do, or null when all are done. */
export function nextStep(day, order, items) {
  const done = doneOf(day, order, items);
  return stepsOf(day, order).find((step) => !done.has(step.code) && !(step.phase === "after" && !step.mandatory)) ?? null;
}

/** Whether a socket is safe, by the policy's bounds: {isMeasured, isSafe, why: [sentences]}. */
export function judgeSafety(bounds, { voltage, earth_ohm: ohm, earth_ok: earthOk, socket_ok: socketOk }) {
  const low = bounds?.least_volt ?? 198;
  const high = bounds?.most_volt ?? 242;
  const most = bounds?.most_earth_ohm ?? 4;
  const why = [];
  if (voltage < low) why.push(t("voltageLow", { n: low }));
  if (voltage > high) why.push(t("voltageHigh", { n: high }));
  if (ohm != null ? ohm > most : earthOk === false) why.push(t("earthWhy"));
  if (socketOk === false) why.push(t("socketWhy"));
  return { isMeasured: Number.isFinite(voltage) && (earthOk != null || ohm != null) && socketOk != null, isSafe: !why.length, why, low, high, most };
}

// The parts of a visit that are more than fields: place, safety test, fault tree, parts, charge, signature, outcome, information.
// Each tool is {body, covers, collect}: its elements, the records it asks for itself, and what it gives or misses.
import { photoItem, state } from "./app.js";
import { fieldOf } from "./forms.js";
import { button, h, icon } from "./page.js";
import { fromCanvas } from "./photos.js";
import { scanField } from "./scan.js";
import { signaturePad } from "./signing.js";
import { clockTime, fromLocal, nearTime } from "./times.js";
import { judgeSafety, nameOf, outcomeOf, outOfWarranty, partsOf, standardOf } from "./visit.js";
import { has, languageNow, t, words } from "./words.js";

const money = (amount) => `¥${Number(amount).toLocaleString(languageNow() === "en" ? "en-GB" : "zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
const plain = (code) => code.replace(/\s+/g, "").toLowerCase();
const isSame = (one, other) => plain(one) === plain(other);
const field = (type, name, label, more = {}) => ({ type, name, label, ...more });
const named = (prefix, codes) => codes.map((code) => ({ code, label: t(`${prefix}${code}`) }));
const chosen = (list, prefix, codes) => (list?.length ? list.map((one) => ({ code: one.code, label: words(one.label ?? one.name) || (has(prefix + one.code) ? t(prefix + one.code) : one.code) })) : named(prefix, codes));

function setOut() {
  return { body: [], covers: ["at"], collect: () => ({ data: {} }) };
}

function arrive({ form }) {
  const { values } = form;
  const words_ = h("span", {}, values.latitude ? t("placeFound") : t("place"));
  const ask = h("button", { type: "button", class: "f-button", onclick: () => {
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      values.latitude = Number(coords.latitude.toFixed(6));
      values.longitude = Number(coords.longitude.toFixed(6));
      form.changed();
      words_.textContent = t("placeFound");
    }, () => { words_.textContent = t("placeFailed"); }, { timeout: 15_000, maximumAge: 60_000 });
  } }, icon("map-pin"), words_);
  return {
    body: navigator.geolocation ? [ask] : [], covers: [],
    collect: () => ({ data: values.latitude ? { latitude: values.latitude, longitude: values.longitude } : {} }),
  };
}

function contact({ form }) {
  return {
    body: [fieldOf(field("text", "text", t("contactText"), { required: true, rows: 3 }), form.values, form.changed)], covers: ["text"],
    collect: () => (form.values.text ? { data: { text: form.values.text } } : { missing: [t("requiredFields", { names: t("contactText") })] }),
  };
}

/** The electrical safety test: measured values, the rule's answer at once, and the signed risk when it is refused. */
export function safety({ order, form }) {
  const { values } = form;
  const bounds = standardOf(state.day, order).safety;
  const verdict = h("div", { role: "status" });
  const risk = fieldOf(field("check", "risk_signed", t("riskSign")), values, () => change());
  const readings = () => ({ voltage: values.voltage, earth_ohm: values.earth_ohm, earth_ok: values.earth_ok === "yes" ? true : values.earth_ok === "no" ? false : null, socket_ok: values.socket_ok === "yes" ? true : values.socket_ok === "no" ? false : null });
  function change() {
    form.changed();
    const judged = judgeSafety(bounds, readings());
    risk.hidden = !judged.isMeasured || judged.isSafe;
    verdict.replaceChildren(...(judged.isMeasured ? [h("div", { class: "f-note", "data-tone": judged.isSafe ? "ok" : "bad" }, icon(judged.isSafe ? "circle-check" : "hand-stop"), h("span", {}, judged.isSafe ? t("safetyPass") : t("safetyRefuse", { why: judged.why.join(languageNow() === "en" ? ", " : "、") })))] : []));
  }
  const { low, high } = judgeSafety(bounds, {});
  const fields = [
    field("number", "voltage", t("voltageRange", { low, high }), { unit: "V", required: true }),
    field("choice", "earth_ok", t("earth"), { required: true, choices: [{ code: "yes", label: t("earthOk") }, { code: "no", label: t("earthBad") }] }),
    field("number", "earth_ohm", t("ohm"), { unit: "Ω" }),
    field("choice", "socket_ok", t("socket"), { required: true, choices: [{ code: "yes", label: t("socketOk") }, { code: "no", label: t("socketBad") }] }),
  ];
  const body = [h("p", { class: "f-quiet" }, words(bounds?.hint) || t("safetyHow")), ...fields.map((one) => fieldOf(one, values, change)), verdict, risk];
  change();
  return {
    body, covers: ["voltage", "earth_ohm", "earth_ok", "socket_ok", "risk_signed"],
    collect() {
      const read = readings();
      const judged = judgeSafety(bounds, read);
      const empty = [!Number.isFinite(read.voltage) && t("voltage"), read.earth_ok == null && read.earth_ohm == null && t("earth"), read.socket_ok == null && t("socket")].filter(Boolean);
      if (empty.length) return { missing: [t("requiredFields", { names: empty.join(" / ") })] };
      if (!judged.isSafe && values.risk_signed !== true) return { missing: [t("riskSign")] };
      const data = { voltage: read.voltage, socket_ok: read.socket_ok, risk_signed: values.risk_signed === true };
      if (read.earth_ok != null) data.earth_ok = read.earth_ok;
      if (read.earth_ohm != null) data.earth_ohm = read.earth_ohm;
      return { data };
    },
  };
}

/** The tree of faults of the order's product line; a leaf is chosen. */
export function diagnosis({ order, form }) {
  const { values } = form;
  const inside = (fault) => fault.children ?? fault.faults ?? [];
  const roots = (state.day.faults ?? []).filter((fault) => !fault.product_line || !order.product_line || fault.product_line === order.product_line);
  const find = (list, path = []) => list.flatMap((fault) => (fault.code === values.fault_code ? [[...path, fault]] : find(inside(fault), [...path, fault])));
  let path = find(roots)[0]?.slice(0, -1) ?? [];
  const box = h("div", { class: "f-tree", "aria-label": t("faultWhere") });
  const draw = () => {
    const here = path.length ? inside(path[path.length - 1]) : roots;
    const [trail] = find(roots);
    box.replaceChildren(
      trail ? h("p", { class: "f-note", "data-tone": "accent" }, icon("check"), h("span", {}, t("faultChosen", { name: trail.map(nameOf).join(" › ") }))) : "",
      path.length ? button(`${t("faultBack")} · ${nameOf(path[path.length - 1])}`, () => { path = path.slice(0, -1); draw(); }, { icon: "chevron-left", kind: "f-plain" }) : "",
      ...here.map((fault) => button(nameOf(fault), () => {
        if (inside(fault).length) path = [...path, fault];
        else { values.fault_code = fault.code; form.changed(); }
        draw();
      }, { kind: "f-pick", icon: values.fault_code === fault.code ? "check" : inside(fault).length ? "chevron-right" : "", "aria-pressed": inside(fault).length ? null : String(values.fault_code === fault.code) })));
  };
  draw();
  const note = fieldOf(field("text", "note", t("noteOptional")), values, form.changed);
  return {
    body: [h("p", { class: "f-label" }, t("faultWhere")), box, note], covers: ["fault_code", "note"],
    collect() {
      if (!values.fault_code) return { missing: [t("faultWhere")] };
      const data = { fault_code: values.fault_code };
      if (values.note) data.note = values.note;
      return { data };
    },
  };
}

/** The price list of this work and what was charged; nothing in warranty. */
export function charge({ order, form }) {
  const { values } = form;
  const out = outOfWarranty(order);
  if (out === false) return { body: [h("p", { class: "f-note", "data-tone": "ok" }, icon("circle-check"), h("span", {}, t("chargeFree")))], covers: ["amount", "list_shown"], collect: () => ({ missing: [t("chargeFree")] }) };
  values.quantities ??= {};
  const parts = partsOf(order, state.items).map((used) => (state.day.parts ?? []).find((part) => part.code === (used.part ?? used.code))).filter((part) => part?.price != null)
    .map((part) => ({ code: part.code, name: nameOf(part), amount: part.price }));
  const prices = [...(state.day.prices ?? []).filter((price) => holdsFor(price, order)), ...parts.filter((part, place) => parts.findIndex((one) => one.code === part.code) === place)];
  const total = h("strong", { class: "f-total" });
  const rows = prices.map((price) => {
    const count = h("output", {}, "0");
    const step = (by) => {
      values.quantities[price.code] = Math.min(99, Math.max(0, (values.quantities[price.code] ?? 0) + by));
      form.changed();
      draw();
    };
    count.dataset.code = price.code;
    const more = h("button", { type: "button", class: "f-round", "aria-label": `+ ${nameOf(price)}`, onclick: () => step(1) }, icon("plus"));
    const less = h("button", { type: "button", class: "f-round", "aria-label": `− ${nameOf(price)}`, onclick: () => step(-1) }, icon("minus"));
    return h("li", {}, h("span", { class: "f-grow" }, nameOf(price), h("small", {}, money(price.amount))), less, count, more);
  });
  const draw = () => {
    let sum = 0;
    prices.forEach((price, place) => {
      const quantity = values.quantities[price.code] ?? 0;
      sum += quantity * Number(price.amount);
      rows[place].querySelector("output").textContent = quantity;
    });
    total.textContent = money(sum);
  };
  draw();
  const paid = fieldOf(field("choice", "paid_by", t("paidBy"), { required: true, choices: chosen(state.day.standard.paid_by ?? state.day.paid_by, "paid_", ["cash", "wechat", "alipay", "card", "other"]) }), values, form.changed);
  return {
    body: [out == null && h("p", { class: "f-note", "data-tone": "risk" }, icon("alert-triangle"), h("span", {}, t("chargeUnknown"))), h("p", { class: "f-quiet" }, t("chargeShow")), h("ul", { class: "f-prices" }, rows), h("p", { class: "f-sum" }, h("span", {}, t("chargeTotal")), total), paid],
    covers: ["amount"],
    collect() {
      const items = prices.filter((price) => values.quantities[price.code] > 0).map((price) => ({ code: price.code, amount: price.amount, quantity: values.quantities[price.code] }));
      if (!items.length) return { missing: [t("chargeNone")] };
      if (!values.paid_by) return { missing: [t("requiredFields", { names: t("paidBy") })] };
      return { data: { items, paid_by: values.paid_by } };
    },
  };
}

const holdsFor = (price, order) => (!price.product_lines?.length || price.product_lines.includes(order.product_line)) && (!price.service_types?.length || price.service_types.includes(order.service_type));

/** The customer's signature: strokes, a picture of them, and the name. */
export function signature({ order, form }) {
  const pad = signaturePad();
  form.values.name ??= order.customer?.name ?? "";
  return {
    body: [pad.element, fieldOf(field("text", "name", t("signName"), { required: true, rows: 1 }), form.values, form.changed)], covers: ["name"],
    async collect() {
      if (pad.isEmpty()) return { missing: [t("signEmpty")] };
      if (!form.values.name) return { missing: [t("requiredFields", { names: t("signName") })] };
      const photo = photoItem(order, await fromCanvas(pad.canvas()), "signature");
      return { data: { strokes: pad.strokes(), name: form.values.name, photo: photo.item.id }, photos: [photo] };
    },
  };
}

/** How the visit ended; not fixed needs a reason and the time of the next visit. */
export function outcome({ order, form }) {
  const { values } = form;
  const standard = standardOf(state.day, order);
  const before = outcomeOf(order, state.items);
  values.result ??= before?.result;
  const why = h("div", {});
  const times = h("div", { "data-field": "window" });
  const ownTime = h("div", {}, fieldOf(field("local", "next", t("nextAt"), { required: true }), values, form.changed));
  const draw = () => {
    form.changed();
    why.hidden = values.result !== "not_fixed";
    if (!why.hidden) offerTimes();
  };
  let windows = null;
  // With a network the windows that are really free; without one a time of one's own, which the server looks at later.
  async function offerTimes() {
    if (windows) return;
    windows = [];
    try {
      const answer = await fetch(`windows/?order=${encodeURIComponent(order.number)}`, { credentials: "same-origin", headers: { Accept: "application/json" }, signal: AbortSignal.timeout(10_000) });
      windows = answer.ok ? (await answer.json()).windows : [];
    } catch { windows = []; }
    if (!windows.length) return;
    const keyOf = (one) => `${one.from}/${one.to}`;
    const choose = h("select", { class: "f-input", id: "next-window", onchange: () => { values.window = choose.value; ownTime.hidden = Boolean(values.window); form.changed(); } },
      h("option", { value: "" }, t("nextOwn")), windows.map((one) => h("option", { value: keyOf(one), selected: values.window === keyOf(one) }, `${nearTime(one.from)}–${clockTime(one.to)}`)));
    if (!windows.some((one) => keyOf(one) === values.window)) values.window = "";
    ownTime.hidden = Boolean(values.window);
    times.className = "f-field";
    times.replaceChildren(h("label", { class: "f-label", htmlFor: "next-window" }, t("nextFree")), choose);
  }
  why.append(
    fieldOf(field("choice", "reason", t("whyNot"), { required: true, choices: chosen(standard.not_fixed, "why_", ["part", "skill", "access", "customer", "second_visit"]) }), values, form.changed),
    times, ownTime);
  draw();
  return {
    body: [fieldOf(field("choice", "result", t("outcome"), { required: true, choices: named("result_", ["fixed", "not_fixed", "remote", "no_fault"]) }), values, draw), why, fieldOf(field("text", "note", t("noteOptional")), values, form.changed)],
    covers: ["result", "reason", "next_at", "note"],
    collect() {
      if (!values.result) return { missing: [t("requiredFields", { names: t("outcome") })] };
      const data = { result: values.result };
      if (values.note) data.note = values.note;
      if (values.result === "not_fixed") {
        if (!values.reason) return { missing: [t("requiredFields", { names: t("whyNot") })] };
        if (!values.window && !values.next) return { missing: [t("nextAtNeeded")] };
        const [from, to] = values.window ? values.window.split("/") : [fromLocal(values.next)];
        Object.assign(data, { reason: values.reason, next_at: from }, to && { next_until: to });
      }
      return { data };
    },
  };
}

/** Something worth knowing for research, sales or quality. */
export function information({ order, form }) {
  const standard = standardOf(state.day, order);
  return {
    body: [fieldOf(field("choice", "kind", t("infoKind"), { required: true, choices: chosen(standard.information, "info_", ["product_fault", "product_idea", "sales_lead", "competitor", "latent_need"]) }), form.values, form.changed),
      fieldOf(field("text", "text", t("infoText"), { required: true, rows: 4 }), form.values, form.changed), h("p", { class: "f-quiet" }, t("infoThanks"))],
    covers: ["text", "kind"], hasPhotos: true,
    collect: () => (form.values.kind && form.values.text ? { data: { kind: form.values.kind, text: form.values.text, photos: form.values.photos ?? [] } } : { missing: [t("requiredFields", { names: `${t("infoKind")} / ${t("infoText")}` })] }),
  };
}

export function note({ form }) {
  return {
    body: [fieldOf(field("text", "text", t("noteText"), { required: true, rows: 4 }), form.values, form.changed)], covers: ["text"],
    collect: () => (form.values.text ? { data: { text: form.values.text } } : { missing: [t("requiredFields", { names: t("noteText") })] }),
  };
}

function partPicker({ order, form, what }) {
  const { values } = form;
  const model = order.device?.model ?? "";
  const line = order.product_line || order.device?.product_line;
  const fits = (part) => !part.fits?.length || part.fits.some(([ofLine, ofModel]) => (!line || isSame(ofLine, line)) && (!ofModel || !model || isSame(ofModel, model)));
  const all = (state.day.parts ?? []).filter(fits);
  const list = h("div", { class: "f-tree" });
  const draw = () => {
    const needle = (values.search ?? "").toLowerCase();
    const shown = all.filter((part) => `${part.code} ${nameOf(part)}`.toLowerCase().includes(needle)).sort((a, b) => (b.on_van ?? 0) - (a.on_van ?? 0));
    list.replaceChildren(...shown.slice(0, 30).map((part) => button(nameOf(part), () => { values.part = part.code; form.changed(); draw(); what?.(part); }, { kind: "f-pick", icon: values.part === part.code ? "check" : "", "aria-pressed": String(values.part === part.code) })));
    [...list.children].forEach((row, place) => row.append(h("small", {}, [shown[place].code, shown[place].on_van ? t("onVan", { n: shown[place].on_van }) : t("notOnVan"), shown[place].returnable ? t("partReturn") : ""].filter(Boolean).join(" · "))));
    if (!shown.length) list.append(h("p", { class: "f-quiet" }, t("partNone")));
  };
  const search = h("input", { class: "f-input", type: "search", placeholder: t("partSearch"), "aria-label": t("partSearch"), value: values.search ?? "", oninput: () => { values.search = search.value.trim(); form.changed(); draw(); } });
  draw();
  return [h("p", { class: "f-label" }, t("partChoose"), model && h("span", { class: "f-quiet" }, ` · ${t("forModel", { model })}`)), all.length > 6 && search, list];
}

/** A part that was changed: new and old code, scanned or typed. */
export function partUsed({ order, form }) {
  const { values } = form;
  const codes = ["new_serial", "old_serial"].map((name) => {
    const label = t(name === "new_serial" ? "newSerial" : "oldSerial");
    return h("div", { class: "f-field", "data-field": name }, h("p", { class: "f-label" }, label, h("b", { class: "f-must", "aria-hidden": "true" }, " *")), scanField({ value: values[name] ?? "", label, onChange: (code) => { values[name] = code; form.changed(); } }));
  });
  return {
    body: [...partPicker({ order, form }), ...codes], covers: [],
    collect() {
      const missing = [[values.part, "partChoose"], [values.new_serial, "newSerial"], [values.old_serial, "oldSerial"]].filter(([value]) => !value).map(([, key]) => t(key));
      if (missing.length) return { missing: [t("requiredFields", { names: missing.join(" / ") })] };
      if (values.new_serial === values.old_serial) return { missing: [t("sameSerial")] };
      return { data: { part: values.part, old_serial: values.old_serial, new_serial: values.new_serial } };
    },
  };
}

export function partMissing({ order, form }) {
  const { values } = form;
  values.quantity ??= 1;
  return {
    body: [...partPicker({ order, form }), fieldOf(field("number", "quantity", t("quantity"), { required: true }), values, form.changed), fieldOf(field("check", "consent", t("consent")), values, form.changed)], covers: [],
    collect() {
      if (!values.part) return { missing: [t("partChoose")] };
      if (!Number.isInteger(values.quantity) || values.quantity < 1) return { missing: [t("number")] };
      return { data: { part: values.part, quantity: values.quantity, consent: values.consent === true } };
    },
  };
}

/** The tool of an entry kind, or none: such a step has only its fields. */
export const TOOLS = { set_out: setOut, arrive, contact, safety, diagnosis, charge, signature, outcome, information, note, part_used: partUsed, part_missing: partMissing };
export { money };

// Makes elements; texts become text nodes, so nothing that came from a server or a customer is read as markup.
const SVG = "http://www.w3.org/2000/svg";

/** Make an element: properties, `on…` listeners, `data-…`/`aria-…` attributes; children may be nested, null or false. */
export function h(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (value == null || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2).toLowerCase(), value);
    else if (key === "class") made.className = value;
    else if (key in made && !key.includes("-") && key !== "list" && key !== "form") made[key] = value;
    else made.setAttribute(key, value === true ? "" : value);
  }
  add(made, children);
  return made;
}

export function add(parent, children) {
  for (const child of [children].flat(Infinity)) {
    if (child == null || child === false || child === "") continue;
    parent.append(child instanceof Node ? child : String(child));
  }
}

export function icon(name, label = "") {
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("class", "f-icon");
  if (label) { made.setAttribute("role", "img"); made.setAttribute("aria-label", label); } else made.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${document.body.dataset.icons}#${name}`);
  made.append(use);
  return made;
}

export function button(text, act, { kind = "", icon: name = "", ...rest } = {}) {
  return h("button", { type: "button", class: `f-button ${kind}`, onclick: act, ...rest }, name && icon(name), h("span", {}, text));
}

export const link = (text, href, { kind = "", icon: name = "", ...rest } = {}) => h("a", { class: `f-button ${kind}`, href, ...rest }, name && icon(name), h("span", {}, text));

/** Say something for a moment at the bottom; screen readers hear it. */
export function toast(text, tone = "") {
  const place = document.getElementById("toasts");
  const made = h("div", { class: "f-toast", "data-tone": tone, role: "status" }, text);
  place.replaceChildren(made);
  setTimeout(() => made.remove(), tone === "bad" ? 8000 : 3500);
}

// Short messages: from the server by the header HX-Trigger: {"toast": {"text": …, "tone": "ok|risk|bad", "href": …, "label": …}}.
import { say } from "./page.js";

export function toast({ text, tone = "ok", href = "", label = "" }) {
  const box = document.getElementById("toasts");
  const template = document.getElementById("toast-template");
  if (!box || !template || !text) return;
  const made = template.content.firstElementChild.cloneNode(true);
  made.dataset.tone = tone;
  made.querySelector("[data-toast-text]").textContent = text;
  const icon = document.getElementById(`toast-icon-${tone}`);
  if (icon) made.querySelector("[data-toast-icon]").append(icon.content.cloneNode(true));
  const link = made.querySelector("[data-toast-link]");
  if (href) { link.href = href; link.textContent = label || href; link.hidden = false; }
  box.append(made);
  expire(made);
  while (box.children.length > 4) box.firstElementChild.remove();
}

function expire(made) {
  // A refusal stays until it is read; good news goes by itself, but not while somebody points at it.
  if (made.dataset.tone === "bad") return;
  let timer = setTimeout(() => made.remove(), 6000);
  made.addEventListener("pointerenter", () => clearTimeout(timer));
  made.addEventListener("pointerleave", () => { timer = setTimeout(() => made.remove(), 2500); });
}

document.addEventListener("toast", (event) => toast(typeof event.detail?.value === "string" ? { text: event.detail.value } : event.detail));
document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".j-toast, .j-alert")?.remove());
document.querySelectorAll("#toasts .j-toast").forEach(expire);

const documentStart = /^\s*<!doctype/i;

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  const text = xhr.responseText ?? "";
  const isFragment = !documentStart.test(text);
  if (xhr.status === 422 || xhr.status === 409) {
    const refused = isFragment ? /data-refused[^>]*data-message="([^"]*)"/.exec(text) : null;
    event.detail.shouldSwap = isFragment && !refused && text.trim() !== "";
    if (!event.detail.shouldSwap) refuse(xhr);
  } else if (xhr.status < 400 && documentStart.test(text) && /<body class="login"/.test(text)) {
    event.detail.shouldSwap = false;
    toast({ text: say("signedOut"), tone: "bad", href: location.href, label: "↻" });
  }
});

function refuse(xhr) {
  const found = new DOMParser().parseFromString(xhr.responseText ?? "", "text/html");
  const text = found.querySelector("[data-refused]")?.dataset.message || found.querySelector("h1")?.textContent?.trim();
  toast({ text: text || (xhr.status === 403 ? say("forbidden") : say("failed")), tone: "bad" });
}

document.addEventListener("htmx:responseError", (event) => {
  const { xhr, elt } = event.detail;
  const isBackground = elt.closest("[data-count], [data-live]");
  if (xhr.status !== 422 && xhr.status !== 409 && !isBackground) refuse(xhr);
});

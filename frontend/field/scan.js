// Reads a barcode or QR code with the camera; typing is always possible.
import { button, h, icon } from "./page.js";
import { t } from "./words.js";

const FORMATS = ["code_128", "code_39", "code_93", "codabar", "ean_13", "ean_8", "itf", "upc_a", "upc_e", "qr_code", "data_matrix"];
let known;

async function detector() {
  if (known) return known;
  if ("BarcodeDetector" in window) {
    try {
      const has = await window.BarcodeDetector.getSupportedFormats();
      const formats = FORMATS.filter((one) => has.includes(one));
      if (formats.includes("qr_code") && formats.includes("code_128")) return (known = new window.BarcodeDetector({ formats }));
    } catch { /* there by name only */ }
  }
  const { scanner, wasm } = document.body.dataset;
  const { makeDetector } = await import(scanner);
  return (known = makeDetector({ wasm, formats: FORMATS }));
}

/** What a code says: the label of a device leads to our portal, and its serial number is what is asked for here. */
export function said(code) {
  const text = code.trim();
  if (!/^https?:/i.test(text)) return text;
  try { return new URL(text).searchParams.get("serial")?.trim() || text; } catch { return text; }
}

/** Open the camera over the page; resolves with the code, or null when closed. */
export function scan() {
  return new Promise((resolve) => {
    const video = h("video", { playsInline: true, muted: true, autoplay: true });
    const note = h("p", { class: "f-scan-note", role: "status" }, t("scanHint"));
    const typed = h("input", { class: "f-input", autocomplete: "off", autocapitalize: "characters", "aria-label": t("scanTyped"), placeholder: t("scanTyped") });
    let stream;
    let isOpen = true;
    const end = (value) => {
      if (!isOpen) return;
      isOpen = false;
      stream?.getTracks().forEach((track) => track.stop());
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    const torch = button(t("torch"), async () => {
      const [track] = stream.getVideoTracks();
      torch.isOn = !torch.isOn;
      await track.applyConstraints({ advanced: [{ torch: torch.isOn }] }).catch(() => {});
    }, { icon: "bulb", hidden: true });
    const form = h("form", { class: "f-scan-typed", onsubmit: (event) => { event.preventDefault(); if (typed.value.trim()) end(typed.value.trim()); } }, typed, h("button", { class: "f-button", type: "submit" }, t("scanTake")));
    const dialog = h("dialog", { class: "f-scan", "aria-label": t("scan"), oncancel: (event) => { event.preventDefault(); end(null); } },
      h("div", { class: "f-scan-view" }, video, h("div", { class: "f-scan-frame" })), note, form,
      h("div", { class: "f-row" }, torch, button(t("cancel"), () => end(null), { icon: "x" })));
    document.body.append(dialog);
    dialog.showModal();
    (async () => {
      try {
        if (!navigator.mediaDevices) throw new Error("HTTPS");
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
        if (!isOpen) return stream.getTracks().forEach((track) => track.stop());
        video.srcObject = stream;
        await video.play();
        torch.hidden = !stream.getVideoTracks()[0].getCapabilities?.().torch;
      } catch (error) {
        note.textContent = t("scanNoCamera", { why: error.message });
        return typed.focus();
      }
      let reader;
      try { reader = await detector(); } catch (error) {
        console.error(error);
        note.textContent = t("scanNoLibrary");
        return typed.focus();
      }
      while (isOpen) {
        const [found] = await reader.detect(video).catch(() => []);
        if (found?.rawValue && isOpen) { navigator.vibrate?.(60); return end(said(found.rawValue)); }
        await new Promise((later) => setTimeout(later, 150));
      }
    })();
  });
}

/** A field for a code: typed or scanned. */
export function scanField({ id, value = "", onChange, label }) {
  const input = h("input", { id, class: "f-input", value, autocomplete: "off", autocapitalize: "characters", spellcheck: false, "aria-label": label, oninput: () => onChange(input.value.trim()) });
  const open = h("button", { type: "button", class: "f-button f-scan-button", onclick: async () => {
    const code = await scan();
    if (code != null) { input.value = code; onChange(code); }
    open.focus();
  } }, icon("qrcode"), h("span", {}, t("scan")));
  return h("div", { class: "f-scan-field" }, input, open);
}

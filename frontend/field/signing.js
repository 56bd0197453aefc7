// The pad on which the customer signs. A touch is no signature: lines must have some length.
import { button, h } from "./page.js";
import { t } from "./words.js";

const LEAST_LENGTH = 60;
const MOST_POINTS = 1500;

/** Return {element, strokes(), isEmpty(), canvas()}; `strokes` are lists of [x, y, ms] in a box 1000 wide. */
export function signaturePad({ onChange = () => {} } = {}) {
  const canvas = h("canvas", { class: "f-sign", width: 1000, height: 500, role: "img", "aria-label": t("signHere") });
  const pen = canvas.getContext("2d", { alpha: false });
  let strokes = [];
  let current = null;
  let began = 0;
  const clear = () => {
    strokes = [];
    began = 0;
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    onChange();
  };
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    began ||= event.timeStamp;
    return [Math.round(((event.clientX - box.left) / box.width) * 1000), Math.round(((event.clientY - box.top) / box.height) * 500), Math.round(event.timeStamp - began)];
  };
  const count = () => strokes.reduce((sum, stroke) => sum + stroke.length, 0);
  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    current = [at(event)];
    strokes.push(current);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!current) return;
    const point = at(event);
    const before = current[current.length - 1];
    if (Math.hypot(point[0] - before[0], point[1] - before[1]) < 3 || count() > MOST_POINTS) return;
    current.push(point);
    pen.strokeStyle = "#10203c";
    pen.lineWidth = 6;
    pen.lineCap = pen.lineJoin = "round";
    pen.beginPath();
    pen.moveTo(before[0], before[1]);
    pen.lineTo(point[0], point[1]);
    pen.stroke();
  });
  const lift = () => { if (current) { current = null; onChange(); } };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  clear();
  const length = () => strokes.reduce((sum, stroke) => sum + stroke.slice(1).reduce((far, point, place) => far + Math.hypot(point[0] - stroke[place][0], point[1] - stroke[place][1]), 0), 0);
  return {
    element: h("div", { class: "f-sign-box" }, h("p", { class: "f-quiet" }, t("signHere")), canvas, button(t("signClear"), clear, { icon: "refresh" })),
    strokes: () => strokes.filter((stroke) => stroke.length > 1),
    isEmpty: () => length() < LEAST_LENGTH,
    canvas: () => canvas,
  };
}

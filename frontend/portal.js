// The portal: one question at a time, a review before sending, the place of the phone, a link to copy.
// Without scripts the same form is one long page.
import { each } from "./page.js";

const fields = (step) => [...step.querySelectorAll("input:not([type=hidden]), select, textarea")];

function answerOf(field) {
  const files = field.querySelector("input[type=file]");
  if (files) return [...files.files].map((file) => file.name).join(", ");
  const options = field.querySelectorAll("input[type=radio]");
  if (options.length) return [...options].find((one) => one.checked)?.closest("label").textContent.trim() ?? "";
  return field.querySelector("input, select, textarea")?.value.trim() ?? "";
}

function labelOf(field) {
  const label = field.querySelector(".j-label, [data-label]")?.cloneNode(true);
  label?.querySelector(".j-optional")?.remove();
  return label?.dataset.label || label?.textContent.trim() || "";
}

function review(list, steps) {
  list.replaceChildren();
  steps.forEach((step, place) => step.querySelectorAll(".j-field, [data-upload-field]").forEach((field) => {
    const answer = answerOf(field);
    if (!answer) return;
    const row = document.createElement("div");
    const term = document.createElement("dt");
    term.textContent = labelOf(field);
    const value = document.createElement("dd");
    value.textContent = answer;
    const change = document.createElement("a");
    change.href = `#step-${place + 1}`;
    change.textContent = list.dataset.change;
    change.setAttribute("aria-label", `${list.dataset.change}: ${term.textContent}`);
    value.append(" ", change);
    row.append(term, value);
    list.append(row);
  }));
}

// The first load and htmx both hand over each element: once is enough.
const once = (act) => { const seen = new WeakSet(); return (element) => { if (!seen.has(element)) { seen.add(element); act(element); } }; };

each("form[data-steps]", once((form) => {
  const steps = [...form.querySelectorAll("[data-step]")];
  const bar = form.querySelector("[data-steps-bar]");
  const [back, next, send] = ["back", "next", "send"].map((name) => form.querySelector(`[data-steps-${name}]`));
  const list = form.querySelector("[data-review]");
  let here = 0;
  form.noValidate = true;
  form.querySelectorAll("[data-scripted]").forEach((part) => { part.hidden = false; });
  // What another answer may make needless is asked for only without it; the server knows whether it does.
  const judge = () => form.querySelectorAll("[data-needed-without]").forEach((field) => { field.required = !form.elements[field.dataset.neededWithout]?.value.trim(); });
  const wrongIn = (step) => fields(step).find((field) => !field.checkValidity());
  const show = (place, focus = true) => {
    here = Math.min(Math.max(place, 0), steps.length - 1);
    const last = here === steps.length - 1;
    steps.forEach((step, at) => { step.hidden = at !== here; });
    if (last && list) review(list, steps.slice(0, -1));
    bar.querySelector("progress").max = steps.length;
    bar.querySelector("progress").value = here + 1;
    bar.querySelector("span").textContent = `${here + 1} / ${steps.length}`;
    back.hidden = here === 0;
    next.hidden = last;
    send.hidden = !last;
    if (!focus) return;
    scrollTo(0, 0);
    const first = last ? steps[here].querySelector("h2") : fields(steps[here]).find((field) => field.type !== "file" && field.type !== "radio");
    (first ?? steps[here].querySelector("h2"))?.focus({ preventScroll: true });
  };
  const goTo = (place) => { if (place === here) return; history.pushState(null, "", `#step-${place + 1}`); show(place); };
  const forward = () => {
    judge();
    const wrong = wrongIn(steps[here]);
    if (wrong) wrong.reportValidity();
    else goTo(here + 1);
  };
  next.addEventListener("click", forward);
  back.addEventListener("click", () => history.back());
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.matches("textarea, button, a") || here === steps.length - 1) return;
    event.preventDefault();
    forward();
  });
  form.addEventListener("submit", (event) => {
    const place = steps.findIndex((step) => wrongIn(step));
    if (place < 0) return;
    event.preventDefault();
    goTo(place);
    wrongIn(steps[place])?.reportValidity();
  });
  const fromAddress = () => Number(/^#step-(\d+)$/.exec(location.hash)?.[1] ?? 1) - 1;
  addEventListener("popstate", () => show(fromAddress()));
  form.querySelectorAll("a[href^='#id_']").forEach((link) => link.addEventListener("click", (event) => {
    const field = document.getElementById(link.hash.slice(1));
    const place = steps.findIndex((step) => step.contains(field));
    if (place < 0) return;
    event.preventDefault();
    goTo(place);
    field.focus();
  }));
  const wrong = steps.findIndex((step) => step.querySelector(".j-field-wrong"));
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  if (wrong > 0) history.replaceState(null, "", `#step-${wrong + 1}`);
  show(Math.max(wrong, 0), wrong >= 0);
}));

each("[data-locate]", once((button) => {
  if (!navigator.geolocation || !isSecureContext) return;
  const form = button.closest("form");
  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      form.elements.latitude.value = coords.latitude.toFixed(6);
      form.elements.longitude.value = coords.longitude.toFixed(6);
      button.querySelector("span").textContent = button.dataset.done;
    }, () => { button.disabled = false; button.querySelector("span").textContent = button.dataset.failed; }, { timeout: 15000 });
  });
}));

each("[data-copy]", once((button) => {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.querySelector("span").textContent = button.dataset.done;
  });
}));

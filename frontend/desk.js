// The case page and the phone form: answer, take the proposed time, choose who calls, all by keyboard.
const byId = (id) => document.getElementById(id);

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-reply]")) {
    const side = document.querySelector("#composer [name=side][value=reply]");
    if (side) side.checked = true;
    byId("id_body")?.focus();
    return;
  }
  const time = event.target.closest("[data-set-time]");
  if (time) {
    const field = time.closest("form")?.querySelector("input[type=datetime-local]");
    if (!field) return;
    field.value = time.dataset.setTime;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.focus();
  }
  const caller = event.target.closest("[data-caller]");
  if (caller) choose(caller);
});

function choose(caller) {
  byId("id_customer_id").value = caller.dataset.caller;
  byId("id_device_id").value = "";
  byId("id_name").value = caller.dataset.callerName;
  byId("callers").replaceChildren();
  byId("id_subject").focus();
}

// Another number is another caller: what was chosen before must not stick to it.
document.addEventListener("input", (event) => {
  if (!event.target.matches?.("[data-caller-phone]") || !byId("id_customer_id")?.value) return;
  byId("id_customer_id").value = "";
  byId("id_device_id").value = "";
  byId("id_name").value = "";
});

document.addEventListener("keydown", (event) => {
  const box = byId("callers");
  if (!box || !event.target.matches?.("[data-caller-phone], [data-caller]")) return;
  const known = [...box.querySelectorAll("[data-caller]")];
  const place = known.indexOf(event.target);
  if (event.key === "Enter" && place < 0 && known.length) { event.preventDefault(); known[0].click(); return; }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  event.preventDefault();
  const next = place + (event.key === "ArrowDown" ? 1 : -1);
  if (next < 0) document.querySelector("[data-caller-phone]").focus();
  else known[Math.min(next, known.length - 1)]?.focus();
});

document.addEventListener("change", (event) => {
  const device = event.target.closest?.("[data-device]");
  if (!device) return;
  byId("id_device_id").value = device.dataset.device;
  if (device.dataset.line) byId("id_product_line").value = device.dataset.line;
});

// Files: size is checked before sending, progress is shown, a failed file can be tried again; see ui/_upload.html.
import { each, say, sizeText } from "./page.js";

const csrf = () => { try { return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"]; } catch { return ""; } };

function line(list, file) {
  const made = document.createElement("li");
  made.className = "j-upload-file";
  const name = document.createElement("span");
  name.textContent = `${file.name} · ${sizeText(file.size)}`;
  const progress = document.createElement("progress");
  progress.max = 100;
  progress.value = 0;
  const word = document.createElement("span");
  word.className = "j-upload-word";
  made.append(name, progress, word);
  list.append(made);
  return made;
}

function refuse(made, text, again) {
  made.dataset.state = "bad";
  made.querySelector("progress")?.remove();
  made.querySelector(".j-upload-word").textContent = text;
  if (!again) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "j-text-button";
  button.textContent = say("retry");
  button.addEventListener("click", () => { made.remove(); again(); });
  made.append(button);
}

function send(box, file) {
  const made = line(box.querySelector(".j-upload-list"), file);
  const request = new XMLHttpRequest();
  const again = () => send(box, file);
  request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) made.querySelector("progress").value = (event.loaded / event.total) * 100; });
  request.addEventListener("load", () => {
    if (request.status >= 200 && request.status < 300) {
      const answer = document.createElement("template");
      answer.innerHTML = request.responseText;
      const item = answer.content.querySelector("li");
      if (item) { made.replaceWith(item); window.htmx.process(item); }
      else { made.dataset.state = "ok"; made.querySelector("progress").remove(); made.querySelector(".j-upload-word").textContent = say("uploaded"); }
      box.dispatchEvent(new CustomEvent("uploaded", { bubbles: true }));
      return;
    }
    const found = new DOMParser().parseFromString(request.responseText, "text/html").querySelector("[data-refused]")?.dataset.message;
    refuse(made, found || say("uploadFailed", { name: "" }), request.status >= 500 ? again : null);
  });
  request.addEventListener("error", () => refuse(made, say("uploadFailed", { name: "" }), again));
  const body = new FormData();
  body.append(box.dataset.name, file);
  request.open("POST", box.dataset.url);
  request.setRequestHeader("X-CSRFToken", csrf());
  request.setRequestHeader("HX-Request", "true");
  request.send(body);
}

each("[data-upload]", (box) => {
  const input = box.querySelector("input[type=file]");
  const list = box.querySelector(".j-upload-list");
  const limit = Number(box.dataset.limitBytes) || Infinity;
  const take = (files) => {
    if (!box.dataset.url) list.replaceChildren();
    const fit = new DataTransfer();
    for (const file of files) {
      if (file.size > limit) refuse(line(list, file), say("tooBig", { name: file.name, size: sizeText(file.size), limit: sizeText(limit) }));
      else if (box.dataset.url) send(box, file);
      else { line(list, file).querySelector("progress").hidden = true; fit.items.add(file); }
    }
    input.files = box.dataset.url ? new DataTransfer().files : fit.files;
  };
  input.addEventListener("change", () => take([...input.files]));
  box.addEventListener("dragover", (event) => { event.preventDefault(); box.dataset.over = ""; });
  box.addEventListener("dragleave", () => delete box.dataset.over);
  box.addEventListener("drop", (event) => { event.preventDefault(); delete box.dataset.over; take([...event.dataTransfer.files]); });
  const area = box.closest("form")?.querySelector("textarea");
  area?.addEventListener("paste", (event) => { if (event.clipboardData.files.length) { event.preventDefault(); take([...(box.dataset.url ? [] : input.files), ...event.clipboardData.files]); } });
});

document.addEventListener("htmx:xhr:progress", (event) => {
  if (!event.detail.lengthComputable) return;
  event.target.querySelectorAll?.(".j-upload-file progress").forEach((bar) => { bar.hidden = false; bar.value = (event.detail.loaded / event.detail.total) * 100; });
});

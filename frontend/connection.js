// A lost connection shows a thin bar; every second or so the server is asked, and the bar goes when it answers.
const bar = document.getElementById("offline");
let timer = 0;
let wait = 2000;

async function ask() {
  clearTimeout(timer);
  try {
    const answer = await fetch("/healthz", { cache: "no-store" });
    if (!answer.ok) throw new Error("not well");
    bar.hidden = true;
    wait = 2000;
    document.dispatchEvent(new CustomEvent("reconnected"));
  } catch {
    wait = Math.min(wait * 1.5, 15000);
    timer = setTimeout(ask, wait);
  }
}

function lost() {
  if (!bar || !bar.hidden) return;
  bar.hidden = false;
  timer = setTimeout(ask, wait);
}

addEventListener("offline", lost);
addEventListener("online", () => bar && !bar.hidden && ask());
document.addEventListener("htmx:sendError", lost);
document.addEventListener("htmx:timeout", lost);
if (!navigator.onLine) lost();

// Native dialogs: data-open-dialog="id" opens, a click on the shade closes.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open-dialog]");
  if (opener) { event.preventDefault(); document.getElementById(opener.dataset.openDialog)?.showModal(); return; }
  if (event.target.matches("dialog[open]") && event.target === event.target.closest("dialog")) {
    const box = event.target.getBoundingClientRect();
    const isOutside = event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
    if (isOutside) event.target.close();
  }
});
document.addEventListener("close-dialogs", () => document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close()));

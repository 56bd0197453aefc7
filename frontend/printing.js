// A link or button that prints the page.
addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-print]");
  if (!link) return;
  event.preventDefault();
  link.closest("details")?.removeAttribute("open");
  print();
});

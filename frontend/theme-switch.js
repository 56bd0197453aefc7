// The theme changes at once; the form's own way works without scripts.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-theme-form]")) return;
  const chosen = event.submitter?.value;
  if (!chosen) return;
  event.preventDefault();
  document.cookie = `theme=${chosen}; path=/; max-age=31536000; samesite=lax`;
  document.dispatchEvent(new CustomEvent("theme"));
  event.target.querySelectorAll("button").forEach((button) => button.setAttribute("aria-pressed", String(button === event.submitter)));
  event.target.removeAttribute("aria-busy");
}, true);

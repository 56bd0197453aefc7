// Runs before the first paint, so that a page never flashes in the wrong colours.
const page = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

function choice() {
  return /(?:^|; )theme=(light|dark|auto)/.exec(document.cookie)?.[1] ?? "auto";
}

function apply() {
  const chosen = choice();
  page.dataset.themeChoice = chosen;
  page.dataset.bsTheme = chosen === "auto" ? (dark.matches ? "dark" : "light") : chosen;
}

apply();
dark.addEventListener("change", apply);
document.addEventListener("theme", apply);

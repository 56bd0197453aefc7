import htmx from "htmx.org/dist/htmx.esm.js";
import Alpine from "@alpinejs/csp";
import "./connection.js";
import "./counts.js";
import "./desk.js";
import "./dialogs.js";
import "./drafts.js";
import "./forms.js";
import "./keyboard.js";
import "./lists.js";
import "./live.js";
import "./mentions.js";
import "./menus.js";
import "./portal.js";
import "./printing.js";
import "./promises.js";
import "./theme-switch.js";
import "./times.js";
import "./toasts.js";
import "./uploads.js";
import { drawer } from "./drawer.js";

window.htmx = htmx;
Alpine.data("drawer", drawer);
Alpine.data("fold", () => ({
  open: false,
  toggle() { this.open = !this.open; },
}));
Alpine.start();

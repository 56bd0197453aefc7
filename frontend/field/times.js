// Times as people read them, in the company's zone; "now" is the server's.
import { languageNow, t } from "./words.js";

let zone;
let offset = 0;

export function setClock({ zone: told, offset: by }) {
  zone = told || zone;
  offset = by ?? offset;
}

export const now = () => Date.now() + offset;
const tag = () => (languageNow() === "en" ? "en-GB" : "zh-CN");
const format = (at, options) => new Intl.DateTimeFormat(tag(), { ...options, timeZone: zone }).format(new Date(at));
export const clockTime = (at) => format(at, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
export const dayKey = (at) => new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(at));
export const dateText = (at) => format(at, { month: "short", day: "numeric", weekday: "short" });

/** 15:30 today, 11月23日 周一 15:30 on other days. */
export const nearTime = (at) => (dayKey(at) === dayKey(now()) ? clockTime(at) : `${dateText(at)} ${clockTime(at)}`);

export function lengthText(milliseconds) {
  const minutes = Math.round(Math.abs(milliseconds) / 60_000);
  if (minutes < 60) return t("minutes", { n: minutes });
  if (minutes < 48 * 60) return t("hours", { h: Math.floor(minutes / 60), m: minutes % 60 });
  return t("days", { n: Math.round(minutes / 1440) });
}

/** The instant at which the company's clock shows HH:MM today. */
export function todayAt(text) {
  const shown = clockTime(now());
  const minutes = (clock) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
  return new Date(Math.floor(now() / 60_000) * 60_000 + (minutes(text) - minutes(shown)) * 60_000).toISOString();
}

/** HH:MM of now, for fields. */
export const clockField = () => clockTime(now());

/** What datetime-local shows, to an instant in the phone's own zone, and back. */
export const fromLocal = (text) => (text ? new Date(text).toISOString() : "");

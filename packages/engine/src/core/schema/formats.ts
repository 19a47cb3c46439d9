/** The string formats that are checked. Each is a short anchored expression without nested repetition, so it cannot be made slow. */
import type { SchemaFormat } from "../model/schema.js";

const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)?$/;
const EMAIL = /^[^\s@"<>()[\],;:\\]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const URI = /^(https?|mailto|tel|urn):[^\s<>"{}|\\^`]{1,2000}$/i;

/** Checks the days of the month: 2026-02-30 is not a date. */
function isDate(text: string): boolean {
  if (!DATE.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function isDateTime(text: string): boolean {
  const time = text.slice(11);
  return /^[Tt ]$/.test(text.charAt(10)) && isDate(text.slice(0, 10)) && TIME.test(time) && /(Z|[+-]\d\d:\d\d)$/.test(time);
}

export const FORMAT_CHECKS: { readonly [F in SchemaFormat]: { readonly test: (text: string) => boolean; readonly example: string } } = {
  date: { test: isDate, example: "2026-03-31" },
  "date-time": { test: isDateTime, example: "2026-03-31T14:30:00Z" },
  time: { test: (text) => TIME.test(text), example: "14:30" },
  email: { test: (text) => text.length <= 254 && EMAIL.test(text), example: "ana@example.com" },
  uri: { test: (text) => URI.test(text), example: "https://example.com/page" },
  uuid: { test: (text) => UUID.test(text), example: "0198a3c2-7b1e-7c55-9d0f-2f6f1c3f9a10" },
};

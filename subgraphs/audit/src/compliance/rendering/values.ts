import type { Cell, Column, Unit } from "../run/report-document.js";

const numbers = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });

/** Returns a value for people: `1,234`, `97.5%`, `3 h 20 min`, `12 days`. */
export function valueText(value: number | null, unit: Unit): string {
  if (value === null) return "–";
  switch (unit) {
    case "COUNT":
      return numbers.format(value);
    case "SHARE":
      return percent.format(value);
    case "DAYS":
      return `${numbers.format(value)} ${value === 1 ? "day" : "days"}`;
    case "SECONDS":
      return durationText(value);
  }
}

function durationText(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return seconds < 60 ? `${numbers.format(seconds)} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return `${numbers.format(hours)} h ${minutes % 60} min`;
}

/** By time zone: to make one takes longer than to use it a hundred times. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const digits = { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" } as const;
  const format = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", ...digits, hourCycle: "h23" });
  formats.set(timeZone, format);
  return format;
}

/** Returns a time in a time zone, as 2026-03-01 09:30. */
export function timeText(time: string, timeZone: string): string {
  const parts = formatOf(timeZone).formatToParts(new Date(time));
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")} ${part("hour")}:${part("minute")}`;
}

/** Letters that the font does not have: those of other scripts, and pictures. */
const unprintable = /(?![\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Inherited}])[\p{L}\p{M}]|\p{Extended_Pictographic}/u;

/** Whether the font has all letters of a text. */
export const isPrintable = (text: string): boolean => !unprintable.test(text);

/** Returns a text with a question mark for each letter that the font does not have. */
export const printable = (text: string): string => text.replaceAll(new RegExp(unprintable, "gu"), "?");

/** Longest text of a cell: a row that is higher than a page could not be shown. */
const maxCell = 600;

/** Returns a cell of a table for people. */
export function cellText(cell: Cell, { kind }: Column, timeZone: string): string {
  if (cell === null) return "–";
  if (kind === "TIME") return timeText(String(cell), timeZone);
  if (typeof cell === "number") return numbers.format(cell);
  const text = printable(String(cell));
  return text.length > maxCell ? `${Array.from(text.slice(0, maxCell)).slice(0, -1).join("")}…` : text;
}

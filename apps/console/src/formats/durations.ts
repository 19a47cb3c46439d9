import { numberText } from "./numbers";

const units = [
  ["day", 86_400, 2],
  ["hour", 3_600, 1],
  ["minute", 60, 1],
] as const;

/** Returns a duration in one unit: `3.5 days`, `40 min`. */
export function durationText(seconds: number | null, locale: string): string {
  if (seconds === null) return "–";
  const [unit, size] = units.find(([, length, from]) => seconds >= length * from) ?? ["second", 1];
  return numberText(seconds / size, locale, { style: "unit", unit, maximumFractionDigits: seconds < size * 10 ? 1 : 0 });
}

import { numberText } from "./numbers";

const units = [
  ["day", 86_400, 2],
  ["hour", 3_600, 1],
  ["minute", 60, 1],
] as const;

/** Returns a duration in one unit, rounded: `3.5 days`, `40 min`. */
export function roundedDuration(seconds: number | null, locale: string): string {
  if (seconds === null) return "–";
  const [unit, size] = units.find(([, length, from]) => seconds >= length * from) ?? ["second", 1];
  return numberText(seconds / size, locale, { style: "unit", unit, maximumFractionDigits: seconds < size * 10 ? 1 : 0 });
}

const parts = [
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

/** Returns a duration in its two largest units, `2 hr 30 min`. Hours are the largest, because a day of working time has no fixed length. */
export function durationText(seconds: number, locale: string): string {
  const first = parts.findIndex(([, size]) => seconds >= size);
  const shown = parts.slice(first === -1 ? 2 : first, first === -1 ? 3 : first + 2);
  const { texts } = shown.reduce(
    ({ left, texts: before }, [unit, size]) => {
      const count = Math.floor(left / size);
      const text = numberText(count, locale, { style: "unit", unit, unitDisplay: "short" });
      return { left: left - count * size, texts: count > 0 || before.length === 0 ? [...before, text] : before };
    },
    { left: Math.max(0, Math.round(seconds)), texts: [] as readonly string[] },
  );
  return texts.join(" ");
}

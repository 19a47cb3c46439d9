/** A duration in at most two units, such as `2 days, 3 hours`, `5 minutes, 12 seconds`. */
export function durationText(ms: number, locale: string): string {
  const seconds = Math.floor(Math.abs(ms) / 1000);
  const parts = units.map(({ unit, size, within }) => ({ unit, count: Math.floor((within === null ? seconds : seconds % within) / size) }));
  const first = parts.findIndex(({ count }) => count > 0);
  const shown = first === -1 ? parts.slice(-1) : parts.slice(first, first + 2).filter(({ count }) => count > 0);
  const texts = shown.map(({ unit, count }) => formatOf(locale, unit).format(count));
  return lists.of(locale).format(texts);
}

const units = [
  { unit: "day", size: 86_400, within: null },
  { unit: "hour", size: 3_600, within: 86_400 },
  { unit: "minute", size: 60, within: 3_600 },
  { unit: "second", size: 1, within: 60 },
] as const;

/** A format is expensive to create, and clocks need it each second. */
function cached<T>(create: (key: string) => T): { of: (key: string) => T } {
  const all = new Map<string, T>();
  return {
    of: (key) => {
      const found = all.get(key) ?? create(key);
      all.set(key, found);
      return found;
    },
  };
}

const lists = cached((locale) => new Intl.ListFormat(locale, { type: "unit", style: "short" }));
const numbers = cached((key) => {
  const [locale = "en", unit = "second"] = key.split(" ");
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" });
});
const formatOf = (locale: string, unit: string): Intl.NumberFormat => numbers.of(`${locale} ${unit}`);

/** Points in time, as inputs of browsers show them: in a time zone, without its name. */

const dayMs = 86_400_000;
const two = (value: string | undefined): string => (value ?? "").padStart(2, "0");

const formats = new Map<string | undefined, Intl.DateTimeFormat>();

function formatIn(timeZone: string | undefined): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const numeric = "numeric";
  const made = new Intl.DateTimeFormat("en-u-ca-gregory-nu-latn", {
    hourCycle: "h23",
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
    timeZone,
  });
  formats.set(timeZone, made);
  return made;
}

/** The date and time of a zone, to the second: `2026-03-31T09:30:00`. */
function clockIn(timeZone: string | undefined, ms: number): string {
  const parts = formatIn(timeZone).formatToParts(ms);
  const part = (type: string): string | undefined => parts.find((one) => one.type === type)?.value;
  const date = `${part("year")?.padStart(4, "0")}-${two(part("month"))}-${two(part("day"))}`;
  return `${date}T${two(part("hour"))}:${two(part("minute"))}:${two(part("second"))}`;
}

/**
 * `2026-03-31T07:30:00Z` → `2026-03-31T09:30` in Berlin. An empty text if it is not a point in time.
 *
 * @param timeZone IANA time zone. Default: the browser's
 */
export function localTime(text: string, timeZone?: string): string {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? "" : clockIn(timeZone, ms).replace(/:00$/, "");
}

/**
 * The reverse. A time that a change of the clocks skips is as much later as they are put forward; of one that occurs twice, it is the first. Undefined
 * if the text is not complete.
 *
 * @param timeZone IANA time zone. Default: the browser's
 */
export function pointInTime(text: string, timeZone?: string): string | undefined {
  const clock = Date.parse(text.includes("T") ? `${text}Z` : text);
  if (Number.isNaN(clock)) return undefined;
  const offsetAt = (ms: number): number => Date.parse(`${clockIn(timeZone, ms)}Z`) - Math.floor(ms / 1000) * 1000;
  // Clocks are not changed twice within two days.
  const [before, after] = [clock - offsetAt(clock - dayMs), clock - offsetAt(clock + dayMs)];
  const isShown = (ms: number): boolean => ms + offsetAt(ms) === clock;
  const time = isShown(before) || !isShown(after) ? before : after;
  return new Date(time).toISOString().replace(".000Z", "Z");
}

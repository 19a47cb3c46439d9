import { readText, type Source } from "../document/reader.js";
import { parseDuration } from "../calendar/durations.js";
import type { Path, ProblemList } from "../model/problems.js";

const SHORT = /^(\d{1,7})\s?(s|m|h|d)$/;
const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Returns the seconds of a duration such as `30s`, `5m`, `2h`, `1d` or `PT30S`. Null: it is none. Months and years have no fixed length. */
export function secondsOf(text: string): number | null {
  const [, amount = "", unit = ""] = SHORT.exec(text) ?? [];
  if (amount !== "") return Number(amount) * SECONDS[unit as keyof typeof SECONDS];
  const duration = parseDuration(text);
  return duration === null || duration.months > 0 ? null : duration.days * 86_400 + duration.seconds;
}

/** Reads a duration of at least one second and at most `maxSeconds`. */
export function readSeconds(problems: ProblemList, source: Source, key: string, path: Path, maxSeconds: number): number | null {
  const text = readText(problems, source, key, path, { maxChars: 32, like: "30s" });
  if (text === null) return null;
  const seconds = secondsOf(text);
  const where = [...path, key];
  if (seconds === null) problems.add(where, "BAD_VALUE", `"${text}" is not a duration. Durations look like 30s, 5m, 2h, 1d or PT30S.`);
  else if (seconds < 1 || seconds > maxSeconds)
    problems.add(where, "BAD_VALUE", `The duration must be at least one second and at most ${maxSeconds / 3600} hours.`);
  else return seconds;
  return null;
}

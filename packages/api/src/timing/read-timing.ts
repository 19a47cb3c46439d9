import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import { cronProblems } from "./cron.js";
import { nextOccurrences } from "./occurrences.js";
import type { Plan } from "./occurrences.js";
import { planOf } from "./plan-of.js";
import type { PlannedRow } from "./plan-of.js";
import { hasDays, secondsOf } from "./span.js";

/** Runs must be at least this far apart. */
const MIN_GAP_SECONDS = 60;
const MAX_EVERY_SECONDS = 366 * 86_400;
/** Planned times that are checked for their distance. */
const CHECKED = 100;

export type TimingColumns = Pick<PlannedRow, "cron" | "everySeconds" | "runAt" | "timeZone" | "startsAt" | "endsAt">;

/** Fields of an input with planned times. */
interface TimingInput {
  readonly cron?: string | null | undefined;
  readonly every?: string | null | undefined;
  readonly runAt?: string | null | undefined;
  readonly timeZone?: string | null | undefined;
  readonly startsAt?: string | null | undefined;
  readonly endsAt?: string | null | undefined;
}

/**
 * Returns the columns of an input's planned times. Fields that are omitted keep their value, unless another kind of timing replaces them.
 * @param before the columns until now. Null for a new schedule.
 * @throws BadUserInput with every problem
 */
export function readTiming(input: TimingInput, before: TimingColumns | null, prefix = "input."): TimingColumns {
  const given = [input.cron, input.every, input.runAt].filter((value) => typeof value === "string");
  const problems: Problem[] = [];
  const path = (field: string): string => `${prefix}${field}`;
  if (given.length > 1 || (given.length === 0 && before === null))
    problems.push({ path: path("cron"), message: "Give exactly one of cron, every and runAt." });
  const timeZone = input.timeZone ?? before?.timeZone ?? "UTC";
  if (!isTimeZone(timeZone))
    problems.push({ path: path("timeZone"), message: `${quote(timeZone)} is not an IANA time zone. Examples: Europe/Vienna, UTC.` });
  if (typeof input.cron === "string") problems.push(...cronProblems(input.cron, path("cron")));
  const everySeconds = typeof input.every === "string" ? readEvery(input.every, path("every"), problems) : null;
  const startsAt = input.startsAt === undefined ? (before?.startsAt ?? null) : input.startsAt;
  const endsAt = input.endsAt === undefined ? (before?.endsAt ?? null) : input.endsAt;
  if (startsAt !== null && endsAt !== null && Date.parse(endsAt) <= Date.parse(startsAt))
    problems.push({ path: path("endsAt"), message: "The end must be after the start." });
  if (problems.length > 0) throw new BadUserInput(problems);
  const kept = given.length === 0 && before !== null ? before : { cron: input.cron ?? null, everySeconds, runAt: input.runAt ?? null };
  return { cron: kept.cron, everySeconds: kept.everySeconds, runAt: kept.runAt, timeZone, startsAt, endsAt };
}

/**
 * Checks that runs are planned after a time, and that they are far enough apart. Returns the plan.
 * @throws BadUserInput
 */
export function assertPlanned(row: PlannedRow, after: number): Plan {
  const plan = { ...planOf(row), jitterSeconds: 0 };
  const [path, name] =
    row.cron === null
      ? row.runAt === null
        ? ["input.every", "The interval"]
        : ["input.runAt", "The time"]
      : ["input.cron", "The cron expression"];
  const next = nextOccurrences(plan, after, CHECKED);
  if (next.length === 0) throw new BadUserInput([{ path, message: `${name} plans no run in the future.` }]);
  const isDense = next.some(({ plannedAt }, at) => plannedAt - (next[at - 1]?.plannedAt ?? -Infinity) < MIN_GAP_SECONDS * 1_000);
  if (isDense) throw new BadUserInput([{ path, message: `Runs must be at least ${MIN_GAP_SECONDS} seconds apart.` }]);
  return planOf(row);
}

function readEvery(text: string, path: string, problems: Problem[]): number | null {
  const seconds = secondsOf(text);
  if (seconds === null)
    problems.push({ path, message: `${quote(text)} is not a valid interval. Use hours, minutes and seconds, such as PT15M.` });
  else if (hasDays(text))
    problems.push({ path, message: "An interval has hours, minutes and seconds. For a time of day, use cron. For 24 hours, use PT24H." });
  else if (seconds < MIN_GAP_SECONDS || seconds > MAX_EVERY_SECONDS)
    problems.push({ path, message: `An interval is between PT1M and PT${MAX_EVERY_SECONDS / 3_600}H.` });
  else return seconds;
  return null;
}

/**
 * Returns the seconds of an optional span.
 * @throws BadUserInput
 */
export function readSpan(text: string | null | undefined, { path, max }: { path: string; max: string }): number | undefined {
  if (text === null || text === undefined) return undefined;
  const seconds = secondsOf(text);
  if (seconds === null) throw new BadUserInput([{ path, message: `${quote(text)} is not a valid duration. Examples: PT15M, P2D.` }]);
  if (seconds > (secondsOf(max) ?? 0)) throw new BadUserInput([{ path, message: `A duration of at most ${max} is allowed, not ${text}.` }]);
  return seconds;
}

/** Offsets such as +02:00 are refused, because they have no daylight-saving time. */
function isTimeZone(text: string): boolean {
  try {
    return /^[A-Za-z]/.test(text) && text.length <= 64 && new Intl.DateTimeFormat("en", { timeZone: text }).format(0) !== "";
  } catch {
    return false;
  }
}

/**
 * Timing: computes the planned times of schedules and maintenance plans, and when each run starts.
 * It is pure: the same schedule and times give the same result in every process.
 * It reads no clock and no database.
 */
import { createHash } from "node:crypto";
import { matcherOf } from "./cron.js";

/** When runs are planned. Times are milliseconds since 1970. */
export type Timing =
  | { readonly kind: "cron"; readonly expression: string; readonly timeZone: string }
  /** Every so many seconds of elapsed time, counted from the anchor. */
  | { readonly kind: "every"; readonly seconds: number; readonly anchor: number }
  | { readonly kind: "once"; readonly at: number };

export interface Plan {
  /** ID of the schedule or plan. Determines the jitter. */
  readonly id: string;
  readonly timing: Timing;
  /** First possible planned time. */
  readonly startsAt: number | null;
  /** No time is planned at or after it. */
  readonly endsAt: number | null;
  /** Maximum delay of a run's start. */
  readonly jitterSeconds: number;
}

export interface Occurrence {
  readonly plannedAt: number;
  /** Planned time plus jitter. */
  readonly startsAt: number;
}

/** Returns the first occurrence planned after the time. Null if there is none. */
export function nextOccurrence(plan: Plan, after: number): Occurrence | null {
  const plannedAt = nextPlanned(plan, after);
  return plannedAt === null ? null : { plannedAt, startsAt: plannedAt + delayOf(plan, plannedAt) };
}

/** Returns the next occurrences planned after the time, at most `count`. */
export function nextOccurrences(plan: Plan, after: number, count: number): Occurrence[] {
  const found: Occurrence[] = [];
  for (let next = nextOccurrence(plan, after); next !== null && found.length < count; next = nextOccurrence(plan, next.plannedAt))
    found.push(next);
  return found;
}

function nextPlanned({ timing, startsAt, endsAt }: Plan, after: number): number | null {
  const next = nextOf(timing, startsAt === null ? after : Math.max(after, startsAt - 1));
  return next === null || (endsAt !== null && next >= endsAt) ? null : next;
}

function nextOf(timing: Timing, after: number): number | null {
  switch (timing.kind) {
    case "once":
      return timing.at > after ? timing.at : null;
    case "every": {
      const step = timing.seconds * 1_000;
      return timing.anchor > after ? timing.anchor : timing.anchor + (Math.floor((after - timing.anchor) / step) + 1) * step;
    }
    case "cron":
      return matcherOf(timing.expression, timing.timeZone).nextRun(new Date(after))?.getTime() ?? null;
    default:
      return timing satisfies never;
  }
}

/** Returns the jitter of a planned time in milliseconds: always the same, at most the given span, and before the next planned time. */
function delayOf(plan: Plan, plannedAt: number): number {
  if (plan.jitterSeconds === 0) return 0;
  const next = nextPlanned(plan, plannedAt);
  const span = Math.min(plan.jitterSeconds * 1_000 + 1, next === null ? Infinity : next - plannedAt);
  const hash = createHash("sha256").update(`${plan.id} ${plannedAt}`).digest().readUInt32BE(0);
  return Math.floor((hash / 2 ** 32) * span);
}

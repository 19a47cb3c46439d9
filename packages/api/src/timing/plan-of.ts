import { nextOccurrence } from "./occurrences.js";
import type { Occurrence, Plan, Timing } from "./occurrences.js";

/** Columns of the planned times. Exactly one of `cron`, `everySeconds` and `runAt` is set. Times are in ISO 8601. */
export interface PlannedRow {
  readonly id: string;
  readonly cron: string | null;
  readonly everySeconds: number | null;
  readonly runAt: string | null;
  readonly timeZone: string;
  readonly startsAt: string | null;
  readonly endsAt: string | null;
  readonly jitterSeconds: number;
  /** Intervals are counted from it, unless there is a start. */
  readonly plannedSince: string;
}

interface NextColumns {
  readonly nextPlannedAt: string | null;
  readonly nextRunAt: string | null;
}

/** Returns the planned times of a row. */
export function planOf(row: PlannedRow): Plan {
  const startsAt = row.startsAt === null ? null : Date.parse(row.startsAt);
  const endsAt = row.endsAt === null ? null : Date.parse(row.endsAt);
  return { id: row.id, timing: timingOf(row, startsAt), startsAt, endsAt, jitterSeconds: row.jitterSeconds };
}

function timingOf({ cron, everySeconds, runAt, timeZone, plannedSince }: PlannedRow, startsAt: number | null): Timing {
  if (cron !== null) return { kind: "cron", expression: cron, timeZone };
  if (everySeconds !== null) return { kind: "every", seconds: everySeconds, anchor: startsAt ?? Date.parse(plannedSince) };
  if (runAt !== null) return { kind: "once", at: Date.parse(runAt) };
  throw new Error("A row without a timing.");
}

/** Returns the columns of the next occurrence after a time. */
export function nextColumns(row: PlannedRow, after: number): NextColumns {
  return columnsOf(nextOccurrence(planOf(row), after));
}

export const columnsOf = (next: Occurrence | null): NextColumns => ({
  nextPlannedAt: next && isoOf(next.plannedAt),
  nextRunAt: next && isoOf(next.startsAt),
});

export const isoOf = (ms: number): string => new Date(ms).toISOString();

import { nextOccurrence, type Occurrence, type Plan, type Timing } from "./timing/occurrences.js";
import type { ScheduleRow } from "./schedule.store.js";

type PlannedRow = Pick<
  ScheduleRow,
  "id" | "cron" | "everySeconds" | "runAt" | "timeZone" | "startsAt" | "endsAt" | "jitterSeconds" | "plannedSince"
>;

/** Returns the planned times of a schedule's row. */
export function planOf(row: PlannedRow): Plan {
  const startsAt = row.startsAt === null ? null : Date.parse(row.startsAt);
  const endsAt = row.endsAt === null ? null : Date.parse(row.endsAt);
  return { id: row.id, timing: timingOf(row, startsAt), startsAt, endsAt, jitterSeconds: row.jitterSeconds };
}

function timingOf({ cron, everySeconds, runAt, timeZone, plannedSince }: PlannedRow, startsAt: number | null): Timing {
  if (cron !== null) return { kind: "cron", expression: cron, timeZone };
  if (everySeconds !== null) return { kind: "every", seconds: everySeconds, anchor: startsAt ?? Date.parse(plannedSince) };
  if (runAt !== null) return { kind: "once", at: Date.parse(runAt) };
  throw new Error("A schedule without a timing.");
}

/** Returns the columns of the next occurrence after a time. */
export function nextColumns(row: PlannedRow, after: number): Pick<ScheduleRow, "nextPlannedAt" | "nextRunAt"> {
  return columnsOf(nextOccurrence(planOf(row), after));
}

export const columnsOf = (next: Occurrence | null): Pick<ScheduleRow, "nextPlannedAt" | "nextRunAt"> => ({
  nextPlannedAt: next && isoOf(next.plannedAt),
  nextRunAt: next && isoOf(next.startsAt),
});

export const isoOf = (ms: number): string => new Date(ms).toISOString();

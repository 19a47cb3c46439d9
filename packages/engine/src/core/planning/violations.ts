/** Dates that a schedule does not meet, and by how much. */
import type { CompiledPlan, CompiledTask } from "./compile.js";
import { minuteOf, momentOf } from "./minutes.js";
import type { ConstraintKind, ScheduleDirection, ScheduleViolation } from "./plan.js";

/** The dates for which a task is scheduled, in minutes since the epoch. */
export type ScheduledDates = { readonly start: number; readonly finish: number };

export function violationsOf(
  { tasks, network, anchor }: CompiledPlan,
  direction: ScheduleDirection,
  dates: readonly ScheduledDates[],
): ScheduleViolation[] {
  return tasks.flatMap((compiled, node) => {
    const { task, calendar } = compiled;
    const scheduled = dates[node];
    if (!scheduled) return [];
    const found: ScheduleViolation[] = [];
    const add = (kind: ScheduleViolation["kind"], at: string, byMinutes: number): void => {
      if (byMinutes > 0) found.push({ taskId: task.id, kind, at, byMinutes });
    };
    const { kind, at } = task.constraint;
    if (kind !== "ASAP" && kind !== "ALAP" && at !== null) add(kind, at, missedBy(compiled, kind, minuteOf(at), scheduled));
    const late = (limit: number): number => calendar.positionAt(scheduled.finish) - calendar.positionAt(limit);
    if (task.deadlineAt !== null) add("DEADLINE", task.deadlineAt, late(minuteOf(task.deadlineAt)));
    if (direction === "BACKWARD" && !network.isSummary[node]) add("PROJECT_FINISH", momentOf(anchor), late(anchor));
    return found;
  });
}

/** What has happened is not measured by a constraint any more. A deadline that was missed still is. */
function missedBy(
  { calendar, actualStart, actualFinish }: CompiledTask,
  kind: Exclude<ConstraintKind, "ASAP" | "ALAP">,
  at: number,
  { start, finish }: ScheduledDates,
): number {
  const after = (minute: number): number => calendar.positionAt(minute) - calendar.positionAt(at);
  const [startedBy, finishedBy] = [actualStart === null ? after(start) : 0, actualFinish === null ? after(finish) : 0];
  switch (kind) {
    case "START_NO_EARLIER_THAN":
      return -startedBy;
    case "START_NO_LATER_THAN":
      return startedBy;
    case "MUST_START_ON":
      return Math.abs(startedBy);
    case "FINISH_NO_EARLIER_THAN":
      return -finishedBy;
    case "FINISH_NO_LATER_THAN":
      return finishedBy;
    case "MUST_FINISH_ON":
      return Math.abs(finishedBy);
  }
}

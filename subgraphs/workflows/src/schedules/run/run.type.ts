import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { connectionOf } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
import { WorkflowInstance } from "../../instances/instance.type.js";
import { User } from "../../principals/principal.type.js";
import type { RunKind } from "../timing/overlap.js";
import type { RunRow } from "./run.store.js";

export enum ScheduleRunKind {
  SCHEDULED = "SCHEDULED",
  MANUAL = "MANUAL",
  BACKFILL = "BACKFILL",
}
registerEnumType(ScheduleRunKind, {
  name: "ScheduleRunKind",
  description: "Why a run takes place.",
  valuesConfig: {
    SCHEDULED: { description: "It was planned." },
    MANUAL: { description: "It was requested with `runScheduleNow`." },
    BACKFILL: { description: "It was missed and requested with `backfillSchedule`." },
  } satisfies Record<RunKind, { description: string }>,
});

export enum ScheduleRunStatus {
  QUEUED = "QUEUED",
  RUNNING = "RUNNING",
  COMPLETED = "COMPLETED",
  CANCELLED = "CANCELLED",
  FAILED = "FAILED",
  SKIPPED = "SKIPPED",
  MISSED = "MISSED",
}
registerEnumType(ScheduleRunStatus, {
  name: "ScheduleRunStatus",
  description: "Status of a run. Once started, it is that of the run's workflow.",
  valuesConfig: {
    QUEUED: { description: "It waits for an earlier run, or starts within moments." },
    RUNNING: { description: "Its workflow has not ended." },
    COMPLETED: { description: "Its workflow is completed." },
    CANCELLED: { description: "Its workflow was cancelled." },
    FAILED: { description: "Its workflow could not be started. See `code` and `message`." },
    SKIPPED: { description: "It was not started because of the overlap policy." },
    MISSED: { description: "It was not started at its time, and the policy for missed runs does not make up for it." },
  },
});

const scheduleRunColumns = columns({
  plannedAt: column.time("Planned time. A schedule has at most one run for each."),
  kind: column.of(() => ScheduleRunKind, "Why it takes place."),
  status: column.of(() => ScheduleRunStatus, "Status."),
  instance: column.of(() => WorkflowInstance, "Workflow that it started. Null if there is none or you cannot see it.", {
    nullable: true,
    resolved: true,
  }),
  code: column.text("Error code of a failed run.", { nullable: true }),
  message: column.text("Reason why the run failed or was skipped.", { nullable: true }),
  requestedBy: column.of(() => User, "User who requested a manual or backfilled run. Null for others, or if you cannot see the user.", {
    nullable: true,
  }),
  startedAt: column.time("Time at which its workflow started.", { nullable: true }),
  finishedAt: column.time("Time at which its workflow ended.", { nullable: true }),
  durationSeconds: column.int("Seconds from the start to the end of its workflow. Null until it has ended.", { nullable: true }),
});

@ShowColumns(scheduleRunColumns)
@ObjectType({ description: "A run of a schedule." })
@Allow(inherit)
export class ScheduleRun extends shapeOf(scheduleRunColumns) {
  /** UUID, for the field resolver; not a field. */
  readonly instanceId!: string | null;
}

export const { Connection: ScheduleRunConnection } = connectionOf(ScheduleRun);

/** A run, with its status including that of its instance. */
export type RunOutcome = RunRow & { readonly outcome: string; readonly finishedAt: string | null };

export function toScheduleRun(row: RunOutcome): ScheduleRun {
  const { plannedAt, code, message, startedAt, finishedAt, instanceId } = row;
  return {
    plannedAt,
    code,
    message,
    startedAt,
    finishedAt,
    instanceId,
    kind: row.kind as ScheduleRunKind,
    status: row.outcome as ScheduleRunStatus,
    requestedBy: row.requestedBy === null ? null : User.of(row.requestedBy),
    durationSeconds:
      finishedAt === null || startedAt === null ? null : Math.max(0, Math.round((Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000)),
  };
}

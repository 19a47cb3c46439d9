import { encodeId } from "@weft/shared/ids";
import { replayProgress } from "@weft/platform/events";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, ID, InputType, ObjectType, registerEnumType } from "type-graphql";
import { User } from "../../principals/principal.type.js";
import { Trigger } from "../trigger.type.js";
import type { TriggerReplayRow } from "./trigger-replay.store.js";

export enum TriggerReplayStatus {
  RUNNING = "RUNNING",
  COMPLETED = "COMPLETED",
  LIMIT_REACHED = "LIMIT_REACHED",
  STOPPED = "STOPPED",
}
registerEnumType(TriggerReplayStatus, {
  name: "TriggerReplayStatus",
  description: "Status of a replay of past events to a trigger.",
  valuesConfig: {
    RUNNING: { description: "A worker is examining events." },
    COMPLETED: { description: "All events of the period were examined." },
    LIMIT_REACHED: { description: "The trigger acted on 10,000 events. Replay the period again for the rest." },
    STOPPED: { description: "The replay ended before all events were examined. `stopReason` has the reason." },
  },
});

export enum TriggerReplayStopReason {
  TRIGGER_INACTIVE = "TRIGGER_INACTIVE",
  TRIGGER_CHANGED = "TRIGGER_CHANGED",
  RUNS_FAILED = "RUNS_FAILED",
  INTERNAL_ERROR = "INTERNAL_ERROR",
}
registerEnumType(TriggerReplayStopReason, {
  name: "TriggerReplayStopReason",
  description: "Why a replay of past events to a trigger was stopped.",
  valuesConfig: {
    TRIGGER_INACTIVE: { description: "The trigger was deactivated, by a user or because it caused itself." },
    TRIGGER_CHANGED: { description: "The trigger was changed. Replay the period again for the rest." },
    RUNS_FAILED: {
      description: "Ten runs in a row failed. Fix the cause that their `message` has, and replay the period again for the rest.",
    },
    INTERNAL_ERROR: { description: "An internal error occurred. The log contains the cause." },
  },
});

const triggerReplayColumns = columns({
  id: column.id("ID (`trp_…`)."),
  trigger: column.of(() => Trigger, "The trigger.", { nullable: true, resolved: true }),
  from: column.time("Start of the period."),
  to: column.time("End of the period."),
  status: column.of(() => TriggerReplayStatus, "Current status."),
  stopReason: column.of(() => TriggerReplayStopReason, "Why the replay was stopped. Null for the other statuses.", { nullable: true }),
  progress: column.float("Share of the events that were examined, from 0 to 1."),
  examinedCount: column.int("Number of events of the trigger's type and name that were examined."),
  runCount: column.int("Number of events on which the trigger acted. `triggerRuns` lists what it did."),
  failedCount: column.int("Number of runs that failed or were rejected at first. Retry them with `retryTriggerRun`."),
  reachedAt: column.time("Time of the last event that was examined. Null if there was none so far.", { nullable: true }),
  createdBy: column.of(() => User, "User who started it. Null if you cannot see the user.", { nullable: true }),
  createdAt: column.time("Creation time."),
  finishedAt: column.time("End time. Null while it is running.", { nullable: true }),
});

@ShowColumns(triggerReplayColumns)
@ObjectType({ description: "A replay: a trigger acts on past events on which it has not acted before, in the background." })
@Allow(canInTenant("trigger.read"))
export class TriggerReplay extends shapeOf(triggerReplayColumns) {
  /** UUID, for the field resolver. */
  triggerId!: string;
}

export const { Connection: TriggerReplayConnection } = connectionOf(TriggerReplay);

export const toTriggerReplay = (row: TriggerReplayRow): TriggerReplay => ({
  ...triggerReplayColumns.shown(row),
  id: encodeId("triggerReplay", row.id),
  from: row.fromAt,
  to: row.toAt,
  status: row.status as TriggerReplayStatus,
  stopReason: row.stopReason as TriggerReplayStopReason | null,
  progress: replayProgress(row),
  createdBy: User.of(row.createdBy),
  triggerId: row.triggerId,
});

@InputType({ description: "The past events to replay to a trigger." })
export class ReplayEventsToTriggerInput {
  @Field(() => ID, { description: "ID of the trigger (`trg_…`)." })
  triggerId!: string;

  @Field(() => DateTimeScalar, {
    description:
      "Start of the period in which the events occurred. If runs have been deleted since the trigger was created, after the last of them: it is not known on which events the trigger acted before. Also not before the events that were deleted because of `retention.eventDays`.",
  })
  from!: string;

  @Field(() => DateTimeScalar, { description: "End of the period, at most 92 days after its start." })
  to!: string;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

export const TriggerReplayPayload = payloadOf(TriggerReplay, "replay");
export type TriggerReplayPayload = InstanceType<typeof TriggerReplayPayload>;

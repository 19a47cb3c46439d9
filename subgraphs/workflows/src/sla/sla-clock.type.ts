import type { ExplainedInterval, StandingClock } from "@weft/engine";
import { encodeId } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { connectionOf } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import { SlaStatus } from "@weft/api/sla-status";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { WorkflowInstance } from "../instances/instance.type.js";
import { User } from "../principals/principal.type.js";
import { Task } from "../tasks/task.type.js";

export enum SlaIntervalCause {
  START = "START",
  RESET = "RESET",
  PAUSE = "PAUSE",
  RESUME = "RESUME",
  PAUSE_BY_HAND = "PAUSE_BY_HAND",
  RESUME_BY_HAND = "RESUME_BY_HAND",
  WAITING_FOR_INFORMATION = "WAITING_FOR_INFORMATION",
  SUSPENSION = "SUSPENSION",
  PRIORITY_CHANGE = "PRIORITY_CHANGE",
  POLICY_CHANGE = "POLICY_CHANGE",
  CALENDAR_CHANGE = "CALENDAR_CHANGE",
  MIGRATION = "MIGRATION",
  ROLLBACK = "ROLLBACK",
  STOP = "STOP",
  CANCELLATION = "CANCELLATION",
}
registerEnumType(SlaIntervalCause, {
  name: "SlaIntervalCause",
  description: "Reasons why an interval of an SLA clock began.",
  valuesConfig: {
    START: { description: "The clock started." },
    RESET: { description: "The clock was reset by a condition of the definition." },
    PAUSE: { description: "The pause condition of the definition began to hold." },
    RESUME: { description: "The reason for the pause ended." },
    PAUSE_BY_HAND: { description: "A user paused the clock." },
    RESUME_BY_HAND: { description: "A user resumed the clock." },
    WAITING_FOR_INFORMATION: { description: "A question about a task was asked." },
    SUSPENSION: { description: "The instance was suspended." },
    PRIORITY_CHANGE: { description: "Another target applies because the data changed." },
    POLICY_CHANGE: { description: "An SLA policy changed." },
    CALENDAR_CHANGE: { description: "The calendar changed." },
    MIGRATION: { description: "The instance was migrated to another version of its definition." },
    ROLLBACK: { description: "The instance was rolled back." },
    STOP: { description: "The clock stopped." },
    CANCELLATION: { description: "The instance or the task was canceled." },
  },
});

const slaClockColumns = columns({
  id: column.id("ID of the clock (`slc_…`)."),
  name: column.text("Name of the SLA in the definition. For a state or a task, the name of that."),
  title: column.text("Title of the SLA."),
  definitionKey: column.text("Key of the instance's definition."),
  status: column.of(() => SlaStatus, "Current status."),
  isBreached: column.flag("Whether the target has been reached."),
  isPausedByHand: column.flag("Whether a user has paused the clock."),
  pausedFor: column.of(() => SlaIntervalCause, "Why the clock is paused. Null if it is not.", { nullable: true }),
  targetSeconds: column.int("Target, in working seconds."),
  consumedSeconds: column.int("Working time consumed, in seconds."),
  remainingSeconds: column.int("Working time until the target, in seconds. Negative after the target."),
  startedAt: column.time("Time when the clock started."),
  dueAt: column.time(
    "Time when the target is reached, or was. Null while the clock is paused, and for a clock that stopped before its target.",
    { nullable: true },
  ),
  breachedAt: column.time("Time when the target was reached. Null if it was not.", { nullable: true }),
  endedAt: column.time("Time when the clock ended. Null while it runs or is paused.", { nullable: true }),
  instance: column.of(() => WorkflowInstance, "The instance. Null if you cannot read it.", { nullable: true, resolved: true }),
  task: column.of(() => Task, "The task that the clock measures. Null for other clocks, and if you cannot read it.", {
    nullable: true,
    resolved: true,
  }),
});

@ShowColumns(slaClockColumns)
@ObjectType({ description: "The clock of a service-level agreement: working time that an instance, a state, or a task has consumed." })
@Allow(inherit)
export class SlaClock extends shapeOf(slaClockColumns) {
  /** UUIDs, for the field resolvers; not fields. */
  readonly instanceId!: string;
  readonly taskId!: string | null;
}

export const { Connection: SlaClockConnection } = connectionOf(SlaClock);

const slaIntervalColumns = columns({
  from: column.time("Begin."),
  to: column.time("End. Null for the current interval.", { nullable: true }),
  isRunning: column.flag("Whether time is consumed."),
  cause: column.of(() => SlaIntervalCause, "Why the interval began."),
  seconds: column.int("Working time consumed in the interval, in seconds."),
  targetSeconds: column.int("Target during the interval, in working seconds."),
  actor: column.of(() => User, "User who caused it. Null for the system.", { nullable: true }),
  reason: column.text("Reason that the user gave.", { nullable: true }),
});

@ShowColumns(slaIntervalColumns)
@ObjectType({ description: "An interval of an SLA clock." })
@Allow(inherit)
export class SlaInterval extends shapeOf(slaIntervalColumns) {}

@ObjectType({ description: "The ledger of an SLA clock: why it says what it says." })
@Allow(inherit)
export class SlaExplanation {
  @Field(() => SlaClock, { description: "The clock." })
  clock!: SlaClock;

  @Field(() => [SlaInterval], { description: "Intervals in order. Their working seconds add up to `consumedSeconds` of the clock." })
  intervals!: SlaInterval[];

  @Field(() => Boolean, { description: "Whether counting the intervals again from their causes gives the stored values." })
  isRecounted!: boolean;
}

export function toSlaClock({ row, standing }: StandingClock): SlaClock {
  return {
    id: encodeId("slaClock", row.id),
    name: row.rule.replace(/^task:/, ""),
    title: row.title,
    definitionKey: row.definitionKey,
    status: standing.status as SlaStatus,
    isBreached: standing.remaining <= 0,
    isPausedByHand: row.isPausedByHand,
    pausedFor: row.pausedFor as SlaIntervalCause | null,
    targetSeconds: row.targetSeconds,
    consumedSeconds: standing.consumed,
    remainingSeconds: standing.remaining,
    startedAt: row.startedAt,
    dueAt: standing.dueAt,
    breachedAt: standing.remaining <= 0 ? standing.dueAt : null,
    endedAt: row.endedAt,
    instanceId: row.instanceId,
    taskId: row.taskId,
  };
}

export function toSlaInterval({ at, to, phase, cause, seconds, terms, by, reason }: ExplainedInterval): SlaInterval {
  return {
    from: at,
    to,
    isRunning: phase === "RUN",
    cause: cause as SlaIntervalCause,
    seconds,
    targetSeconds: terms.target,
    actor: User.ofOrNull(by),
    reason,
  };
}

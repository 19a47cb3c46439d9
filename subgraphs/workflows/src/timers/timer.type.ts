import { encodeId, encodeIdOrNull } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, can } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import type { TimerRow } from "@weft/engine";
import { WorkflowInstance } from "../instances/instance.type.js";

export enum TimerKind {
  STATE = "STATE",
  TASK = "TASK",
  SLA_WARNING = "SLA_WARNING",
  SLA_BREACH = "SLA_BREACH",
  ESCALATION = "ESCALATION",
}
registerEnumType(TimerKind, {
  name: "WorkflowTimerKind",
  description: "Kinds of timers.",
  valuesConfig: {
    STATE: { description: "Timer of a state of the definition." },
    TASK: { description: "Timer of a task of the definition." },
    SLA_WARNING: { description: "Warning of a service level." },
    SLA_BREACH: { description: "Breach of a service level." },
    ESCALATION: { description: "Level of an escalation." },
  },
});

export enum TimerStatus {
  ARMED = "ARMED",
  FIRED = "FIRED",
  CLEARED = "CLEARED",
  SKIPPED = "SKIPPED",
  FAILED = "FAILED",
}
registerEnumType(TimerStatus, {
  name: "WorkflowTimerStatus",
  description: "Statuses of a timer.",
  valuesConfig: {
    ARMED: { description: "Set: it fires when it is due." },
    FIRED: { description: "It has fired." },
    CLEARED: { description: "Its state was left, its task was closed, its time was changed, or the instance ended." },
    SKIPPED: { description: "It was due, but could not fire, or a user canceled it. `reason` says why." },
    FAILED: { description: "It failed, and the instance has an incident." },
  },
});

export enum TimerEffect {
  FIRE = "FIRE",
  ACTIONS = "ACTIONS",
  REMIND = "REMIND",
}
registerEnumType(TimerEffect, {
  name: "WorkflowTimerEffect",
  description: "What a timer of a definition does.",
  valuesConfig: {
    FIRE: { description: "Fires a transition." },
    ACTIONS: { description: "Runs actions." },
    REMIND: { description: "Reminds users." },
  },
});

const workflowTimerColumns = columns({
  id: column.id("ID (`tmr_…`)."),
  kind: column.of(() => TimerKind, "Kind of timer."),
  name: column.text("Name of the timer in the definition."),
  state: column.text("State in which it was set."),
  taskId: column.id("ID of the task (`tsk_…`). Null for a timer of the instance.", { nullable: true }),
  effect: column.of(() => TimerEffect, "What the timer does. Null for timers that definitions do not contain.", { nullable: true }),
  repetition: column.int("Number of the repetition, starting at 1."),
  dueAt: column.time("Time at which it fires."),
  status: column.of(() => TimerStatus, "Status."),
  isWaiting: column.flag("Whether it is due, but waits because the instance is suspended or has an incident."),
  reason: column.text("Why it was skipped, has failed, or was changed by a user.", { nullable: true }),
  version: column.int("Version number, incremented when a user changes the timer."),
  createdAt: column.time("Time when it was set."),
  endedAt: column.time("Time when it fired or ended. Null while it is set.", { nullable: true }),
  instance: column.of(() => WorkflowInstance, "The instance. Null if you cannot read it.", { nullable: true, resolved: true }),
});

@ShowColumns(workflowTimerColumns)
@ObjectType({ description: "Something that happens at a time, unless the instance moves on before." })
@Allow(can("workflow.read"))
export class WorkflowTimer extends shapeOf(workflowTimerColumns) {
  /** UUID of the instance, for the field resolver; not a field. */
  readonly instanceId!: string;
}

export const { Connection: WorkflowTimerConnection } = connectionOf(WorkflowTimer);

const effects: Readonly<Record<string, TimerEffect>> = { fire: TimerEffect.FIRE, actions: TimerEffect.ACTIONS, remind: TimerEffect.REMIND };

export function toTimer(row: TimerRow): WorkflowTimer {
  const { effect, count } = row.payload;
  return {
    id: encodeId("timer", row.id),
    kind: row.kind as TimerKind,
    name: row.name,
    state: row.state,
    taskId: encodeIdOrNull("task", row.taskId),
    effect: effects[String(effect)] ?? null,
    repetition: typeof count === "number" ? count : 1,
    dueAt: row.dueAt,
    status: row.status as TimerStatus,
    isWaiting: row.isHeld && row.status === "ARMED",
    reason: row.reason,
    version: row.version,
    createdAt: row.createdAt,
    endedAt: row.endedAt,
    instanceId: row.instanceId,
  };
}

@InputType({ description: "The timer to cancel, and the reason." })
export class CancelTimerInput {
  @Field(() => ID, { description: "ID of the timer (`tmr_…`)." })
  id!: string;

  @Field(() => String, { description: "Reason. At most 2,000 characters." })
  reason!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}

@InputType({ description: "The timer to reschedule, its new time, and the reason." })
export class RescheduleTimerInput {
  @Field(() => ID, { description: "ID of the timer (`tmr_…`)." })
  id!: string;

  @Field(() => DateTimeScalar, { description: "New time. If it has passed, the timer fires immediately." })
  dueAt!: string;

  @Field(() => String, { description: "Reason. At most 2,000 characters." })
  reason!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}

export const WorkflowTimerPayload = payloadOf(WorkflowTimer, "timer");
export type WorkflowTimerPayload = InstanceType<typeof WorkflowTimerPayload>;

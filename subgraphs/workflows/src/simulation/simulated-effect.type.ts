import type { Effect, EffectAction, SimulatedClock as Clock } from "@weft/engine";
import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { SlaStatus } from "@weft/api/sla-status";
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { EscalationActionKind } from "../escalations/escalation.type.js";
import { SimulatedTransition, toSimulatedTransition } from "./simulated-transition.type.js";

export enum SimulatedEffectKind {
  TIMER = "TIMER",
  TASK_OVERDUE = "TASK_OVERDUE",
  SLA_WARNING = "SLA_WARNING",
  SLA_BREACH = "SLA_BREACH",
  ESCALATION = "ESCALATION",
}
registerEnumType(SimulatedEffectKind, {
  name: "SimulatedEffectKind",
  description: "What happens by itself in a simulation when its time has come.",
  valuesConfig: {
    TIMER: { description: "A timer of a state or a task fires." },
    TASK_OVERDUE: { description: "The deadline of an open task passes." },
    SLA_WARNING: { description: "An SLA clock reaches a warning." },
    SLA_BREACH: { description: "An SLA clock reaches its target." },
    ESCALATION: { description: "A level of an escalation is due." },
  },
});

export enum SimulatedOutcome {
  DONE = "DONE",
  SKIPPED = "SKIPPED",
  FAILED = "FAILED",
}
registerEnumType(SimulatedOutcome, {
  name: "SimulatedOutcome",
  description: "Outcomes of what happens by itself in a simulation.",
  valuesConfig: {
    DONE: { description: "Everything would be done." },
    SKIPPED: { description: "Nothing would be done. `reason` says why." },
    FAILED: { description: "Something would not be possible. `reason` says what and why." },
  },
});

@ObjectType({ description: "What an action of a level of an escalation would do." })
@Allow(inherit)
export class SimulatedAction {
  @Field(() => EscalationActionKind, { description: "Kind of action." })
  kind!: EscalationActionKind;

  @Field(() => String, { nullable: true, description: "Task rule of the task that would change. Null for other actions." })
  task!: string | null;

  @Field(() => String, { nullable: true, description: "Former priority or value." })
  from!: string | null;

  @Field(() => String, { nullable: true, description: "New priority or value, fired transition, or key of the definition to start." })
  to!: string | null;

  @Field(() => [String], { description: "Keys of the roles that would be notified, or that would get the task." })
  roles!: string[];

  @Field(() => String, { nullable: true, description: "Why it would not be possible. Null if it would be done." })
  reason!: string | null;
}

@ObjectType({ description: "Something that would happen by itself as time passes." })
@Allow(inherit)
export class SimulatedEffect {
  @Field(() => SimulatedEffectKind, { description: "What would happen." })
  kind!: SimulatedEffectKind;

  @Field(() => DateTimeScalar, { description: "Time at which it would happen." })
  at!: string;

  @Field(() => String, {
    description: "Name of the timer, the SLA, or the escalation. For the SLA of a state or a task, and for a deadline, the name of that.",
  })
  name!: string;

  @Field(() => String, { nullable: true, description: "Task rule of the task that it concerns. Null if it concerns no single task." })
  task!: string | null;

  @Field(() => Int, { nullable: true, description: "Number of the level of the escalation, starting at 1. Null for other effects." })
  level!: number | null;

  @Field(() => SimulatedOutcome, { description: "Outcome." })
  outcome!: SimulatedOutcome;

  @Field(() => String, { nullable: true, description: "Why it would be skipped or would fail. Null if it would be done." })
  reason!: string | null;

  @Field(() => [SimulatedTransition], { description: "Transitions that it would cause, in order, or an incident." })
  transitions!: SimulatedTransition[];

  @Field(() => [SimulatedAction], { description: "What each action of the level would do, in order. Empty for other effects." })
  actions!: SimulatedAction[];
}

@ObjectType({ description: "An SLA clock as it would be at the end of a simulation." })
@Allow(inherit)
export class SimulatedClock {
  @Field(() => String, { description: "Name of the SLA in the definition. For a state or a task, the name of that." })
  name!: string;

  @Field(() => String, { description: "Title of the SLA." })
  title!: string;

  @Field(() => String, { nullable: true, description: "Task rule of the task that the clock measures. Null for other clocks." })
  task!: string | null;

  @Field(() => SlaStatus, { description: "Status at the end." })
  status!: SlaStatus;

  @Field(() => Int, { description: "Target, in working seconds." })
  targetSeconds!: number;

  @Field(() => Int, { description: "Working time consumed, in seconds." })
  consumedSeconds!: number;

  @Field(() => Int, { description: "Working time until the target, in seconds. Negative after the target." })
  remainingSeconds!: number;

  @Field(() => DateTimeScalar, { description: "Time when the clock would start." })
  startedAt!: string;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description:
      "Time when the target would be reached, or would have been. Null while the clock is paused, and for a clock that stopped before its target.",
  })
  dueAt!: string | null;
}

/** The key of a task's SLA contains that it is one. */
const nameOf = (key: string): string => key.replace(/^task:/, "");

export const toSimulatedEffect = ({ kind, at, name, task, level, outcome, reason, outcomes, actions }: Effect): SimulatedEffect => ({
  kind: kind as SimulatedEffectKind,
  at,
  name: nameOf(name),
  task,
  level,
  outcome: outcome as SimulatedOutcome,
  reason,
  transitions: outcomes.filter((one) => one.kind !== "timer").map(toSimulatedTransition),
  actions: actions.map(toSimulatedAction),
});

const toSimulatedAction = ({ kind, task, from, to, roles, reason }: EffectAction): SimulatedAction => ({
  kind: kind as EscalationActionKind,
  task,
  from,
  to,
  roles: [...roles],
  reason,
});

export const toSimulatedClock = ({ sla, task, startedAt, target, status, consumed, remaining, dueAt }: Clock): SimulatedClock => ({
  name: sla.name,
  title: sla.title,
  task,
  status: status as SlaStatus,
  targetSeconds: target,
  consumedSeconds: consumed,
  remainingSeconds: remaining,
  startedAt,
  dueAt,
});

import type { RunOfState } from "@weft/engine";
import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar, JsonScalar } from "@weft/api/scalars";
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { RunStatus, RunStepStatus } from "../automation/run.type.js";
import { ConditionFailure } from "../conditions/condition-failure.type.js";
import { SimulatedTransition, toSimulatedTransition } from "./simulated-transition.type.js";

export enum SimulatedAttemptEnd {
  SUCCEEDED = "SUCCEEDED",
  FAILED = "FAILED",
  LOST = "LOST",
  PENDING = "PENDING",
}
registerEnumType(SimulatedAttemptEnd, {
  name: "SimulatedAttemptEnd",
  description: "Ends of an attempt in a simulation.",
  valuesConfig: {
    SUCCEEDED: { description: "It would succeed." },
    FAILED: { description: "It would fail. `error` says why." },
    LOST: { description: "Its worker would be lost." },
    PENDING: { description: "It would not end." },
  },
});

export enum SimulatedResultOrigin {
  STUB = "STUB",
  PLACEHOLDER = "PLACEHOLDER",
  COMPUTED = "COMPUTED",
}
registerEnumType(SimulatedResultOrigin, {
  name: "SimulatedResultOrigin",
  description: "Origins of the result of an attempt in a simulation.",
  valuesConfig: {
    STUB: { description: "A stub of the simulation." },
    PLACEHOLDER: { description: "No stub: an example of the outputs that the step type has. The real ones will differ." },
    COMPUTED: { description: "The engine computes it: the step is a `set` or an `assert`, or its input is invalid." },
  },
});

@ObjectType({ description: "Why an attempt would fail." })
@Allow(inherit)
export class SimulatedStepError {
  @Field(() => String, { description: "Code, such as `TIMEOUT`." })
  code!: string;

  @Field(() => String, { description: "Message." })
  message!: string;

  @Field(() => Boolean, { description: "Whether another attempt would fail as well." })
  isFinal!: boolean;
}

@ObjectType({ description: "A value that a condition read." })
@Allow(inherit)
export class SimulatedConditionValue {
  @Field(() => String, { description: "Path, such as steps.run-tests.exit_code." })
  path!: string;

  @Field(() => JsonScalar, { nullable: true, description: "Value. Null if it is absent." })
  value!: unknown;
}

@ObjectType({ description: "The `when` of a step, evaluated when its turn would come." })
@Allow(inherit)
export class SimulatedCondition {
  @Field(() => String, { description: "The condition as text." })
  text!: string;

  @Field(() => Boolean, { description: "Whether it would hold." })
  holds!: boolean;

  @Field(() => [SimulatedConditionValue], { description: "Values that it read." })
  values!: SimulatedConditionValue[];

  @Field(() => [ConditionFailure], { description: "Parts that were not true, at most 20. Empty if it holds." })
  failures!: ConditionFailure[];
}

@ObjectType({ description: "An attempt at the work of a step, or at undoing it." })
@Allow(inherit)
export class SimulatedAttempt {
  @Field(() => Int, { description: "Number, from 1." })
  attempt!: number;

  @Field(() => Boolean, { description: "Whether it undoes the step." })
  isCompensation!: boolean;

  @Field(() => String, { description: "Step type of the work. `workflow` if the step falls back to another automation." })
  type!: string;

  @Field(() => DateTimeScalar, { description: "Time at which it would begin, or at which a wait would be over." })
  at!: string;

  @Field(() => JsonScalar, {
    nullable: true,
    description: "Input with its expressions evaluated. Secrets are shown as `***`. Null if it cannot be evaluated.",
  })
  input!: unknown;

  @Field(() => SimulatedAttemptEnd, { description: "How it would end." })
  end!: SimulatedAttemptEnd;

  @Field(() => SimulatedResultOrigin, { description: "Where its result comes from." })
  origin!: SimulatedResultOrigin;

  @Field(() => JsonScalar, { nullable: true, description: "Outputs. Null unless it succeeds." })
  outputs!: unknown;

  @Field(() => SimulatedStepError, { nullable: true, description: "Why it would fail. Null unless it fails." })
  error!: SimulatedStepError | null;
}

@ObjectType({ description: "What would become of a step, or of the work for one item of its list." })
@Allow(inherit)
export class SimulatedRunStep {
  @Field(() => String, { description: "ID of the step in the definition." })
  step!: string;

  @Field(() => String, { description: "Display name." })
  title!: string;

  @Field(() => String, { description: "Step type." })
  type!: string;

  @Field(() => Int, { nullable: true, description: "Index of the item, from 0. Null for the step itself." })
  index!: number | null;

  @Field(() => JsonScalar, { nullable: true, description: "The item. Null for the step itself." })
  item!: unknown;

  @Field(() => RunStepStatus, { description: "Status at the end." })
  status!: RunStepStatus;

  @Field(() => SimulatedCondition, { nullable: true, description: "Its condition. Null if it has none, or if its turn would not come." })
  condition!: SimulatedCondition | null;

  @Field(() => String, { nullable: true, description: "Why it would be skipped or canceled. Null if it would not be." })
  reason!: string | null;

  @Field(() => [SimulatedAttempt], { description: "Attempts at its work, and at undoing it, in order." })
  attempts!: SimulatedAttempt[];

  @Field(() => JsonScalar, { nullable: true, description: "Outputs. Null if it would have none." })
  outputs!: unknown;

  @Field(() => SimulatedStepError, { nullable: true, description: "Why it, or its last attempt, would fail. Null if it would not." })
  error!: SimulatedStepError | null;
}

export enum SimulatedRunEffectKind {
  FALL_BACK = "FALL_BACK",
  NOTIFY_FAILURE = "NOTIFY_FAILURE",
  INCIDENT = "INCIDENT",
  STOP = "STOP",
}
registerEnumType(SimulatedRunEffectKind, {
  name: "SimulatedRunEffectKind",
  description: "What a run would do beyond its steps.",
  valuesConfig: {
    FALL_BACK: { description: "It starts another automation instead of a step that has failed." },
    NOTIFY_FAILURE: { description: "It notifies people of the failure of a step." },
    INCIDENT: { description: "It opens an incident, which somebody must resolve." },
    STOP: { description: "It tells steps at work to stop." },
  },
});

@ObjectType({ description: "Something that a run would do beyond its steps." })
@Allow(inherit)
export class SimulatedRunEffect {
  @Field(() => SimulatedRunEffectKind, { description: "Kind." })
  kind!: SimulatedRunEffectKind;

  @Field(() => String, { description: "ID of the step that causes it." })
  step!: string;

  @Field(() => String, {
    description: "Key of the automation, roles and users who would be notified, cause of the incident, or the steps that would stop.",
  })
  text!: string;

  @Field(() => JsonScalar, { nullable: true, description: "Inputs of the automation. Null for other kinds." })
  inputs!: unknown;

  @Field(() => DateTimeScalar, { description: "Time." })
  at!: string;
}

@ObjectType({ description: "A rule of the security profile that a step breaks." })
@Allow(inherit)
export class SimulatedViolation {
  @Field(() => String, { description: "Rule: stepTypes, commands, domains or secrets." })
  rule!: string;

  @Field(() => String, { nullable: true, description: "ID of the step. Null: the whole definition." })
  step!: string | null;

  @Field(() => String, { description: "Key of the profile." })
  profile!: string;

  @Field(() => String, { description: "The violation as a sentence." })
  message!: string;
}

@ObjectType({ description: "What a run of the steps of a state would do. Nothing outside is called, and nothing is written." })
@Allow(inherit)
export class SimulatedRun {
  @Field(() => String, { description: "State whose steps it runs." })
  state!: string;

  @Field(() => RunStatus, { description: "Status at the end. RUNNING if it would not end." })
  status!: RunStatus;

  @Field(() => DateTimeScalar, { description: "Time at which it would start." })
  startedAt!: string;

  @Field(() => DateTimeScalar, { description: "Time at which it would end: delays of retries and waits take time, work takes none." })
  endedAt!: string;

  @Field(() => String, { nullable: true, description: "The step whose failure ends it. Null unless it fails." })
  failedStep!: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "Outputs. Null unless it succeeds." })
  outputs!: unknown;

  @Field(() => [SimulatedRunStep], {
    description: "Steps in the order in which they would begin, be skipped or be canceled, then those that would not be reached.",
  })
  steps!: SimulatedRunStep[];

  @Field(() => [SimulatedRunEffect], { description: "What it would do beyond its steps, in order." })
  effects!: SimulatedRunEffect[];

  @Field(() => [SimulatedViolation], {
    description: "What the security profile refuses. If there is anything, the run would not start; the simulation continues.",
  })
  violations!: SimulatedViolation[];

  @Field(() => [String], { description: "IDs of the steps whose results are placeholders, because no stub was passed for them." })
  placeholders!: string[];

  @Field(() => String, {
    nullable: true,
    description: "What it would wait for, or the limit that the simulation has reached. Null if it ends.",
  })
  unfinished!: string | null;

  @Field(() => [SimulatedTransition], { description: "Transitions that its end would fire, with those that follow automatically." })
  transitions!: SimulatedTransition[];

  @Field(() => String, { nullable: true, description: "Why its end would have no effect on the instance. Null if it has one." })
  reason!: string | null;
}

export function toSimulatedRun({ state, run, outcomes, reason }: RunOfState): SimulatedRun {
  const { steps, effects, violations, status, ...shown } = run;
  const guessed = steps.filter(({ attempts }) => attempts.some(({ origin }) => origin === "PLACEHOLDER")).map(({ step }) => step);
  return {
    ...shown,
    state,
    status: status as RunStatus,
    steps: steps.map(({ attempts, condition, ...step }) => ({
      ...step,
      status: step.status as RunStepStatus,
      condition: condition && {
        ...condition,
        values: [...condition.values],
        failures: condition.failures.map(({ message, path = null }) => ({ message, path })),
      },
      attempts: attempts.map(({ end, origin, ...attempt }) => ({
        ...attempt,
        end: end as SimulatedAttemptEnd,
        origin: origin as SimulatedResultOrigin,
      })),
    })),
    effects: effects.map(({ kind, ...effect }) => ({ ...effect, kind: kind as SimulatedRunEffectKind })),
    violations: [...violations],
    placeholders: [...new Set(guessed)],
    transitions: outcomes.filter(({ kind }) => kind !== "data").map(toSimulatedTransition),
    reason,
  };
}

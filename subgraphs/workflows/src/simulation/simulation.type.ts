import type { Machine, Outcome, SimulatedStep as Simulated, SimulationEnd, SnapshotTask } from "@weft/engine";
import { Allow, inherit } from "@weft/api/rules";
import { DateTimeScalar, JsonScalar } from "@weft/api/scalars";
import { WorkflowStatus } from "@weft/api/workflow-status";
import { ArgsType, Field, ID, InputType, ObjectType } from "type-graphql";
import { DefinitionFormat } from "../definitions/definition.type.js";
import { SimulatedCall, SimulatedCallResultInput, toSimulatedCall } from "./simulated-call.type.js";
import { SimulatedClock, SimulatedEffect, toSimulatedClock, toSimulatedEffect } from "./simulated-effect.type.js";
import { SimulatedRun, toSimulatedRun } from "./simulated-run.type.js";
import { StubbedStepInput } from "./stubbed-step.type.js";
import { SimulatedTransition, toSimulatedTransition } from "./simulated-transition.type.js";

@InputType({ description: "A simulated user." })
export class SimulatedActorInput {
  @Field(() => String, {
    nullable: true,
    description:
      "Name that distinguishes this user from other simulated users, for rules that require different people. Users without a name count as the same person.",
  })
  name?: string | null;

  @Field(() => [String], { nullable: true, description: "Keys of the user's roles." })
  roles?: string[] | null;

  @Field(() => [String], { nullable: true, description: "The user's permissions." })
  permissions?: string[] | null;

  @Field(() => Boolean, { nullable: true, description: "Whether the user is the owner of the instance." })
  isOwner?: boolean | null;
}

@InputType({ description: "A transition to fire in a simulation, or the result of a call." })
export class SimulationStepInput {
  @Field(() => String, { nullable: true, description: "Name of the transition. Pass either `transition` or `callResult`." })
  transition?: string | null;

  @Field(() => SimulatedCallResultInput, {
    nullable: true,
    description: "Result of a call that arrives. It can only be combined with `after`. Pass either `transition` or `callResult`.",
  })
  callResult?: SimulatedCallResultInput | null;

  @Field(() => JsonScalar, { nullable: true, description: "Values for the transition's input schema." })
  input?: unknown;

  @Field(() => String, { nullable: true, description: "Comment. Some transitions require one." })
  comment?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The task rule whose first open task is completed by firing the transition. If votes decide, this counts as a vote.",
  })
  task?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: "Titles of checklist items that are completed before firing, on that task. Without `task`, on every open task.",
  })
  completedItems?: string[] | null;

  @Field(() => SimulatedActorInput, { nullable: true, description: "User who fires the transition (default: the user of the simulation)." })
  as?: SimulatedActorInput | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Period that passes before the step, such as P2D, PT4H, or 2 working days. What is due by then happens first, in order. At most ten years.",
  })
  after?: string | null;
}

@ArgsType()
export class SimulateWorkflowArgs {
  @Field(() => ID, {
    nullable: true,
    description: "ID of a version of a definition, which can be a draft. Pass either `definitionId` or `source`.",
  })
  definitionId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "A definition as YAML or JSON text, at most 1 MB. Pass either `definitionId` or `source`.",
  })
  source?: string | null;

  @Field(() => DefinitionFormat, { nullable: true, description: "Format of `source`. Detected if omitted." })
  format?: DefinitionFormat | null;

  @Field(() => JsonScalar, { nullable: true, description: "Initial data, or the inputs of an automation (default: an empty object)." })
  data?: unknown;

  @Field(() => [SimulationStepInput], {
    defaultValue: [],
    description: "Transitions to fire, and results of calls, in order, at most 200. An automation needs none.",
  })
  steps!: SimulationStepInput[];

  @Field(() => [StubbedStepInput], {
    nullable: true,
    description:
      "Results of the steps that states and automations run, at most 1,000. Nothing is called: a step without a stub succeeds with an example of its outputs.",
  })
  stubs?: StubbedStepInput[] | null;

  @Field(() => SimulatedActorInput, {
    nullable: true,
    description: "Simulated user who fires the transitions (default: you, with your roles, as the owner).",
  })
  as?: SimulatedActorInput | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Time at which the instance starts (default: the current time)." })
  now?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Period that passes after the last step, such as P30D. What is due by then happens, in order. At most ten years.",
  })
  advance?: string | null;
}

@ObjectType({ description: "A task that would be open." })
@Allow(inherit)
export class SimulatedTask {
  @Field(() => String, { description: "Task rule of the definition." })
  rule!: string;

  @Field(() => String, { description: "Title." })
  title!: string;

  @Field(() => [String], { description: "Keys of the roles to which the task would be offered." })
  candidateRoles!: string[];
}

@ObjectType({ description: "Result of one step: of firing a transition, or of the result of a call." })
@Allow(inherit)
export class SimulatedStep {
  @Field(() => String, { nullable: true, description: "Name of the transition of the step. Null for the result of a call." })
  transition!: string | null;

  @Field(() => SimulatedCall, {
    nullable: true,
    description: "The call whose result would arrive. Null for a transition, and if there is no such open call.",
  })
  call!: SimulatedCall | null;

  @Field(() => DateTimeScalar, { description: "Time at which the transition would be fired, or the result would arrive." })
  at!: string;

  @Field(() => [SimulatedEffect], { description: "What would happen by itself in the period before, in order." })
  effects!: SimulatedEffect[];

  @Field(() => String, { description: "State before the change." })
  from!: string;

  @Field(() => String, {
    description: "State after the step and the automatic transitions that follow. Unchanged if the step was rejected.",
  })
  to!: string;

  @Field(() => [SimulatedTransition], {
    description: "Automatic transitions that would follow, in order. Includes those that the result of a call would fire.",
  })
  automaticTransitions!: SimulatedTransition[];

  @Field(() => Boolean, {
    description: "Whether the transition would succeed, or the result would have its effect. The next step is tried in any case.",
  })
  isAccepted!: boolean;

  @Field(() => String, {
    nullable: true,
    description:
      "TRANSITION_REJECTED or BAD_USER_INPUT for a transition, NOT_FOUND if there is no such open call. Null for other results of calls, and if the transition would succeed.",
  })
  code!: string | null;

  @Field(() => [String], {
    description:
      "All reasons why the transition would fail, or why the result would not have its effect, as sentences. Reasons about input and data include the path.",
  })
  reasons!: string[];

  @Field(() => [String], { description: "Properties of the data that would change." })
  changed!: string[];

  @Field(() => [SimulatedTask], { description: "Tasks that would be opened." })
  openedTasks!: SimulatedTask[];

  @Field(() => [SimulatedTask], { description: "Tasks that would be closed." })
  closedTasks!: SimulatedTask[];

  @Field(() => [String], { description: "Names of the events that the definition would emit." })
  events!: string[];

  @Field(() => [SimulatedCall], {
    description: "Calls of integrations that the step would make, in order, as they would be right after it.",
  })
  calls!: SimulatedCall[];
}

@ObjectType({ description: "Result of a simulation. Nothing is written." })
@Allow(inherit)
export class Simulation {
  @Field(() => [String], { description: "States in the order in which they would be entered, starting with the initial state." })
  path!: string[];

  @Field(() => String, { description: "State at the end." })
  state!: string;

  @Field(() => String, { description: "Display name of the state at the end." })
  stateTitle!: string;

  @Field(() => WorkflowStatus, { description: "Status at the end." })
  status!: WorkflowStatus;

  @Field(() => JsonScalar, { description: "Data at the end." })
  data!: unknown;

  @Field(() => [SimulatedTask], { description: "Tasks that would be open at the end." })
  tasks!: SimulatedTask[];

  @Field(() => [SimulatedCall], {
    description: "All calls of integrations that would be made, in order, as they would be at the end. Nothing is sent.",
  })
  calls!: SimulatedCall[];

  @Field(() => [SimulatedTransition], { description: "What would follow automatically from the start, in order." })
  automaticTransitions!: SimulatedTransition[];

  @Field(() => [SimulatedStep], { description: "Results of the steps, in order." })
  steps!: SimulatedStep[];

  @Field(() => [SimulatedEffect], { description: "What would happen by itself in the period after the last step, in order." })
  effects!: SimulatedEffect[];

  @Field(() => [SimulatedClock], { description: "SLA clocks at the end, oldest first. Those that have ended are included." })
  clocks!: SimulatedClock[];

  @Field(() => [SimulatedRun], { description: "Runs of the steps of states, oldest first. An automation has one." })
  runs!: SimulatedRun[];

  @Field(() => DateTimeScalar, { description: "Time at the end." })
  endsAt!: string;
}

export const toSimulation = (
  machine: Machine,
  { automaticTransitions }: { readonly automaticTransitions: readonly Outcome[] },
  steps: readonly Simulated[],
  { snapshot, now, visited, effects, clocks, calls, runs }: SimulationEnd,
): Simulation => ({
  path: [...visited],
  state: snapshot.state,
  stateTitle: machine.states.get(snapshot.state)?.title ?? snapshot.state,
  status: snapshot.status as WorkflowStatus,
  data: snapshot.data,
  tasks: snapshot.openTasks.map(toTask),
  calls: calls.map(toSimulatedCall),
  automaticTransitions: automaticTransitions.map(toSimulatedTransition),
  steps: steps.map(toStep),
  effects: effects.map(toSimulatedEffect),
  clocks: clocks.map(toSimulatedClock),
  runs: runs.map(toSimulatedRun),
  endsAt: now,
});

function toStep(step: Simulated): SimulatedStep {
  const { at, effects, before, after, calls } = step;
  const still = new Set(after.openTasks.map(({ id }) => id));
  const were = new Set(before.openTasks.map(({ id }) => id));
  const { outcomes, ...kind } = step.kind === "transition" ? ofTransition(step) : ofResult(step);
  const changed = outcomes.flatMap(({ dataChanges: { patch, removed } }) => [...Object.keys(patch), ...removed]);
  return {
    ...kind,
    at,
    effects: effects.map(toSimulatedEffect),
    from: before.state,
    to: after.state,
    changed: [...new Set(changed)],
    openedTasks: after.openTasks.filter(({ id }) => !were.has(id)).map(toTask),
    closedTasks: before.openTasks.filter(({ id }) => !still.has(id)).map(toTask),
    events: outcomes.flatMap(({ events }) => events.map(({ type }) => type)),
    calls: calls.map(toSimulatedCall),
  };
}

type KindOfStep = Pick<SimulatedStep, "transition" | "call" | "isAccepted" | "code" | "reasons" | "automaticTransitions"> & {
  readonly outcomes: readonly Outcome[];
};

function ofTransition({ transition, result, automaticTransitions }: Extract<Simulated, { kind: "transition" }>): KindOfStep {
  const { reasons, problems } = result.ok ? { reasons: [], problems: [] } : result.rejection;
  return {
    transition,
    call: null,
    isAccepted: result.ok,
    code: result.ok ? null : result.rejection.code,
    reasons: [...reasons.map(({ message }) => message), ...problems.map(({ path, message }) => `${path}: ${message}`)],
    automaticTransitions: automaticTransitions.map(toSimulatedTransition),
    outcomes: result.ok ? [result.outcome, ...automaticTransitions] : [],
  };
}

function ofResult({ call, outcomes }: Extract<Simulated, { kind: "callResult" }>): KindOfStep {
  const isFound = !("missing" in call);
  const reason = isFound ? call.reason : call.missing;
  return {
    transition: null,
    call: isFound ? toSimulatedCall(call) : null,
    isAccepted: isFound && call.outcome === "DONE",
    code: isFound ? null : "NOT_FOUND",
    reasons: reason === null ? [] : [reason],
    // The change of the data is no transition.
    automaticTransitions: outcomes.filter(({ kind }) => kind !== "data").map(toSimulatedTransition),
    outcomes,
  };
}

const toTask = ({ rule, title, candidateRoles = [] }: SnapshotTask): SimulatedTask => ({
  rule,
  title,
  candidateRoles: [...candidateRoles],
});

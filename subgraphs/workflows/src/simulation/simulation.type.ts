import type { Machine, Outcome, SimulatedStep as Simulated, Snapshot, SnapshotTask } from "@weft/engine";
import { Allow, JsonScalar, inherit, WorkflowStatus } from "@weft/shared";
import { ArgsType, Field, ID, InputType, ObjectType } from "type-graphql";
import { DefinitionFormat } from "../definitions/definition.type.js";

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

@InputType({ description: "A transition to fire in a simulation." })
export class SimulationStepInput {
  @Field(() => String, { description: "Name of the transition." })
  transition!: string;

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

  @Field(() => JsonScalar, { nullable: true, description: "Initial data (default: an empty object)." })
  data?: unknown;

  @Field(() => [SimulationStepInput], { description: "Transitions to fire, in order, at most 200." })
  steps!: SimulationStepInput[];

  @Field(() => SimulatedActorInput, {
    nullable: true,
    description: "Simulated user who fires the transitions (default: you, with your roles, as the owner).",
  })
  as?: SimulatedActorInput | null;
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

@ObjectType({ description: "What would follow automatically from a start or a transition." })
@Allow(inherit)
export class SimulatedTransition {
  @Field(() => String, { nullable: true, description: "Name of the automatic transition. Null for an incident." })
  transition!: string | null;

  @Field(() => String, { description: "State before the change." })
  from!: string;

  @Field(() => String, { description: "State after the transition. For an incident, the state in which the instance would be stopped." })
  to!: string;

  @Field(() => String, { nullable: true, description: "Cause of the incident. Null unless there would be one." })
  incident!: string | null;
}

@ObjectType({ description: "Result of firing one transition." })
@Allow(inherit)
export class SimulatedStep {
  @Field(() => String, { description: "Name of the transition." })
  transition!: string;

  @Field(() => String, { description: "State before the change." })
  from!: string;

  @Field(() => String, {
    description: "State after the transition and the automatic transitions that follow. Unchanged if the transition was rejected.",
  })
  to!: string;

  @Field(() => [SimulatedTransition], { description: "Automatic transitions that would follow, in order." })
  automaticTransitions!: SimulatedTransition[];

  @Field(() => Boolean, { description: "Whether the transition would succeed. The next step is tried in any case." })
  isAccepted!: boolean;

  @Field(() => String, { nullable: true, description: "TRANSITION_REJECTED or BAD_USER_INPUT. Null if the transition would succeed." })
  code!: string | null;

  @Field(() => [String], {
    description: "All reasons why the transition would fail, as sentences. Reasons about input and data include the path.",
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

  @Field(() => [SimulatedTransition], { description: "What would follow automatically from the start, in order." })
  automaticTransitions!: SimulatedTransition[];

  @Field(() => [SimulatedStep], { description: "Results of the steps, in order." })
  steps!: SimulatedStep[];
}

export function toSimulation(
  machine: Machine,
  { started, automaticTransitions }: { readonly started: Snapshot; readonly automaticTransitions: readonly Outcome[] },
  steps: readonly Simulated[],
): Simulation {
  const end = steps.at(-1)?.after ?? started;
  const outcomes = steps.flatMap((step) => (step.result.ok ? [step.result.outcome, ...step.automaticTransitions] : []));
  return {
    path: [
      machine.initial,
      ...[...automaticTransitions, ...outcomes].filter(({ kind }) => kind !== "incident" && kind !== "vote").map(({ to }) => to),
    ],
    state: end.state,
    stateTitle: machine.states.get(end.state)?.title ?? end.state,
    status: end.status as WorkflowStatus,
    data: end.data,
    tasks: end.openTasks.map(toTask),
    automaticTransitions: automaticTransitions.map(toSimulatedTransition),
    steps: steps.map(toStep),
  };
}

const toSimulatedTransition = ({ transition, from, to, incident }: Outcome): SimulatedTransition => ({
  transition,
  from: from ?? to,
  to,
  incident: incident?.message ?? null,
});

function toStep({ transition, before, after, result, automaticTransitions }: Simulated): SimulatedStep {
  const still = new Set(after.openTasks.map(({ id }) => id));
  const were = new Set(before.openTasks.map(({ id }) => id));
  const outcomes = result.ok ? [result.outcome, ...automaticTransitions] : [];
  const changed = outcomes.flatMap(({ dataChanges: { patch, removed } }) => [...Object.keys(patch), ...removed]);
  const { reasons, problems } = result.ok ? { reasons: [], problems: [] } : result.rejection;
  return {
    transition,
    from: before.state,
    to: after.state,
    isAccepted: result.ok,
    code: result.ok ? null : result.rejection.code,
    reasons: [...reasons.map(({ message }) => message), ...problems.map(({ path, message }) => `${path}: ${message}`)],
    automaticTransitions: automaticTransitions.map(toSimulatedTransition),
    changed: [...new Set(changed)],
    openedTasks: after.openTasks.filter(({ id }) => !were.has(id)).map(toTask),
    closedTasks: before.openTasks.filter(({ id }) => !still.has(id)).map(toTask),
    events: outcomes.flatMap(({ events }) => events.map(({ type }) => type)),
  };
}

const toTask = ({ rule, title, candidateRoles = [] }: SnapshotTask): SimulatedTask => ({
  rule,
  title,
  candidateRoles: [...candidateRoles],
});

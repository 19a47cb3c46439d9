import type { Machine, Outcome, SimulatedStep as Simulated, Snapshot, SnapshotTask } from "@weft/engine";
import { Allow, JsonScalar, inherit, WorkflowStatus } from "@weft/shared";
import { ArgsType, Field, ID, InputType, ObjectType } from "type-graphql";
import { DefinitionFormat } from "../definitions/definition.type.js";

@InputType({ description: "Somebody who is imagined for a simulation." })
export class SimulatedActorInput {
  @Field(() => String, {
    nullable: true,
    description: "Tells him from others who are imagined, where one person may not do what another did; those without a name are one.",
  })
  name?: string | null;

  @Field(() => [String], { nullable: true, description: "Keys of the roles that he has." })
  roles?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Permissions that he has." })
  permissions?: string[] | null;

  @Field(() => Boolean, { nullable: true, description: "Whether the instance is his own." })
  isOwner?: boolean | null;
}

@InputType({ description: "A firing to try." })
export class SimulationStepInput {
  @Field(() => String, { description: "The transition's name." })
  transition!: string;

  @Field(() => JsonScalar, { nullable: true, description: "What the transition's input schema asks for." })
  input?: unknown;

  @Field(() => String, { nullable: true, description: "Why; some transitions require it." })
  comment?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The task rule that the firing completes, the first open task of it: where votes decide, this is a vote.",
  })
  task?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: "Items of the checklist of that task (without `task`: of every open one) that are ticked off before, by their titles.",
  })
  ticked?: string[] | null;

  @Field(() => SimulatedActorInput, { nullable: true, description: "Who fires; absent: who is given for the whole simulation." })
  as?: SimulatedActorInput | null;
}

@ArgsType()
export class SimulateWorkflowArgs {
  @Field(() => ID, { nullable: true, description: "A version of a definition, a draft too …" })
  definitionId?: string | null;

  @Field(() => String, { nullable: true, description: "… or the text of one, YAML or JSON, at most 1 MB." })
  source?: string | null;

  @Field(() => DefinitionFormat, { nullable: true, description: "Of `source`; guessed when absent." })
  format?: DefinitionFormat | null;

  @Field(() => JsonScalar, { nullable: true, description: "What it is started with; an empty object when absent." })
  data?: unknown;

  @Field(() => [SimulationStepInput], { description: "Firings, in order; at most 200." })
  steps!: SimulationStepInput[];

  @Field(() => SimulatedActorInput, { nullable: true, description: "Who fires; absent: you, with your roles, as the owner." })
  as?: SimulatedActorInput | null;
}

@ObjectType({ description: "A task that would be open." })
@Allow(inherit)
export class SimulatedTask {
  @Field(() => String, { description: "The definition's task rule." })
  rule!: string;

  @Field(() => String, { description: "What is to be done." })
  title!: string;

  @Field(() => [String], { description: "Keys of the roles to which it is offered." })
  candidateRoles!: string[];
}

@ObjectType({ description: "What would follow from a start or a firing by itself." })
@Allow(inherit)
export class SimulatedMove {
  @Field(() => String, { nullable: true, description: "The automatic transition; null for an incident." })
  transition!: string | null;

  @Field(() => String, { description: "The state before." })
  from!: string;

  @Field(() => String, { description: "The state after; for an incident the one in which the instance would be stopped." })
  to!: string;

  @Field(() => String, { nullable: true, description: "Why it could not go on; null unless it would be an incident." })
  incident!: string | null;
}

@ObjectType({ description: "What one firing would do." })
@Allow(inherit)
export class SimulatedStep {
  @Field(() => String, { description: "The transition that was tried." })
  transition!: string;

  @Field(() => String, { description: "The state before." })
  from!: string;

  @Field(() => String, { description: "The state after, when it has come to rest: the same when it was refused." })
  to!: string;

  @Field(() => [SimulatedMove], { description: "What would follow from it by itself, in order." })
  followed!: SimulatedMove[];

  @Field(() => Boolean, { description: "Whether it would be done. The next step is tried in any case." })
  isAccepted!: boolean;

  @Field(() => String, { nullable: true, description: "TRANSITION_REJECTED or BAD_USER_INPUT; null when it would be done." })
  code!: string | null;

  @Field(() => [String], { description: "Every reason why not, as sentences, those about input and data with their path." })
  reasons!: string[];

  @Field(() => [String], { description: "Properties of the data that it would change." })
  changed!: string[];

  @Field(() => [SimulatedTask], { description: "Tasks that it would open." })
  openedTasks!: SimulatedTask[];

  @Field(() => [SimulatedTask], { description: "Tasks that it would end." })
  closedTasks!: SimulatedTask[];

  @Field(() => [String], { description: "Names of the events that the definition would emit." })
  events!: string[];
}

@ObjectType({ description: "What would happen. Nothing of it was written." })
@Allow(inherit)
export class Simulation {
  @Field(() => [String], { description: "The states in the order in which they would be entered, the initial one first." })
  path!: string[];

  @Field(() => String, { description: "The state at the end." })
  state!: string;

  @Field(() => String, { description: "Its name for people." })
  stateTitle!: string;

  @Field(() => WorkflowStatus, { description: "The status at the end." })
  status!: WorkflowStatus;

  @Field(() => JsonScalar, { description: "The data at the end." })
  data!: unknown;

  @Field(() => [SimulatedTask], { description: "The tasks that would be open at the end." })
  tasks!: SimulatedTask[];

  @Field(() => [SimulatedMove], { description: "What would follow from the start by itself, in order." })
  followed!: SimulatedMove[];

  @Field(() => [SimulatedStep], { description: "Each step, in order." })
  steps!: SimulatedStep[];
}

export function toSimulation(
  machine: Machine,
  { started, followed }: { readonly started: Snapshot; readonly followed: readonly Outcome[] },
  steps: readonly Simulated[],
): Simulation {
  const end = steps.at(-1)?.after ?? started;
  const moves = steps.flatMap((step) => (step.result.ok ? [step.result.outcome, ...step.followed] : []));
  return {
    path: [machine.initial, ...[...followed, ...moves].filter(({ kind }) => kind !== "incident" && kind !== "vote").map(({ to }) => to)],
    state: end.state,
    stateTitle: machine.states.get(end.state)?.title ?? end.state,
    status: end.status as WorkflowStatus,
    data: end.data,
    tasks: end.openTasks.map(toTask),
    followed: followed.map(toMove),
    steps: steps.map(toStep),
  };
}

const toMove = ({ transition, from, to, incident }: Outcome): SimulatedMove => ({
  transition,
  from: from ?? to,
  to,
  incident: incident?.message ?? null,
});

function toStep({ transition, before, after, result, followed }: Simulated): SimulatedStep {
  const still = new Set(after.openTasks.map(({ id }) => id));
  const were = new Set(before.openTasks.map(({ id }) => id));
  const moves = result.ok ? [result.outcome, ...followed] : [];
  const changed = moves.flatMap(({ dataChanges: { patch, removed } }) => [...Object.keys(patch), ...removed]);
  const { reasons, problems } = result.ok ? { reasons: [], problems: [] } : result.rejection;
  return {
    transition,
    from: before.state,
    to: after.state,
    isAccepted: result.ok,
    code: result.ok ? null : result.rejection.code,
    reasons: [...reasons.map(({ message }) => message), ...problems.map(({ path, message }) => `${path}: ${message}`)],
    followed: followed.map(toMove),
    changed: [...new Set(changed)],
    openedTasks: after.openTasks.filter(({ id }) => !were.has(id)).map(toTask),
    closedTasks: before.openTasks.filter(({ id }) => !still.has(id)).map(toTask),
    events: moves.flatMap(({ events }) => events.map(({ type }) => type)),
  };
}

const toTask = ({ rule, title, candidateRoles = [] }: SnapshotTask): SimulatedTask => ({
  rule,
  title,
  candidateRoles: [...candidateRoles],
});

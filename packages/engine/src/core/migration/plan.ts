import type { Actor } from "../actor.js";
import { contextOf } from "../conditions/context.js";
import { draftOf } from "../finish.js";
import type { JsonObject } from "../json.js";
import type { Machine, MachineState, Transition } from "../machine.js";
import { dataChanges, still, type Outcome } from "../outcome.js";
import { ownPeople } from "../people.js";
import { quote } from "../problems.js";
import type { InputProblem, Reason } from "../rejection.js";
import { fourEyesReasons } from "../rights.js";
import { canonicalText, checkJson } from "../schema/json.js";
import { validateData } from "../schema/validate.js";
import { settle } from "../settle.js";
import type { DoneBy, Snapshot } from "../snapshot.js";
import { mappedData, mappedStep, type MigrationMapping } from "./mapping.js";
import { separates, weakerRules, type WeakerRule } from "./weaker-rules.js";
import { planTasks, type MigratingTask, type TaskPlan } from "./tasks.js";

export const MIGRATION_PROBLEMS = [
  "NO_STATE",
  "FINAL_STATE",
  "FOUR_EYES",
  "WEAKER_RULES",
  "UNMAPPED_STEP",
  "DATA",
  "VOTES",
  "CHILDREN",
  "AUTOMATIC",
  "ENDED",
] as const;

/** Why an instance does not fit another version. `path` is one of the data. */
export type MigrationProblem = { readonly code: (typeof MIGRATION_PROBLEMS)[number]; readonly message: string; readonly path?: string };

export type Migration = {
  /** null when the old version cannot be read any more: then whatever it said counts as changed. */
  readonly from: Machine | null;
  readonly to: Machine;
  readonly mapping: MigrationMapping;
};

export type MigrationRequest = {
  readonly actor: Actor;
  readonly now: string;
  /** The new version, as the row shall name it. */
  readonly definitionId: string;
  readonly comment?: string | null;
  /** What history keeps of the request. */
  readonly input?: JsonObject | null;
  /** Who did the steps, by their names in the old version, that the new one asks about; from the history. */
  readonly doneBy?: DoneBy | undefined;
  /** Ids of everybody who has had a part in the instance, teams and vendors that had it among them; from the history. */
  readonly involved?: readonly string[] | undefined;
  /** Why the rules may be weaker from now on. Counts from somebody who took no part. */
  readonly acceptWeakerRules?: string | null | undefined;
};

export type MigratingSnapshot = Snapshot & { readonly openTasks: readonly MigratingTask[] };

/** What the migration of an instance would write: the move itself and what follows from it, and what becomes of its tasks. */
export type PlannedMigration = {
  readonly outcomes: readonly [Outcome, ...Outcome[]];
  readonly tasks: TaskPlan;
  /** Its votes begin anew, so that those who are asked now count together. */
  readonly joinsVotes: boolean;
  /** Rules that do not hold any more, which the actor has accepted. */
  readonly accepted: readonly WeakerRule[];
};

export type MigrationVerdict =
  | { readonly fits: true; readonly plan: PlannedMigration }
  | { readonly fits: false; readonly problems: readonly MigrationProblem[] };

/**
 * Whether an instance can go on by another version of its definition, and how it would stand there. Entering the state does nothing but its tasks: its
 * other actions have run, or belong to a way that the instance did not take. Pure: planning and doing are this one function.
 */
export function migrate(migration: Migration, snapshot: MigratingSnapshot, request: MigrationRequest): MigrationVerdict {
  const { from, to, mapping } = migration;
  const { actor, now } = request;
  if (snapshot.status === "COMPLETED" || snapshot.status === "CANCELLED")
    return broken({ code: "ENDED", message: `The instance is ${snapshot.status}.` });
  const name = mapping.states.get(snapshot.state) ?? snapshot.state;
  const state = to.states.get(name);
  if (!state) return broken({ code: "NO_STATE", message: `The new version has no state ${quote(name)}; map it to one.` });
  if (state.final)
    return broken({ code: "FINAL_STATE", message: `The state ${quote(name)} is a final one: a migration ends no instance.` });

  const data = mappedData(mapping, snapshot.data, (current) => contextOf(snapshot, { data: current, actor, now, showId: to.showId }));
  const problems: InputProblem[] = [...checkJson(data, "data")];
  if (problems.length === 0) problems.push(...validateData(to.data, data));
  const after: MigratingSnapshot = { ...snapshot, data };
  const draft = (machine: Machine, before: Snapshot, inState: string, at: string) =>
    draftOf(machine, { ...before, openTasks: [] }, { actor, now: at, state: inState, input: null, comment: null });
  const tasks = planTasks(
    {
      from: { machine: from, state: snapshot.state, draft: () => from && draft(from, snapshot, snapshot.state, now) },
      to: { machine: to, state, draft: (at = now) => draft(to, after, name, at) },
      mapping,
      tasks: snapshot.openTasks,
    },
    problems,
  );
  const weaker = weakerRulesOf(migration, snapshot, { name, request });
  const isAccepted = request.acceptWeakerRules && !weaker.isInvolved;
  const found: MigrationProblem[] = [
    ...eyeProblems(migration, snapshot, { name, request }),
    ...(isAccepted ? [] : weaker.rules.map(({ code, message }) => ({ code, message: `${message} ${wayOut(weaker.isInvolved)}` }))),
    ...unique(problems).map(({ path, message }): MigrationProblem => ({ code: "DATA", path, message: `${path}: ${message}` })),
    ...voteProblems(from?.states.get(snapshot.state), state, snapshot, tasks),
    ...childProblems(from?.states.get(snapshot.state), state),
  ];
  if (found.length > 0) return broken(...found);

  const accepted = isAccepted ? weaker.rules : [];
  const first = outcomeOf(migration, snapshot, { state, data, tasks, request, accepted });
  const outcomes = settle(to, renamed(snapshot, tasks), first, actor);
  const incident = outcomes.find((one) => one.incident)?.incident;
  if (incident) return broken({ code: "AUTOMATIC", message: incident.message });
  return { fits: true, plan: { outcomes, tasks, joinsVotes: state.decide !== null && (snapshot.votes ?? []).length === 0, accepted } };
}

const wayOut = (isInvolved: boolean): string =>
  isInvolved
    ? "You took part in the instance: somebody who did not can accept it with acceptWeakerRules."
    : "You took no part in the instance and can accept it with acceptWeakerRules, giving the reason.";

/** What was done under the old rules stays under them, unless somebody accepts otherwise who has no part in it. */
function weakerRulesOf(
  { from, to, mapping }: Migration,
  snapshot: Snapshot,
  { name, request }: { name: string; request: MigrationRequest },
): { readonly rules: readonly WeakerRule[]; readonly isInvolved: boolean } {
  // A version that cannot be read any more says nothing to compare with.
  if (!from || !separates(from)) return { rules: [], isInvolved: false };
  const doneBy = doneByAfter({ from, to, mapping }, snapshot, request.doneBy) ?? snapshot.doneBy ?? {};
  const { actor, involved = [] } = request;
  const { ownerId, assignee } = snapshot;
  const part = new Set([
    ownerId,
    assignee?.id,
    ...involved,
    ...Object.values(doneBy).flat(),
    ...Object.values(request.doneBy ?? {}).flat(),
  ]);
  const { teamIds, vendorId } = actor.principals;
  const isInvolved = [...ownPeople(actor), ...teamIds, ...(vendorId === null ? [] : [vendorId])].some((id) => part.has(id));
  return { rules: weakerRules({ from, to, mapping, snapshot, doneBy, landing: name, isInvolved }), isInvolved };
}

const broken = (...problems: MigrationProblem[]): MigrationVerdict => ({ fits: false, problems });

function unique(problems: readonly InputProblem[]): InputProblem[] {
  return [...new Map(problems.map((problem) => [`${problem.path} ${problem.message}`, problem])).values()].slice(0, 20);
}

type Stood = {
  readonly state: MachineState;
  readonly data: JsonObject;
  readonly tasks: TaskPlan;
  readonly request: MigrationRequest;
  readonly accepted: readonly WeakerRule[];
};

function outcomeOf(migration: Migration, snapshot: Snapshot, { state, data, tasks, request, accepted }: Stood): Outcome {
  const doneBy = doneByAfter(migration, snapshot, request.doneBy);
  return {
    ...still(snapshot, "migration", request),
    to: state.name,
    definitionId: request.definitionId,
    dataChanges: dataChanges(snapshot.data, data),
    closeTasks: tasks.lost.map(({ id }) => ({ id, reason: "superseded" })),
    openTasks: tasks.gained,
    comment: request.comment ?? null,
    input:
      accepted.length > 0
        ? { ...request.input, weakerRules: { reason: request.acceptWeakerRules ?? "", rules: accepted.map(({ message }) => message) } }
        : (request.input ?? null),
    ...(doneBy && { doneBy }),
  };
}

/** The tasks that stay, under their new names. */
function renamed(snapshot: MigratingSnapshot, { changed }: TaskPlan): Snapshot {
  const changes = new Map(changed.map((change) => [change.id, change]));
  return {
    ...snapshot,
    openTasks: snapshot.openTasks.map((task) => {
      const change = changes.get(task.id);
      return change ? { ...task, rule: change.rule, state: change.state } : task;
    }),
  };
}

/** Four eyes hold across versions: whoever has done a step has done it, whatever it is called now. Nothing is forgotten, so that undoing finds it. */
function doneByAfter({ to, mapping }: Migration, { doneBy = {} }: Snapshot, found: DoneBy | undefined): DoneBy | null {
  const after = new Map(Object.entries(doneBy));
  const add = (step: string, ids: readonly string[]): void => {
    if (to.separated.has(step)) after.set(step, [...new Set([...(after.get(step) ?? []), ...ids])]);
  };
  for (const [step, ids] of [...Object.entries(doneBy), ...Object.entries(found ?? {})]) {
    add(step, ids);
    add(mappedStep(mapping, step), ids);
  }
  return canonicalText(doneBy) === canonicalText(Object.fromEntries(after)) ? null : Object.fromEntries(after);
}

/**
 * A mapping puts an instance into a state to which a transition would have brought it: whom one of those transitions excludes, on this instance, does not bring it
 * there by a migration either, nor to a state behind them, where every way needs somebody else. A state that keeps its name is no way past anybody.
 */
function eyeProblems(
  migration: Migration,
  snapshot: Snapshot,
  { name, request }: { name: string; request: MigrationRequest },
): MigrationProblem[] {
  if (name === snapshot.state) return [];
  const doneBy = doneByAfter(migration, snapshot, request.doneBy) ?? snapshot.doneBy;
  const reasonOf = ({ allow }: Transition) => fourEyesReasons(allow, { ...snapshot, doneBy }, request.actor)[0];
  const reason =
    allTransitions(migration.to).flatMap((one) => (one.to === name ? (reasonOf(one) ?? []) : []))[0] ??
    onEveryWay(migration.to, snapshot.state, name, reasonOf);
  return reason
    ? [{ code: "FOUR_EYES", message: `In ${quote(name)} it would stand where it needs somebody else to bring it: ${reason.message}` }]
    : [];
}

const allTransitions = ({ states }: Machine): Transition[] => [...states.values()].flatMap(({ transitions }) => [...transitions.values()]);

/** Why the actor alone would come to no end on the ways from one state to another; from the initial one where the first leads nowhere near. Undefined when he would. */
function onEveryWay(
  machine: Machine,
  from: string,
  to: string,
  reasonOf: (transition: Transition) => Reason | undefined,
): Reason | undefined {
  const begin = reachedFrom(machine, from, () => true).has(to) ? from : machine.initial;
  if (!reachedFrom(machine, begin, () => true).has(to)) return undefined;
  if (reachedFrom(machine, begin, (one) => !reasonOf(one)).has(to)) return undefined;
  return allTransitions(machine).flatMap((one) => reasonOf(one) ?? [])[0];
}

function reachedFrom(machine: Machine, from: string, isOpen: (transition: Transition) => boolean): ReadonlySet<string> {
  const reached = new Set(machine.states.has(from) ? [from] : []);
  for (const name of reached) for (const one of machine.states.get(name)?.transitions.values() ?? []) if (isOpen(one)) reached.add(one.to);
  return reached;
}

/** Votes that were cast count for what was asked then. */
function voteProblems(from: MachineState | undefined, to: MachineState, { votes = [] }: Snapshot, tasks: TaskPlan): MigrationProblem[] {
  const deciding = new Set(to.tasks.map(({ rule }) => rule));
  const isAsked = (rule: string): boolean => deciding.has(rule);
  if (to.decide && votes.length === 0) {
    const asked = [
      ...tasks.kept.map(({ rule, id }) => tasks.changed.find((one) => one.id === id)?.rule ?? rule),
      ...tasks.gained.map(({ rule }) => rule),
    ];
    return asked.some(isAsked)
      ? []
      : [{ code: "VOTES", message: `The state ${quote(to.name)} decides by votes, and nobody would be asked.` }];
  }
  if (votes.length === 0) return [];
  const decideText = (state: MachineState | undefined) =>
    state?.decide && canonicalText([[...state.decide.needed], state.decide.otherwise, state.decide.isRepeatable]);
  const isSame = from !== undefined && from.name === to.name && decideText(from) === decideText(to);
  const movesTasks =
    tasks.gained.length > 0 ||
    tasks.lost.length > 0 ||
    tasks.changed.some(({ id, rule }) => tasks.kept.some((one) => one.id === id && one.rule !== rule));
  if (isSame && !movesTasks) return [];
  return [
    { code: "VOTES", message: `People have voted in ${quote(from?.name ?? "")} already, and the new version asks or counts otherwise.` },
  ];
}

/** Children belong to the entry that has started them. */
function childProblems(from: MachineState | undefined, to: MachineState): MigrationProblem[] {
  const names = (state: MachineState | undefined) => (state?.children ?? []).map(({ rule }) => rule).sort();
  if (canonicalText(names(from)) === canonicalText(names(to)) && ((from?.children.length ?? 0) === 0 || from?.name === to.name)) return [];
  return [{ code: "CHILDREN", message: `The state ${quote(to.name)} has other children than those that the instance has started.` }];
}

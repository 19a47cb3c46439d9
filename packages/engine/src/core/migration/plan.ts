/**
 * Migration: decides whether an instance fits another version of its definition, and what the migration changes.
 * Rules that would become weaker for people who took part are problems too.
 * This module never plans a change for an instance that does not fit.
 */
import type { Actor } from "../model/actor.js";
import { contextOf } from "../conditions/context.js";
import { draftOf } from "../outcome/finish.js";
import type { JsonObject } from "../model/json.js";
import type { Machine, MachineState, Transition } from "../model/machine.js";
import { dataChanges, unchanged, type Outcome } from "../model/outcome.js";
import { ownPeople } from "../authorization/people.js";
import { givenOutputs } from "../forms/asked-data.js";
import { quote } from "../model/problems.js";
import type { InputProblem, Reason } from "../model/rejection.js";
import { fourEyesReasons } from "../authorization/rights.js";
import { canonicalText, checkJson } from "../model/values.js";
import { withMigratedTimers } from "./migrated-timers.js";
import { validateData } from "../schema/validate.js";
import { fireAutomatic } from "../automatic/fire-automatic.js";
import type { DoneBy, Snapshot } from "../model/snapshot.js";
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

/** Why an instance does not fit another version. `path` is a path in the data. */
export type MigrationProblem = { readonly code: (typeof MIGRATION_PROBLEMS)[number]; readonly message: string; readonly path?: string };

export type Migration = {
  /** null if the old version can no longer be read. Then everything from it counts as changed. */
  readonly from: Machine | null;
  readonly to: Machine;
  readonly mapping: MigrationMapping;
};

export type MigrationRequest = {
  readonly actor: Actor;
  readonly now: string;
  /** The new version, as the row will reference it. */
  readonly definitionId: string;
  readonly comment?: string | null;
  /** What the history records of the request. */
  readonly input?: JsonObject | null;
  /** Who did the steps, by their names in the old version, that the new version references; from the history. */
  readonly doneBy?: DoneBy | undefined;
  /** IDs of everybody who took part in the instance, including teams and vendors to which it was assigned; from the history. */
  readonly involved?: readonly string[] | undefined;
  /** Why weaker rules are acceptable. Counts only from a user who took no part. */
  readonly acceptWeakerRules?: string | null | undefined;
};

export type MigratingSnapshot = Snapshot & {
  readonly openTasks: readonly MigratingTask[];
  /** Whether the work counts as ended. From the instance itself, because its old version might no longer be readable. */
  readonly isClosed: boolean;
};

/** What the migration of an instance would write: the migration itself and what follows from it, and what happens to its tasks. */
export type PlannedMigration = {
  readonly outcomes: readonly [Outcome, ...Outcome[]];
  readonly tasks: TaskPlan;
  /** The votes of the state start over, so that the users who are asked now count together. */
  readonly joinsVotes: boolean;
  /** Rules that no longer apply, which the actor has accepted. */
  readonly accepted: readonly WeakerRule[];
};

export type MigrationCompatibility =
  | { readonly fits: true; readonly plan: PlannedMigration }
  | { readonly fits: false; readonly problems: readonly MigrationProblem[] };

/**
 * Whether an instance can continue on another version of its definition, and the result. Entering the state only opens its tasks: its other actions
 * have already run, or belong to a path that the instance did not take. Pure: planning and migrating both use this function.
 */
export function migrate(migration: Migration, snapshot: MigratingSnapshot, request: MigrationRequest): MigrationCompatibility {
  const { from, to, mapping } = migration;
  const { actor, now } = request;
  if (snapshot.status === "COMPLETED" || snapshot.status === "CANCELLED")
    return broken({ code: "ENDED", message: `The instance is ${snapshot.status}.` });
  const name = mapping.states.get(snapshot.state) ?? snapshot.state;
  const state = to.states.get(name);
  if (!state) return broken({ code: "NO_STATE", message: `The new version has no state ${quote(name)}. Map it to an existing state.` });
  if (state.final)
    return broken({ code: "FINAL_STATE", message: `The state ${quote(name)} is final. A migration cannot end an instance.` });

  const data = mappedData(mapping, snapshot.data, (current) =>
    contextOf(snapshot, { data: current, actor, now, showId: to.showId, calendars: to.calendars }),
  );
  const problems: InputProblem[] = [...checkJson(data, "data")];
  if (problems.length === 0) problems.push(...validateData(to.data, data), ...givenOutputs(to, data));
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
  const first = withMigratedTimers(from, to, snapshot, outcomeOf(migration, snapshot, { state, data, tasks, request, accepted }));
  const outcomes = fireAutomatic(to, renamed(snapshot, tasks), first, actor);
  const incident = outcomes.find((one) => one.incident)?.incident;
  if (incident) return broken({ code: "AUTOMATIC", message: incident.message });
  return { fits: true, plan: { outcomes, tasks, joinsVotes: state.decide !== null && (snapshot.votes ?? []).length === 0, accepted } };
}

const wayOut = (isInvolved: boolean): string =>
  isInvolved
    ? "You took part in the instance. A user who did not can accept this with acceptWeakerRules."
    : "You did not take part in the instance, so you can accept this with acceptWeakerRules and a reason.";

/** Actions under the old rules stay subject to them, unless a user who took no part accepts otherwise. */
function weakerRulesOf(
  { from, to, mapping }: Migration,
  snapshot: Snapshot,
  { name, request }: { name: string; request: MigrationRequest },
): { readonly rules: readonly WeakerRule[]; readonly isInvolved: boolean } {
  // A version that can no longer be read cannot be compared.
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
  return { rules: weakerRules({ from, to, mapping, snapshot, doneBy, targetState: name, isInvolved }), isInvolved };
}

const broken = (...problems: MigrationProblem[]): MigrationCompatibility => ({ fits: false, problems });

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

function outcomeOf(migration: Migration, snapshot: MigratingSnapshot, { state, data, tasks, request, accepted }: Stood): Outcome {
  const doneBy = doneByAfter(migration, snapshot, request.doneBy);
  return {
    ...unchanged(snapshot, "migration", request),
    to: state.name,
    ...(state.isClosed === snapshot.isClosed ? {} : { isClosed: state.isClosed }),
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

/** The remaining tasks, under their new names. */
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

/**
 * Separation of duties applies across versions: a user who did a step has done it, whatever its name is now. Nothing is removed, so that undoing
 * finds it.
 */
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
 * A mapping puts an instance into a state to which a transition would otherwise have brought it. A user whom one of those transitions excludes, for
 * this instance, cannot bring it there by a migration either, nor to a state behind them if every path requires another user. A state that keeps its
 * name bypasses nobody.
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
  return reason ? [{ code: "FOUR_EYES", message: `Only another user could bring the instance to ${quote(name)}: ${reason.message}` }] : [];
}

const allTransitions = ({ states }: Machine): Transition[] => [...states.values()].flatMap(({ transitions }) => [...transitions.values()]);

/**
 * Returns why the actor alone could not get from one state to another; from the initial state if no path leads from the first one. Undefined if the
 * actor could.
 */
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

/** Votes that were cast count only for the question that was asked then. */
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
      : [{ code: "VOTES", message: `The state ${quote(to.name)} decides by votes, but nobody would be asked to vote.` }];
  }
  if (votes.length === 0) return [];
  const decideText = (state: MachineState | undefined) =>
    state?.decide && canonicalText([[...state.decide.needed], state.decide.otherwise, state.decide.isRepeatable]);
  const isSame = from !== undefined && from.name === to.name && decideText(from) === decideText(to);
  const changesTasks =
    tasks.gained.length > 0 ||
    tasks.lost.length > 0 ||
    tasks.changed.some(({ id, rule }) => tasks.kept.some((one) => one.id === id && one.rule !== rule));
  if (isSame && !changesTasks) return [];
  return [
    {
      code: "VOTES",
      message: `Users have already voted in ${quote(from?.name ?? "")}, and the new version asks for votes or counts them differently.`,
    },
  ];
}

/** Children belong to the entry into the state that started them. */
function childProblems(from: MachineState | undefined, to: MachineState): MigrationProblem[] {
  const names = (state: MachineState | undefined) => (state?.children ?? []).map(({ rule }) => rule).sort();
  if (canonicalText(names(from)) === canonicalText(names(to)) && ((from?.children.length ?? 0) === 0 || from?.name === to.name)) return [];
  return [{ code: "CHILDREN", message: `The state ${quote(to.name)} has different children from those that the instance has started.` }];
}

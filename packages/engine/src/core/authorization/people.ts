/** Who counts as the author of an action. Separation of duties counts everybody whom the actor acts for, so a deputy cannot be used to bypass it. */
import type { Actor, Principal } from "../model/actor.js";
import type { Machine } from "../model/machine.js";
import { quote } from "../model/problems.js";
import type { DoneBy, Snapshot, SnapshotTask } from "../model/snapshot.js";

/** The actor, and the users whom the actor acts for. */
export function ownPeople({ id, onBehalfOf, standsFor = [] }: Actor): ReadonlySet<string> {
  return new Set([id, ...(onBehalfOf === undefined ? [] : [onBehalfOf]), ...standsFor]);
}

/**
 * The people behind the actor, and the users who delegated the task that the actor completes. Without a task: those who delegated any task that the
 * actor has claimed.
 */
export function peopleBehind({ openTasks }: Pick<Snapshot, "openTasks">, { actor, taskId }: Acting): ReadonlySet<string> {
  const own = ownPeople(actor);
  const isOwn = ({ id, assigneeId }: SnapshotTask) => (taskId === undefined ? assigneeId !== null && own.has(assigneeId) : id === taskId);
  return new Set([...own, ...openTasks.filter(isOwn).flatMap(({ delegatedFrom = [] }) => delegatedFrom)]);
}

export type Acting = {
  readonly actor: Actor;
  readonly taskId?: string | undefined;
  /** For the titles of the steps that reasons mention; without it, they have their names. */
  readonly machine?: Machine | undefined;
};

/** Returns who has done which steps, including this one. Undefined if no `notSameAs` references the step, or nothing is new. */
export function doneByAfter(
  { separated }: Machine,
  snapshot: Pick<Snapshot, "openTasks" | "doneBy">,
  step: string,
  acting: Acting,
): DoneBy | undefined {
  if (!separated.has(step)) return undefined;
  const before = snapshot.doneBy?.[step] ?? [];
  const added = [...peopleBehind(snapshot, acting)].filter((id) => !before.includes(id));
  return added.length === 0 ? undefined : { ...snapshot.doneBy, [step]: [...before, ...added] };
}

/** Key in `doneBy` of the earlier assignees since the state was entered. It has no dot, so it cannot be a step. */
export const FORMER_ASSIGNEES = "assignee";

/** Adds a former assignee. Undefined if nothing is new. Only IDs are stored: a user never has the ID of a team or vendor. */
export function withFormerAssignees(doneBy: DoneBy | undefined, assignees: readonly (Principal | null)[]): DoneBy | undefined {
  const before = doneBy?.[FORMER_ASSIGNEES] ?? [];
  const added = assignees.flatMap((one) => (one && !before.includes(one.id) ? [one.id] : []));
  return added.length === 0 ? undefined : { ...doneBy, [FORMER_ASSIGNEES]: [...new Set([...before, ...added])] };
}

/** After a transition to another state, only its current assignee counts. Undefined if there was no other assignee. */
export function withoutFormerAssignees(doneBy: DoneBy | undefined): DoneBy | undefined {
  if (!doneBy || !Object.hasOwn(doneBy, FORMER_ASSIGNEES)) return undefined;
  const { [FORMER_ASSIGNEES]: _former, ...steps } = doneBy;
  return steps;
}

/** Returns what users call a step that `notSameAs` references. */
export function stepText(step: string, machine: Machine | undefined): string {
  const [state = "", transition = ""] = step.split(".");
  const found = machine?.states.get(state);
  const title = found?.transitions.get(transition)?.title;
  return found && title !== undefined ? `${quote(title)} in the state ${quote(found.title)}` : quote(step);
}

/** A step as `notSameAs` references it. */
export const stepName = (state: string, transition: string): string => `${state}.${transition}`;

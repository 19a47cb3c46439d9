/** Whose deed a move is: four eyes count everybody in whose place somebody acts, so that nobody escapes them by a deputy. */
import type { Actor, Principal } from "./actor.js";
import type { Machine } from "./machine.js";
import type { DoneBy, Snapshot, SnapshotTask } from "./snapshot.js";

/** The actor, for whom he acts, and in whose place. */
export function ownPeople({ id, onBehalfOf, standsFor = [] }: Actor): ReadonlySet<string> {
  return new Set([id, ...(onBehalfOf === undefined ? [] : [onBehalfOf]), ...standsFor]);
}

/** These, and who has given the actor the task that he completes; without a task, those that he holds. */
export function peopleBehind({ openTasks }: Pick<Snapshot, "openTasks">, { actor, taskId }: Acting): ReadonlySet<string> {
  const own = ownPeople(actor);
  const isOwn = ({ id, assigneeId }: SnapshotTask) => (taskId === undefined ? assigneeId !== null && own.has(assigneeId) : id === taskId);
  return new Set([...own, ...openTasks.filter(isOwn).flatMap(({ delegatedFrom = [] }) => delegatedFrom)]);
}

export type Acting = { readonly actor: Actor; readonly taskId?: string | undefined };

/** Who has done which steps, with this one; undefined when no `notSameAs` asks for it, or nothing is new. */
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

/** Where `doneBy` keeps those who were assignees since the state was entered and are no longer. Without a dot it cannot be a step. */
export const FORMER_ASSIGNEES = "assignee";

/** With one more former assignee; undefined when nothing is new. Ids alone: no user has the id of a team or a vendor. */
export function withFormerAssignees(doneBy: DoneBy | undefined, assignees: readonly (Principal | null)[]): DoneBy | undefined {
  const before = doneBy?.[FORMER_ASSIGNEES] ?? [];
  const added = assignees.flatMap((one) => (one && !before.includes(one.id) ? [one.id] : []));
  return added.length === 0 ? undefined : { ...doneBy, [FORMER_ASSIGNEES]: [...new Set([...before, ...added])] };
}

/** After a move into another state: only its present assignee counts from now on. Undefined when nobody else did. */
export function withoutFormerAssignees(doneBy: DoneBy | undefined): DoneBy | undefined {
  if (!doneBy || !Object.hasOwn(doneBy, FORMER_ASSIGNEES)) return undefined;
  const { [FORMER_ASSIGNEES]: _former, ...steps } = doneBy;
  return steps;
}

/** A step as `notSameAs` names it. */
export const stepName = (state: string, transition: string): string => `${state}.${transition}`;

/**
 * Authorization: finds out whether a task is offered to the actor, and for which absent users the actor is the substitute.
 * At most one statement, whatever the number of tasks.
 * This module never decides whether a transition is allowed: the core does, with the actor that this module returns.
 */
import { workflows } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { and, eq, gt, lte, sql } from "drizzle-orm";
import { candidatesOf, isAmong, isOfNobody } from "../../core/authorization/offered.js";
import type { ViewerActor } from "../model/actor.js";
import type { OpenTask } from "../model/snapshot.js";

const { absences } = workflows;

/** The members of a task that say who its candidates are. */
export type TaskPeople = Pick<OpenTask, "assigneeId" | "candidateRoles" | "candidateUserIds" | "candidateTeamIds" | "candidateVendorIds">;

/** Whether the task is offered to the actor. A task that is offered to nobody is visible only to managers, who can take it. */
export function isOfferedTo(task: TaskPeople, actor: ViewerActor): boolean {
  const candidates = candidatesOf(task);
  return isAmong(candidates, actor) || isOfNobody(candidates);
}

/**
 * Returns the users for whom the actor would work on the task: absent users whose substitute the actor is, if the task names them and is not already
 * the actor's own. A claimed task concerns only the user who claimed it. Runs a statement only if somebody is named.
 */
export async function substitutesFor(tx: Tx, task: TaskPeople, actor: ViewerActor): Promise<readonly string[]> {
  return isOwn(task, actor) ? [] : absentAmong(tx, actor.id, namedBy(task));
}

/**
 * Returns the users on whose behalf the actor would complete each of the tasks: those who delegated it, or whose substitute the actor is. At most one
 * statement, whatever the number of tasks.
 */
export async function actorsFor(tx: Tx, tasks: readonly OpenTask[], actor: ViewerActor): Promise<(task: OpenTask) => ViewerActor> {
  const foreign = (task: OpenTask): readonly string[] => (isOwn(task, actor) ? [] : namedBy(task));
  const absent = new Set(await absentAmong(tx, actor.id, [...new Set(tasks.flatMap(foreign))]));
  return (task) => inPlaceOf(actor, [...(task.delegatedFrom ?? []), ...foreign(task).filter((id) => absent.has(id))]);
}

/** Returns the actor with everybody they act for; the first of them becomes `onBehalfOf`. */
export function inPlaceOf(actor: ViewerActor, others: readonly string[]): ViewerActor {
  const [first] = others;
  return first === undefined ? actor : { ...actor, onBehalfOf: first, standsFor: others };
}

/** Whether the task is the actor's own: claimed by the actor, or offered to the actor and not claimed. */
export const isOwn = (task: TaskPeople, actor: ViewerActor): boolean =>
  task.assigneeId === null ? isOfferedTo(task, actor) : task.assigneeId === actor.id;

/** Returns the users whom a task names: the user who claimed it, otherwise those to whom it is offered by name. */
const namedBy = ({ assigneeId, candidateUserIds }: TaskPeople): readonly string[] =>
  assigneeId === null ? candidateUserIds : [assigneeId];

/** Returns which of the users are absent now, with this user as their substitute. */
export async function absentAmong(tx: Tx, substituteId: string, userIds: readonly string[]): Promise<readonly string[]> {
  if (userIds.length === 0) return [];
  const isNow = and(lte(absences.startsAt, sql`app.weft_now()`), gt(absences.endsAt, sql`app.weft_now()`));
  const rows = await named(
    "absentAmong",
    tx
      .selectDistinct({ userId: absences.userId })
      .from(absences)
      .where(and(eq(absences.substituteId, substituteId), among(absences.userId, userIds), isNow)),
  );
  return rows.map(({ userId }) => userId);
}

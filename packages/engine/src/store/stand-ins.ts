/** Who may work on a task: whom it names or is offered to, and who stands in for somebody whom it names. */
import { workflows } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/shared";
import { and, eq, gt, lte, sql } from "drizzle-orm";
import { candidatesOf, isAmong, isOfNobody } from "../core/offered.js";
import type { ViewerActor } from "./actor.js";
import type { OpenTask } from "./snapshot.js";
import { rejected, type TaskRow } from "./task-change.js";

const { absences } = workflows;

/** What of a task says whom it waits for. */
export type TaskPeople = Pick<OpenTask, "assigneeId" | "candidateRoles" | "candidateUserIds" | "candidateTeamIds" | "candidateVendorIds">;

/** Whether the task is offered to the actor. One that is offered to nobody is seen by managers alone, and they may take it. */
export function isOfferedTo(task: TaskPeople, actor: ViewerActor): boolean {
  const candidates = candidatesOf(task);
  return isAmong(candidates, actor) || isOfNobody(candidates);
}

/**
 * Those in whose place the actor would work on the task: absent people for whom he stands in, as far as the task names them and is not his own affair.
 * What is claimed is the affair of who has claimed it alone. A statement only where somebody is named.
 */
export async function standsInFor(tx: Tx, task: TaskPeople, actor: ViewerActor): Promise<readonly string[]> {
  return isOwn(task, actor) ? [] : absentAmong(tx, actor.id, namedBy(task));
}

/**
 * As whom the actor would complete each of the tasks: in the place of those who gave it on, or for whom he stands in. At most one statement, whatever their
 * number.
 */
export async function actorsFor(tx: Tx, tasks: readonly OpenTask[], actor: ViewerActor): Promise<(task: OpenTask) => ViewerActor> {
  const foreign = (task: OpenTask): readonly string[] => (isOwn(task, actor) ? [] : namedBy(task));
  const absent = new Set(await absentAmong(tx, actor.id, [...new Set(tasks.flatMap(foreign))]));
  return (task) => inPlaceOf(actor, [...(task.delegatedFrom ?? []), ...foreign(task).filter((id) => absent.has(id))]);
}

/** The actor with everybody in whose place he acts, the first of them as whom he acts for. */
export function inPlaceOf(actor: ViewerActor, others: readonly string[]): ViewerActor {
  const [first] = others;
  return first === undefined ? actor : { ...actor, onBehalfOf: first, standsFor: others };
}

const isOwn = (task: TaskPeople, actor: ViewerActor): boolean =>
  task.assigneeId === null ? isOfferedTo(task, actor) : task.assigneeId === actor.id;

/** Whom a task names: who has claimed it, else whom it is offered to by name. */
const namedBy = ({ assigneeId, candidateUserIds }: TaskPeople): readonly string[] =>
  assigneeId === null ? candidateUserIds : [assigneeId];

/** Those of the users who are absent now, with this one as their stand-in. */
export async function absentAmong(tx: Tx, standInId: string, userIds: readonly string[]): Promise<readonly string[]> {
  if (userIds.length === 0) return [];
  const isNow = and(lte(absences.startsAt, sql`app.weft_now()`), gt(absences.endsAt, sql`app.weft_now()`));
  const rows = await named(
    "absentAmong",
    tx
      .selectDistinct({ userId: absences.userId })
      .from(absences)
      .where(and(eq(absences.standInId, standInId), among(absences.userId, userIds), isNow)),
  );
  return rows.map(({ userId }) => userId);
}

/** For whom the actor works on the task, himself left out. Errors: TRANSITION_REJECTED (somebody else's, not offered to him). */
export async function assertWorker(tx: Tx, task: TaskRow, actor: ViewerActor): Promise<readonly string[]> {
  if (isOwn(task, actor)) return [];
  const stoodInFor = await standsInFor(tx, task, actor);
  if (stoodInFor.length > 0) return stoodInFor;
  if (task.assigneeId !== null) throw rejected("claimed", `Somebody else has claimed the task "${task.title}".`);
  const whom = task.candidateRoles.length > 0 ? `the roles ${task.candidateRoles.join(", ")}` : "particular people";
  throw rejected("role", `The task "${task.title}" is not offered to you: it waits for ${whom}.`);
}

/** Most people who can have given a task on. */
const MAX_CHAIN = 20;

/** The chain of those who gave a task on, with more of them behind it. Errors: TRANSITION_REJECTED (too many). */
export function chainOf(task: TaskRow, more: readonly string[]): string[] {
  const chain = [...new Set([...task.delegatedFrom, ...more])];
  if (chain.length > MAX_CHAIN)
    throw rejected("task", `The task "${task.title}" has been given on by ${MAX_CHAIN} people: complete it, or give it back.`);
  return chain;
}

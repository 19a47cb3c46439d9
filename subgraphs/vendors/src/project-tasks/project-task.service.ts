import { readNow } from "@weft/engine";
import { BadUserInput, NotFound } from "@weft/shared/errors";
import { decodeId, decodeIdOrNull, encodeId, newId } from "@weft/shared/ids";
import type { Permission } from "@weft/shared/viewer";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { assertAssignable, assertDaysFree, assigneeOfId, moveAccess } from "./assignee.js";
import { assertCalendar, changePlanOf, readTree } from "./plan.service.js";
import { lockPlan } from "./plan.store.js";
import { assertActuals, assertConstraint, assertTaskValues, takesTime } from "./project-task-problems.js";
import {
  findProjectTasks,
  findTasksOf,
  insertProjectTask,
  type ProjectTaskChanges,
  type ProjectTaskRow,
  updateProjectTaskRow,
  type Worker,
} from "./project-task.store.js";
import { type CreateProjectTaskInput, projectTaskColumns, type UpdateProjectTaskInput } from "./project-task.type.js";
import { assertParent, assertPosition, assertRoomFor, lastPosition } from "./task-tree.js";
import { makeRoom } from "./task-tree.store.js";

/**
 * Adds a task to the plan of a project.
 * @throws BadUserInput, Conflict (idempotency key used with different input)
 */
export async function createProjectTask(ctx: Context, input: CreateProjectTaskInput): Promise<ProjectTaskRow> {
  assertTaskValues(input);
  assertPosition(input.position);
  const projectId = decodeId("project", input.projectId, "input.projectId");
  const parentId = decodeIdOrNull("projectTask", input.parentId, "input.parentId") ?? null;
  const assignee = assigneeOfId(input.assigneeId);
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createProjectTask", input }, async () => {
      const { direction } = await changePlanOf(tx, ctx, projectId, "input.projectId");
      const constraintKind = input.constraintKind ?? (direction === "BACKWARD" ? "ALAP" : "ASAP");
      assertConstraint({ constraintKind, constraintAt: input.constraintAt ?? null });
      await assertCalendar(tx, ctx, input.calendar);
      await assertAssignable(tx, null, assignee);
      const tree = await readTree(tx, projectId);
      assertRoomFor(tree, 1, "input.projectId");
      assertParent(tree, { parentId, moved: null });
      const position = input.position ?? lastPosition(tree, parentId);
      if (typeof input.position === "number") await makeRoom(tx, { projectId, parentId, position });
      const now = await readNow(tx);
      const row = await insertProjectTask(tx, {
        ...projectTaskColumns.plain(input),
        tenantId: ctx.viewer.tenantId,
        id: newId(),
        projectId,
        parentId,
        position,
        description: input.description ?? "",
        constraintKind,
        ...assignee,
        createdBy: ctx.viewer.userId,
        createdAt: now,
        updatedAt: now,
      });
      await assertDaysFree(tx, null, row);
      await moveAccess(tx, row.id, null, row);
      await recordChange(tx, ctx.meta, {
        event: { type: "projectTask.created", related: { project: projectId }, payload: {} },
        before: null,
        after: row,
      });
      return row;
    });
    return getProjectTask(tx, ctx, id, "projectTask.read");
  });
}

/**
 * Changes the given fields of a task. Of concurrent changes to the same version, one succeeds and the others fail with CONFLICT.
 * @throws NotFound, BadUserInput, Conflict
 */
export async function updateProjectTask(ctx: Context, input: UpdateProjectTaskInput): Promise<ProjectTaskRow> {
  const id = decodeId("projectTask", input.id, "input.id");
  const changes = changesOf(input);
  assertTaskValues(changes);
  return ctx.inTenant(async (tx) => {
    const { projectId } = await getProjectTask(tx, ctx, id, "projectTask.update");
    await lockPlan(tx, projectId);
    const before = await getProjectTask(tx, ctx, id, "projectTask.update");
    const implied = { ...changes, ...impliedBy(changes, before) };
    const planned = { ...before, ...implied };
    assertConstraint(planned);
    assertActuals(planned);
    if (implied.calendar !== undefined) await assertCalendar(tx, ctx, implied.calendar);
    if (input.assigneeId !== undefined) await assertAssignable(tx, before, planned);
    const after = await updateProjectTaskRow(tx, id, input.expectedVersion ?? before.version, implied);
    if (after === null) throw changedMeanwhile("projectTask", before.version);
    await assertDaysFree(tx, before, after);
    await moveAccess(tx, id, before, after);
    const payload = { changed: Object.keys(implied) };
    await recordChange(tx, ctx.meta, { event: { type: "projectTask.updated", related: { project: projectId }, payload }, before, after });
    return after;
  });
}

function changesOf(input: UpdateProjectTaskInput): ProjectTaskChanges {
  const { assigneeId: assignee, ...changes } = projectTaskColumns.changes(input);
  return { ...changes, ...(assignee !== undefined && assigneeOfId(assignee)) };
}

/** What follows from changes: a kind without a time removes it, a finish completes the task, and less than 100 percent reopens it. */
function impliedBy(changes: ProjectTaskChanges, before: ProjectTaskRow): ProjectTaskChanges {
  const { constraintKind, constraintAt, percentComplete, actualFinishAt } = changes;
  const isFinished = typeof actualFinishAt === "string";
  if (isFinished && percentComplete !== undefined && percentComplete < 100)
    throw new BadUserInput([{ path: "input.percentComplete", message: "A finished task is at 100 percent." }]);
  const isReopened = !isFinished && percentComplete !== undefined && percentComplete < 100;
  return {
    ...(constraintKind !== undefined && constraintAt === undefined && !takesTime(constraintKind) && { constraintAt: null }),
    ...(isFinished && { percentComplete: 100 }),
    ...(isReopened && before.actualFinishAt !== null && { actualFinishAt: null }),
  };
}

export type { Worker };

/** Returns the tasks of a user or vendor that the viewer can see, for other parts of the subgraph. */
export const readTasksOf = (tx: Tx, { viewer }: Context, worker: Worker): Promise<{ id: string; projectId: string }[]> =>
  findTasksOf(tx, viewer, worker);

/** @throws NotFound if the task does not exist, is deleted, or the viewer's permission does not reach it */
export async function getProjectTask(tx: Tx, ctx: Context, id: string, permission: Permission): Promise<ProjectTaskRow> {
  const [row] = await findProjectTasks(tx, ctx.viewer, [id], permission);
  if (row === undefined) throw new NotFound("ProjectTask", encodeId("projectTask", id));
  return row;
}

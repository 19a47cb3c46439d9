import { readNow, toCoreKind } from "@weft/engine";
import { BadUserInput, NotFound, quote } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { assertNoCycle } from "./cycles.js";
import {
  deleteDependencyRow,
  type DependencyRow,
  findDependenciesOf,
  findDependency,
  insertDependency,
  updateDependencyRow,
} from "./dependency.store.js";
import { type AddTaskDependencyInput, dependencyColumns, type UpdateTaskDependencyInput } from "./dependency.type.js";
import { readTree } from "./plan.service.js";
import { lockPlan } from "./plan.store.js";
import { getProjectTask } from "./project-task.service.js";
import { findProjectTasks, type ProjectTaskRow } from "./project-task.store.js";

const maxLag = 1_000_000;
/** Dependencies of a task in each direction. */
const maxPerTask = 200;

/**
 * Makes a task depend on another one. Of concurrent additions that would together form a cycle, one fails.
 * @throws BadUserInput, Conflict (idempotency key used with different input)
 */
export async function addTaskDependency(ctx: Context, input: AddTaskDependencyInput): Promise<DependencyRow> {
  assertLag(input.lagMinutes);
  const predecessorId = decodeId("projectTask", input.predecessorId, "input.predecessorId");
  const successorId = decodeId("projectTask", input.successorId, "input.successorId");
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "addTaskDependency", input }, async () => {
      const { projectId } = await requireTask(tx, ctx, successorId, "input.successorId");
      await lockPlan(tx, projectId);
      const predecessor = await requireTask(tx, ctx, predecessorId, "input.predecessorId");
      await requireTask(tx, ctx, successorId, "input.successorId");
      if (predecessor.projectId !== projectId) {
        const message = `The task ${quote(predecessor.name)} belongs to another project.`;
        throw new BadUserInput([{ path: "input.predecessorId", message }]);
      }
      await assertRoom(tx, predecessorId, successorId);
      const edge = { predecessorId, successorId, ...dependencyColumns.plain(input) };
      const added = [{ ...edge, kind: toCoreKind(input.kind) }];
      await assertNoCycle(tx, { projectId, tree: await readTree(tx, projectId), path: "input.predecessorId", added });
      const now = await readNow(tx);
      const { tenantId } = ctx.viewer;
      const row = await insertDependency(tx, { tenantId, id: newId(), projectId, ...edge, createdAt: now, updatedAt: now });
      await recordChange(tx, ctx.meta, {
        event: { type: "taskDependency.created", related: { project: projectId, projectTask: successorId }, payload: {} },
        before: null,
        after: row,
      });
      return row;
    });
    return getDependency(tx, id);
  });
}

/**
 * Changes the kind or the lag of a dependency.
 * @throws NotFound, BadUserInput, Conflict
 */
export async function updateTaskDependency(ctx: Context, input: UpdateTaskDependencyInput): Promise<DependencyRow> {
  const id = decodeId("taskDependency", input.id, "input.id");
  const changes = dependencyColumns.changes(input);
  assertLag(changes.lagMinutes ?? 0);
  return ctx.inTenant(async (tx) => {
    const before = await lockDependency(tx, ctx, id);
    const after = await updateDependencyRow(tx, id, input.expectedVersion ?? before.version, changes);
    if (after === null) throw changedMeanwhile("taskDependency", before.version);
    const payload = { changed: Object.keys(changes) };
    const event = { type: "taskDependency.updated", related: relatedTo(before), payload } as const;
    await recordChange(tx, ctx.meta, { event, before, after });
    return after;
  });
}

/**
 * Removes a dependency. Returns the task that depended on the other one.
 * @throws NotFound, Conflict
 */
export async function removeTaskDependency(ctx: Context, input: VersionedIdInput): Promise<ProjectTaskRow> {
  const id = decodeId("taskDependency", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const before = await lockDependency(tx, ctx, id);
    const removed = await deleteDependencyRow(tx, id, input.expectedVersion ?? before.version);
    if (removed === null) throw changedMeanwhile("taskDependency", before.version);
    const event = { type: "taskDependency.deleted", related: relatedTo(before), payload: {} } as const;
    await recordChange(tx, ctx.meta, { event, before, after: null });
    return getProjectTask(tx, ctx, before.successorId, "projectTask.update");
  });
}

const relatedTo = ({ projectId, successorId }: DependencyRow) => ({ project: projectId, projectTask: successorId });

/** Locks the plan of a dependency. A dependency is found if the task that depends on the other one can be changed. */
async function lockDependency(tx: Tx, ctx: Context, id: string): Promise<DependencyRow> {
  const notFound = new NotFound("TaskDependency", encodeId("taskDependency", id));
  const found = await findDependency(tx, id);
  if (found === null) throw notFound;
  const [successor] = await findProjectTasks(tx, ctx.viewer, [found.successorId], "projectTask.update");
  if (successor === undefined) throw notFound;
  await lockPlan(tx, found.projectId);
  const locked = await findDependency(tx, id);
  if (locked === null) throw notFound;
  return locked;
}

async function getDependency(tx: Tx, id: string): Promise<DependencyRow> {
  const row = await findDependency(tx, id);
  if (row === null) throw new NotFound("TaskDependency", encodeId("taskDependency", id));
  return row;
}

async function requireTask(tx: Tx, ctx: Context, id: string, path: string): Promise<ProjectTaskRow> {
  const [row] = await findProjectTasks(tx, ctx.viewer, [id], "projectTask.update");
  if (row !== undefined) return row;
  throw new BadUserInput([{ path, message: `No task with the ID ${encodeId("projectTask", id)} exists.` }]);
}

async function assertRoom(tx: Tx, predecessorId: string, successorId: string): Promise<void> {
  const ends = { predecessorId, successorId };
  for (const end of ["predecessorId", "successorId"] as const) {
    if ((await findDependenciesOf(tx, end, [ends[end]])).length < maxPerTask) continue;
    throw new BadUserInput([{ path: `input.${end}`, message: `The task has ${maxPerTask} such dependencies already.` }]);
  }
}

function assertLag(minutes: number): void {
  if (Math.abs(minutes) <= maxLag) return;
  throw new BadUserInput([{ path: "input.lagMinutes", message: `${minutes} is not between -${maxLag} and ${maxLag}.` }]);
}

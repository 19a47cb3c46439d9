import type { ProjectTemplateContent } from "@weft/drizzle";
import { readCalendars } from "@weft/engine";
import { NotFound } from "@weft/shared/errors";
import { decodeId, newId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { IdInput } from "@weft/api/inputs";
import { outlineOf, treeOf } from "../project-tasks/task-tree.js";
import { lockProjectOfInput } from "../projects/project-of-input.service.js";
import { deleteTemplate, findShownTemplate, insertTemplate, type ShownTemplate } from "./project-template.store.js";
import { type SaveProjectTemplateInput, templateColumns } from "./project-template.type.js";
import {
  findSavedDependencies,
  findSavedMilestones,
  findSavedSettings,
  findSavedTasks,
  type SavedTask,
  selectSavedProject,
} from "./saved-plan.store.js";

/**
 * Saves the plan of a project as a template, without people, dates, and progress.
 * @throws BadUserInput (unknown project, a name that is taken), Conflict (idempotency key used with different input)
 */
export async function saveProjectTemplate(ctx: Context, input: SaveProjectTemplateInput): Promise<ShownTemplate> {
  templateColumns.assertText(input);
  const projectId = decodeId("project", input.projectId, "input.projectId");
  const { tenantId, userId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "saveProjectTemplate", input }, async () => {
      await lockProjectOfInput(tx, ctx.viewer, { id: projectId, path: "input.projectId", permission: "project.read" });
      const content = await contentOf(tx, tenantId, projectId);
      const row = await insertTemplate(tx, { ...templateColumns.plain(input), tenantId, id: newId(), content, createdBy: userId });
      await recordChange(tx, ctx.meta, { event: { type: "projectTemplate.created", payload: {} }, before: null, after: row });
      return row;
    });
    const row = await findShownTemplate(tx, id);
    if (row === null) throw new NotFound("ProjectTemplate", input.name);
    return row;
  });
}

/** Deletes a template. Projects that were created from it stay as they are. @throws NotFound */
export async function deleteProjectTemplate(ctx: Context, input: IdInput): Promise<void> {
  const id = decodeId("projectTemplate", input.id, "input.id");
  await ctx.inTenant(async (tx) => {
    const before = await deleteTemplate(tx, id);
    if (before === null) throw new NotFound("ProjectTemplate", input.id);
    await recordChange(tx, ctx.meta, { event: { type: "projectTemplate.deleted", payload: {} }, before, after: null });
  });
}

async function contentOf(tx: Tx, tenantId: string, projectId: string): Promise<ProjectTemplateContent> {
  const { standard } = await readCalendars(tx, { tenantId, teamId: null });
  const { firstDay, definitionKey, phases } = await selectSavedProject(tx, projectId, standard.timeZone);
  const anchor = { day: firstDay, timeZone: standard.timeZone };
  const settings = await findSavedSettings(tx, projectId, anchor);
  const tasks = inOrder(await findSavedTasks(tx, projectId, anchor));
  const places = new Map(tasks.map(({ id }, place) => [id, place]));
  const placesOf = (ids: readonly string[]): number[] => ids.flatMap((id) => places.get(id) ?? []);
  return {
    definitionKey,
    phases,
    plan: settings ?? { direction: "FORWARD", calendar: null, start: null, finish: null },
    tasks: tasks.map(({ id: _id, parentId, deletedAt: _deletedAt, ...task }) => ({
      ...task,
      parent: parentId === null ? null : (places.get(parentId) ?? null),
    })),
    // Without those of deleted tasks.
    dependencies: (await findSavedDependencies(tx, projectId)).flatMap(({ predecessorId, successorId, kind, lagMinutes }) => {
      const [predecessor, successor] = [places.get(predecessorId), places.get(successorId)];
      return predecessor === undefined || successor === undefined ? [] : [{ predecessor, successor, kind, lagMinutes }];
    }),
    milestones: (await findSavedMilestones(tx, projectId, anchor)).map(({ taskIds, ...milestone }) => ({
      ...milestone,
      tasks: placesOf(taskIds),
    })),
  };
}

/** Returns tasks in the order of the tree, each before its subtasks. */
function inOrder(tasks: readonly SavedTask[]): SavedTask[] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  return outlineOf(treeOf(tasks)).flatMap(({ id }) => byId.get(id) ?? []);
}

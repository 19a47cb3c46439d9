import { vendors as tables } from "@weft/drizzle";
import { planForValues, type Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { assertFields, blindFilter, pageByField } from "@weft/api/custom-fields";
import { asksFor } from "@weft/api/filters";
import { keysetPage, type Page } from "@weft/api/pages";
import { searchLanguages } from "@weft/api/search";
import { and } from "drizzle-orm";
import { ProjectFilter, ProjectOrder } from "./project.filter.js";
import type { ProjectsArgs } from "./project.input.js";
import {
  countProjects,
  findProjectsByIds,
  lockProject,
  selectProject,
  selectProjectsByField,
  selectProjectsSlice,
  visibleProjects,
} from "./project.store.js";
import type { ProjectRow } from "./project.store.js";
import { toProject } from "./project.type.js";
import type { Project } from "./project.type.js";

/**
 * Returns a page of the projects that the viewer can see.
 * @throws BadUserInput if the filter, the page size or a cursor is not valid
 */
export async function listProjects(ctx: Context, { filter: given, orderBy, ...args }: ProjectsArgs): Promise<Page<Project>> {
  const filter = await blindFilter(ctx, "PROJECT", given);
  const isSearch = asksFor("search", filter);
  const languages = isSearch ? await ctx.read((tx) => searchLanguages(tx)) : [];
  const where = and(visibleProjects(ctx.viewer, "project.read"), ProjectFilter.toSql(filter, "filter", ctx.viewer, languages));
  const field = await assertFields(ctx, { kind: "PROJECT", filter, orderBy });
  // The best plan depends on how many projects contain a word: either collect them, or scan in list order.
  const read = <T>(run: (tx: Tx) => Promise<T>): Promise<T> =>
    ctx.read(async (tx) => {
      if (isSearch) await planForValues(tx);
      return run(tx);
    });
  const count = (): Promise<number> => read((tx) => countProjects(tx, where));
  if (field === null || !orderBy)
    return keysetPage(ctx, {
      args,
      list: "projects",
      orderBy: ProjectOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
      id: projectId,
      fetch: (slice) => read((tx) => selectProjectsSlice(tx, and(where, slice.where), slice)),
      count,
      toNode: toProject,
    });
  return pageByField<ProjectRow, Project>(ctx, {
    args,
    list: "projects",
    kind: "PROJECT",
    field,
    direction: orderBy.direction,
    objectId: tables.projects.id,
    idOf: (row) => row.id,
    fetch: (slice, by) => read((tx) => selectProjectsByField(tx, and(where, slice.where), { ...slice, ...by })),
    count,
    toNode: toProject,
  });
}

export const projectId = { column: tables.projects.id, valueOf: (row: ProjectRow) => row.id };

/** Returns whether the viewer can see the project, for other parts of the subgraph. */
export const canSeeProject = async (tx: Tx, { viewer }: Context, id: string): Promise<boolean> =>
  (await findProjectsByIds(tx, viewer, [id])).has(id);

/** Returns a project that was written in this transaction, or replayed from an earlier one. */
export async function getWritten(tx: Tx, id: string): Promise<ProjectRow> {
  const row = await selectProject(tx, id);
  if (!row) throw new Error(`The project ${id} was written but cannot be read.`);
  return row;
}

/** Locks a project of which a part changes. Null if the viewer cannot change it. */
export const lockChangedProject = (tx: Tx, ctx: Context, id: string): ReturnType<typeof lockProject> =>
  lockProject(tx, ctx.viewer, id, "project.update");

/** Locks a project whose plan changes. Null if the viewer cannot change its tasks. */
export const lockPlannedProject = (tx: Tx, ctx: Context, id: string): ReturnType<typeof lockProject> =>
  lockProject(tx, ctx.viewer, id, "projectTask.update");

import type { Permission } from "@weft/shared/viewer";
import type { Context } from "@weft/api/context";
import { findProjectsByIds, findReachedProjects } from "./project.store.js";
import { toProject } from "./project.type.js";
import type { Project } from "./project.type.js";

/** Loads the project with this UUID. Null if the viewer cannot see it. */
export async function loadProject(ctx: Context, uuid: string): Promise<Project | null> {
  const row = await ctx.loader("vendors.project", (tx, ids: readonly string[]) => findProjectsByIds(tx, ctx.viewer, ids)).load(uuid);
  return row && toProject(row);
}

export function loadProjects(ctx: Context, uuids: readonly string[]): Promise<(Project | null)[]> {
  return Promise.all(uuids.map((uuid) => loadProject(ctx, uuid)));
}

/** Returns whether a permission of the viewer reaches a project. */
export async function isProjectReached(ctx: Context, uuid: string, permission: Permission): Promise<boolean> {
  const loader = ctx.loader<string, true>(`reachedProject ${permission}`, (tx, ids) =>
    findReachedProjects(tx, ctx.viewer, ids, permission),
  );
  return (await loader.load(uuid)) !== null;
}

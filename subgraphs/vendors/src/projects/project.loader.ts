import type { Context } from "@weft/shared";
import { findProjectsByIds } from "./project.store.js";
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

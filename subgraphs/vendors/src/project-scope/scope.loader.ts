import type { Context } from "@weft/api/context";
import { isProjectReached } from "../projects/project.loader.js";
import { findScopeItems } from "./scope-item.store.js";
import { type ScopeItem, toScopeItem } from "./scope-item.type.js";
import { findNewestVersions, findScopeVersions } from "./scope-version.store.js";
import { type ScopeVersion, toScopeVersion } from "./scope-version.type.js";

/** Loads the items of a project's scope, the oldest first. Null if the viewer's permission does not reach the project. */
export async function loadScopeItems(ctx: Context, projectId: string): Promise<readonly ScopeItem[] | null> {
  if (!(await isProjectReached(ctx, projectId, "scope.read"))) return null;
  const loader = ctx.loader<string, readonly ScopeItem[]>("scopeItems", async (tx, ids) => {
    const rows = Map.groupBy(await findScopeItems(tx, ids), (row) => row.projectId);
    return new Map([...rows].map(([id, items]) => [id, items.map(toScopeItem)]));
  });
  return (await loader.load(projectId)) ?? [];
}

/** Loads the version in force of a project's scope. Null if there is none, or the viewer's permission does not reach the project. */
export async function loadScopeInForce(ctx: Context, projectId: string): Promise<ScopeVersion | null> {
  if (!(await isProjectReached(ctx, projectId, "scope.read"))) return null;
  const loader = ctx.loader<string, ScopeVersion>(
    "scopeInForce",
    async (tx, ids) => new Map((await findNewestVersions(tx, ids)).map((row) => [row.projectId, toScopeVersion(row)])),
  );
  return loader.load(projectId);
}

/** Loads the versions of a project's scope, newest first. Null if the viewer's permission does not reach the project. */
export async function loadScopeVersions(ctx: Context, projectId: string): Promise<readonly ScopeVersion[] | null> {
  if (!(await isProjectReached(ctx, projectId, "scope.read"))) return null;
  const loader = ctx.loader<string, readonly ScopeVersion[]>("scopeVersions", async (tx, ids) =>
    Map.groupBy((await findScopeVersions(tx, ids)).map(toScopeVersion), (version) => version.projectId),
  );
  return (await loader.load(projectId)) ?? [];
}

import { BadUserInput, Conflict, NotFound } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { getLocked } from "../projects/update-project.service.js";
import { assertRoomForItems, scopeItemProblems } from "./scope-item-problems.js";
import {
  findScopeItem,
  findScopeItems,
  insertScopeItem,
  markScopeItemRemoved,
  type ScopeItemRow,
  updateScopeItemRow,
} from "./scope-item.store.js";
import { type CreateScopeItemInput, scopeItemColumns, type UpdateScopeItemInput } from "./scope-item.type.js";
import { findNewestVersion } from "./scope-version.store.js";

export type { ScopeItemRow };

/** Returns the items of a project, for other parts of the subgraph. */
export const readScopeItems = (tx: Tx, projectId: string): Promise<ScopeItemRow[]> => findScopeItems(tx, [projectId]);

/**
 * Adds an item to a scope that was not approved yet.
 * @throws NotFound, BadUserInput, Conflict (the scope is approved; idempotency key used with different input)
 */
export async function createScopeItem(ctx: Context, input: CreateScopeItemInput): Promise<ScopeItemRow> {
  assertItem(input);
  const projectId = decodeId("project", input.projectId, "input.projectId");
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createScopeItem", input }, async () => {
      await lockOpenScope(ctx, tx, projectId);
      assertRoomForItems((await readScopeItems(tx, projectId)).length + 1, "input.projectId");
      const { tenantId, userId } = ctx.viewer;
      const row = await insertScopeItem(tx, {
        ...scopeItemColumns.plain(input),
        tenantId,
        id: newId(),
        projectId,
        acceptanceCriteria: input.acceptanceCriteria.map((text) => text.trim()),
        createdBy: userId,
      });
      await recordChange(tx, ctx.meta, { event: { type: "scopeItem.created", payload: {} }, before: null, after: row });
      return row;
    });
    return getScopeItem(ctx, tx, id);
  });
}

/**
 * Changes an item. Its status can always be changed, everything else until the scope is approved.
 * @throws NotFound, BadUserInput, Conflict (another version; the scope is approved)
 */
export async function updateScopeItem(ctx: Context, input: UpdateScopeItemInput): Promise<ScopeItemRow> {
  const id = decodeId("scopeItem", input.id, "input.id");
  assertItem(input);
  const acceptanceCriteria = input.acceptanceCriteria?.map((text) => text.trim()) ?? null;
  const changes = scopeItemColumns.changes({ ...input, acceptanceCriteria });
  return ctx.inTenant(async (tx) => {
    const { projectId } = await getScopeItem(ctx, tx, id);
    const isProgress = Object.keys(changes).every((name) => name === "status");
    await (isProgress ? lockScope(ctx, tx, projectId) : lockOpenScope(ctx, tx, projectId));
    const before = await getScopeItem(ctx, tx, id);
    const after = await updateScopeItemRow(tx, id, input.expectedVersion ?? before.version, changes);
    if (after === null) throw changedMeanwhile("scopeItem", before.version);
    const event = { type: "scopeItem.updated", payload: { changed: Object.keys(changes) } } as const;
    await recordChange(tx, ctx.meta, { event, before, after });
    return after;
  });
}

/** Removes an item from a scope that was not approved yet. @throws NotFound, Conflict (another version; the scope is approved) */
export async function deleteScopeItem(ctx: Context, input: VersionedIdInput): Promise<void> {
  const id = decodeId("scopeItem", input.id, "input.id");
  await ctx.inTenant(async (tx) => {
    const { projectId } = await getScopeItem(ctx, tx, id);
    await lockOpenScope(ctx, tx, projectId);
    const before = await getScopeItem(ctx, tx, id);
    if ((await markScopeItemRemoved(tx, id, input.expectedVersion ?? before.version)) === null)
      throw changedMeanwhile("scopeItem", before.version);
    await recordChange(tx, ctx.meta, { event: { type: "scopeItem.deleted", payload: {} }, before, after: null });
  });
}

/** Locks the project, so that its scope is not approved meanwhile. */
const lockScope = (ctx: Context, tx: Tx, id: string) =>
  getLocked(tx, ctx.viewer, { id, permission: "scope.update", expectedVersion: null });

/** Locks the project. @throws Conflict if its scope is approved */
async function lockOpenScope(ctx: Context, tx: Tx, projectId: string): Promise<void> {
  await lockScope(ctx, tx, projectId);
  const approved = await findNewestVersion(tx, projectId);
  if (approved === null) return;
  throw new Conflict(`Version ${approved.number} of the scope is approved. Propose the change with proposeScopeChange.`, {});
}

async function getScopeItem(ctx: Context, tx: Tx, id: string): Promise<ScopeItemRow> {
  const row = await findScopeItem(tx, ctx.viewer, id, "scope.update");
  if (row === null) throw new NotFound("ScopeItem", encodeId("scopeItem", id));
  return row;
}

function assertItem(given: Parameters<typeof scopeItemProblems>[1]): void {
  const problems = scopeItemProblems("input", given);
  if (problems.length > 0) throw new BadUserInput(problems);
}

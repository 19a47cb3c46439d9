import { Conflict, NotFound, quote } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { lockAssetUse } from "@weft/platform/access";
import { changedMeanwhile } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { sql } from "drizzle-orm";
import { requireBuilding } from "../buildings/building.service.js";
import { assertParent } from "./asset.hierarchy.js";

import { getAsset } from "./asset.service.js";
import { type AssetDependents, countAssetDependents, findDeletedAsset, lockHierarchy, updateAssetRow } from "./asset.store.js";
import { type Asset, toAsset } from "./asset.type.js";

const nouns: Readonly<Record<keyof AssetDependents, readonly [one: string, several: string]>> = {
  children: ["child asset", "child assets"],
  openRequests: ["open request", "open requests"],
  runningWorkflows: ["running workflow", "running workflows"],
  maintenancePlans: ["active maintenance plan", "active maintenance plans"],
};

const list = new Intl.ListFormat("en");

/**
 * Deletes an asset without dependents. Children and requests that are added at the same time are either counted here or rejected there.
 * @throws NotFound, Conflict (another version, or dependents remain)
 */
export async function deleteAsset(ctx: Context, input: VersionedIdInput): Promise<void> {
  const id = decodeId("asset", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    await lockHierarchy(tx, ctx.viewer.tenantId);
    await lockAssetUse(tx, id);
    const before = await getAsset(tx, ctx.viewer, id, "asset.delete");
    const counts = await countAssetDependents(tx, id);
    const kinds = (Object.keys(nouns) as (keyof AssetDependents)[]).filter((kind) => counts[kind] > 0);
    if (kinds.length > 0) {
      const what = list.format(kinds.map((kind) => `${counts[kind]} ${nouns[kind][counts[kind] === 1 ? 0 : 1]}`));
      throw new Conflict(
        `The asset ${quote(before.tag)} cannot be deleted while it has ${what}. Delete, move, close, cancel, or pause them first.`,
        {
          dependents: Object.fromEntries(kinds.map((kind) => [kind, counts[kind]])),
        },
      );
    }
    const deletion = { deletedAt: sql`now()`, deletedBy: ctx.meta.actorId };
    const after = await updateAssetRow(tx, before, input.expectedVersion ?? before.version, deletion);
    if (after === null) throw changedMeanwhile("asset", before.version);
    const event = { type: "asset.deleted", related: { building: before.buildingId }, payload: {} } as const;
    await recordChange(tx, ctx.meta, { event, before, after: null });
  });
}

/**
 * Restores a deleted asset with everything that it had.
 * @throws NotFound (not deleted, too), Conflict (another version), BadUserInput (the tag or the serial number is taken, or the building or the parent is gone)
 */
export async function restoreAsset(ctx: Context, input: VersionedIdInput): Promise<Asset> {
  const id = decodeId("asset", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const before = await findDeletedAsset(tx, ctx.viewer, id);
    if (before === null) throw new NotFound("Asset", input.id);
    await requireBuilding(tx, ctx.viewer, before.buildingId, "input.id");
    if (before.parentId !== null) await assertParent(tx, ctx.viewer, { assetId: id, parentId: before.parentId, path: "input.id" });
    const after = await updateAssetRow(tx, before, input.expectedVersion ?? before.version, { deletedAt: null, deletedBy: null });
    if (after === null) throw changedMeanwhile("asset", before.version);
    const event = { type: "asset.restored", related: { building: after.buildingId }, payload: {} } as const;
    await recordChange(tx, ctx.meta, { event, before: null, after });
    return toAsset(await getAsset(tx, ctx.viewer, id, "asset.read"));
  });
}

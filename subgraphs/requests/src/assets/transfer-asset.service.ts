import { BadUserInput, quote } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { assertText } from "@weft/api/inputs";
import { getAsset } from "./asset.service.js";
import { type AssetRow, lockHierarchy, updateAssetRow } from "./asset.store.js";
import { type Asset, toAsset } from "./asset.type.js";
import { requireActiveBuilding } from "../buildings/building.service.js";
import type { TransferAssetInput } from "./asset-transfer.input.js";
import { type Move, recordTransfers } from "./asset-transfer.record.js";
import { findPartsIn, moveAssets } from "./asset-transfer.store.js";

/** Parts that one call moves. Bounds the transaction. */
const MAX_PARTS = 1_000;

/**
 * Moves an asset to another building, by default with its parts that are in the same one. Of concurrent transfers one succeeds; the others fail with
 * CONFLICT.
 */
export async function transferAsset(ctx: Context, input: TransferAssetInput): Promise<Asset> {
  const id = decodeId("asset", input.id, "input.id");
  const buildingId = decodeId("building", input.buildingId, "input.buildingId");
  assertText(input, { reason: { max: 2000, mayBeEmpty: true, hasLines: true } });
  return ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "transferAsset", key: input.idempotencyKey, input }, async () => {
      const before = await getAsset(tx, ctx.viewer, id, "asset.update");
      await requireActiveBuilding(tx, ctx.viewer, buildingId, "input.buildingId");
      if (before.buildingId === buildingId)
        throw new BadUserInput([{ path: "input.buildingId", message: `The asset ${quote(before.tag)} is already in this building.` }]);
      // The hierarchy is locked before any asset, as by changes of parents.
      if (input.includesChildren) await lockHierarchy(tx, ctx.viewer.tenantId);
      const after = await updateAssetRow(tx, before, input.expectedVersion ?? before.version, { buildingId, spaceId: null });
      if (after === null) throw changedMeanwhile("asset", before.version);
      const parts = input.includesChildren ? await moveParts(tx, before, buildingId) : [];
      const transfers = [{ before, after }, ...parts] as const;
      await recordTransfers(tx, ctx, transfers, input.reason ?? null);
      await writeAudit(
        tx,
        ctx.meta,
        transfers.map((move) => ({ action: "asset.transfer", entityType: "asset" as const, entityId: move.before.id, ...move })),
      );
      return { id };
    });
    return toAsset(await getAsset(tx, ctx.viewer, id, "asset.read"));
  });
}

/** Moves the parts of an asset that are in its building, with the hierarchy locked. */
async function moveParts(tx: Tx, whole: AssetRow, buildingId: string): Promise<Move[]> {
  const parts = await findPartsIn(tx, { id: whole.id, buildingId: whole.buildingId, limit: MAX_PARTS + 1 });
  if (parts.length > MAX_PARTS)
    throw new BadUserInput([
      { path: "input.includesChildren", message: `The asset has more than ${MAX_PARTS} parts. Transfer parts of it first.` },
    ]);
  if (parts.length === 0) return [];
  const moved = new Map(
    (
      await moveAssets(
        tx,
        parts.map((part) => part.id),
        buildingId,
      )
    ).map((row) => [row.id, row]),
  );
  return parts.flatMap((before) => {
    const after = moved.get(before.id);
    return after === undefined ? [] : [{ before, after }];
  });
}

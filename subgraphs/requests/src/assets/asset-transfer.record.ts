import { newId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { movePlansOfAssets } from "../maintenance/move-plans.js";
import type { AssetRow } from "./asset.store.js";
import { insertAssetTransfers } from "./asset-transfer.store.js";

/** An asset before and after a change of its building. */
export interface Move {
  readonly before: AssetRow;
  readonly after: AssetRow;
}

/** Records that assets have moved: the first by itself, the others with it. Their maintenance plans follow. The caller writes the audit entries. */
export async function recordTransfers(
  tx: Tx,
  ctx: Context,
  transfers: readonly [Move, ...(readonly Move[])],
  reason: string | null,
): Promise<void> {
  const [first] = transfers;
  const text = reason?.trim() ?? "";
  await insertAssetTransfers(
    tx,
    transfers.map(({ before, after }) => ({
      tenantId: before.tenantId,
      id: newId(),
      assetId: before.id,
      fromBuildingId: before.buildingId,
      toBuildingId: after.buildingId,
      movedWithId: first.before.id === before.id ? null : first.before.id,
      reason: text === "" ? null : text,
      actorId: ctx.meta.actorId,
    })),
  );
  await movePlansOfAssets(
    tx,
    transfers.map(({ after }) => after.id),
    first.after.buildingId,
  );
  await appendEvents(
    tx,
    ctx.meta,
    transfers.map(({ after }) => ({
      type: "asset.transferred" as const,
      subjectId: after.id,
      subjectVersion: after.version,
      related: { building: after.buildingId },
      payload: {},
    })),
  );
}

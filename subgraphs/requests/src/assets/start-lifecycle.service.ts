import { BadUserInput, Conflict, quote } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { changedMeanwhile } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { KeyedVersionedIdInput } from "@weft/api/inputs";
import { startLifecycle } from "../asset-types/asset-lifecycle.js";
import { useAssetType } from "../asset-types/asset-type.service.js";

import { getAsset } from "./asset.service.js";
import { hasRunningLifecycle, updateAssetRow } from "./asset.store.js";
import { type Asset, toAsset } from "./asset.type.js";

/**
 * Starts the workflow of an asset that has none, because its type had no lifecycle when it was created, or whose workflow has ended.
 * @throws BadUserInput (the type has no lifecycle, or is inactive), Conflict (it runs already; another version)
 */
export async function startAssetLifecycle(ctx: Context, input: KeyedVersionedIdInput): Promise<Asset> {
  const id = decodeId("asset", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    await once(tx, ctx.meta, { mutation: "startAssetLifecycle", key: input.idempotencyKey, input }, async () => {
      const before = await getAsset(tx, ctx.viewer, id, "asset.update");
      const type = await useAssetType(tx, ctx, before.type);
      if (await hasRunningLifecycle(tx, before)) throw new Conflict(`The workflow of the asset ${quote(before.tag)} runs already.`);
      const lifecycle = await startLifecycle(tx, ctx, type, before);
      if (lifecycle === null) {
        const message = `The asset type ${quote(type.key)} has no lifecycle. Add one with updateAssetType.`;
        throw new BadUserInput([{ path: "input.id", message }]);
      }
      const after = await updateAssetRow(tx, before, input.expectedVersion ?? before.version, lifecycle);
      if (after === null) throw changedMeanwhile("asset", before.version);
      const payload = { changed: ["workflow", ...(after.status === before.status ? [] : ["status"])] };
      await recordChange(tx, ctx.meta, {
        event: { type: "asset.updated", related: { building: after.buildingId }, payload },
        before,
        after,
      });
      return { id };
    });
    return toAsset(await getAsset(tx, ctx.viewer, id, "asset.read"));
  });
}

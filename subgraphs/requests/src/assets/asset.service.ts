import {
  appendEvents,
  BadUserInput,
  Conflict,
  type Context,
  decodeId,
  decodeIdOrNull,
  encodeId,
  newId,
  NotFound,
  once,
  quote,
  type TextBounds,
  type Tx,
  type Viewer,
  writeAudit,
} from "@weft/shared";
import { requireActiveBuilding } from "../buildings/building.service.js";
import { assertText } from "../text.js";
import type { CreateAssetInput, CreateAssetPayload, UpdateAssetInput, UpdateAssetPayload } from "./asset.input.js";
import { type AssetChanges, type AssetRow, findAsset, insertAsset, updateAssetRow } from "./asset.store.js";
import { toAsset } from "./asset.type.js";

const bounds: Readonly<Record<string, TextBounds>> = { tag: { max: 40 }, name: { max: 200 }, type: { max: 80 } };

export async function createAsset(ctx: Context, input: CreateAssetInput): Promise<CreateAssetPayload> {
  assertText(input, bounds);
  const installedOn = assertDay(input.installedOn);
  const buildingId = decodeId("building", input.buildingId, "input.buildingId");
  return ctx.inTenant(async (tx) => {
    const { result } = await once(tx, ctx.meta, { mutation: "createAsset", key: input.idempotencyKey, input }, async () => {
      await requireActiveBuilding(tx, ctx.viewer, buildingId, "input.buildingId");
      const { tag, name, type } = input;
      const row = await insertAsset(tx, {
        tenantId: ctx.viewer.tenantId,
        id: newId(),
        buildingId,
        tag,
        name,
        type,
        installedOn: installedOn ?? null,
      });
      await appendEvents(tx, ctx.meta, [
        { type: "asset.created", subjectId: row.id, subjectVersion: row.version, related: { building: buildingId }, payload: {} },
      ]);
      await writeAudit(tx, ctx.meta, [{ action: "asset.create", entityType: "asset", entityId: row.id, before: null, after: row }]);
      return { id: row.id };
    });
    const row = await findAsset(tx, ctx.viewer, result["id"] ?? "");
    if (row === null) throw new NotFound("Asset", encodeId("asset", result["id"] ?? ""));
    return { asset: toAsset(row) };
  });
}

/** Changes what the input names. Of concurrent changes of one version one wins; the others see CONFLICT. */
export async function updateAsset(ctx: Context, input: UpdateAssetInput): Promise<UpdateAssetPayload> {
  const id = decodeId("asset", input.id, "input.id");
  const changes = changesOf(input);
  return ctx.inTenant(async (tx) => {
    const before = await findAsset(tx, ctx.viewer, id, "asset.update");
    if (before === null) throw new NotFound("Asset", input.id);
    // Staying in a building that was closed is no move into it.
    if (changes.buildingId !== undefined && changes.buildingId !== before.buildingId)
      await requireActiveBuilding(tx, ctx.viewer, changes.buildingId, "input.buildingId");
    const after = await updateAssetRow(tx, id, input.expectedVersion ?? before.version, changes);
    if (after === null) throw new Conflict("The asset was changed by somebody else; read it again.", { currentVersion: before.version });
    await appendEvents(tx, ctx.meta, [
      {
        type: "asset.updated",
        subjectId: id,
        subjectVersion: after.version,
        related: { building: after.buildingId },
        payload: { changed: Object.keys(changes) },
      },
    ]);
    await writeAudit(tx, ctx.meta, [{ action: "asset.update", entityType: "asset", entityId: id, before, after }]);
    return { asset: toAsset(after) };
  });
}

/** The asset that an input names. @throws BadUserInput at `path` when the tenant has none */
export async function requireAsset(tx: Tx, viewer: Viewer, id: string, path: string): Promise<AssetRow> {
  const asset = await findAsset(tx, viewer, id);
  if (asset === null) throw new BadUserInput([{ path, message: `There is no asset ${encodeId("asset", id)}.` }]);
  return asset;
}

function changesOf({ buildingId, tag, name, type, status, installedOn }: UpdateAssetInput): AssetChanges {
  const values = {
    buildingId: decodeIdOrNull("building", buildingId, "input.buildingId"),
    tag,
    name,
    type,
    status,
    installedOn: assertDay(installedOn),
  };
  const given = Object.entries(values).filter(([field, value]) => value !== undefined && (value !== null || field === "installedOn"));
  if (given.length === 0)
    throw new BadUserInput([
      { path: "input", message: "Nothing to change: give at least one of buildingId, tag, name, type, status, installedOn." },
    ]);
  const changes = Object.fromEntries(given) as AssetChanges;
  assertText(changes, bounds);
  return changes;
}

/** A day of the calendar as it came. @throws BadUserInput */
function assertDay(day: string | null | undefined): string | null | undefined {
  if (typeof day !== "string") return day;
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day);
  if (!isDay)
    throw new BadUserInput([{ path: "input.installedOn", message: `${quote(day)} is no day of the calendar; write YYYY-MM-DD.` }]);
  return day;
}

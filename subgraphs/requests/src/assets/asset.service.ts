import {
  assertText,
  BadUserInput,
  changedFields,
  changedMeanwhile,
  type Context,
  createOnce,
  decodeId,
  decodeIdOrNull,
  encodeId,
  newId,
  NotFound,
  type Permission,
  quote,
  recordChange,
  type TextBounds,
  type Tx,
  type Viewer,
} from "@weft/shared";
import { requireActiveBuilding } from "../buildings/building.service.js";
import type { CreateAssetInput, CreateAssetPayload, UpdateAssetInput, UpdateAssetPayload } from "./asset.input.js";
import { type AssetRow, findAsset, insertAsset, updateAssetRow } from "./asset.store.js";
import { toAsset } from "./asset.type.js";

const bounds: Readonly<Record<string, TextBounds>> = { tag: { max: 40 }, name: { max: 200 }, type: { max: 80 } };

export async function createAsset(ctx: Context, input: CreateAssetInput): Promise<CreateAssetPayload> {
  assertText(input, bounds);
  const installedOn = assertDay(input.installedOn) ?? null;
  const buildingId = decodeId("building", input.buildingId, "input.buildingId");
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createAsset", input }, async () => {
      await requireActiveBuilding(tx, ctx.viewer, buildingId, "input.buildingId");
      const { tag, name, type } = input;
      const row = await insertAsset(tx, { tenantId: ctx.viewer.tenantId, id: newId(), buildingId, tag, name, type, installedOn });
      const event = { type: "asset.created", related: { building: buildingId }, payload: {} } as const;
      await recordChange(tx, ctx.meta, { event, before: null, after: row });
      return row;
    });
    return { asset: toAsset(await getAsset(tx, ctx.viewer, id, "asset.read")) };
  });
}

/** Changes the given fields. Of concurrent changes to the same version, one succeeds and the others fail with CONFLICT. */
export async function updateAsset(ctx: Context, input: UpdateAssetInput): Promise<UpdateAssetPayload> {
  const id = decodeId("asset", input.id, "input.id");
  const { tag, name, type, status } = input;
  const buildingId = decodeIdOrNull("building", input.buildingId, "input.buildingId");
  const changes = changedFields({ buildingId, tag, name, type, status, installedOn: assertDay(input.installedOn) }, ["installedOn"]);
  assertText(changes, bounds);
  return ctx.inTenant(async (tx) => {
    const before = await getAsset(tx, ctx.viewer, id, "asset.update");
    // An asset can stay in a building that has become inactive.
    if (changes.buildingId !== undefined && changes.buildingId !== before.buildingId)
      await requireActiveBuilding(tx, ctx.viewer, changes.buildingId, "input.buildingId");
    const after = await updateAssetRow(tx, id, input.expectedVersion ?? before.version, changes);
    if (after === null) throw changedMeanwhile("asset", before.version);
    const payload = { changed: Object.keys(changes) };
    await recordChange(tx, ctx.meta, { event: { type: "asset.updated", related: { building: after.buildingId }, payload }, before, after });
    return { asset: toAsset(after) };
  });
}

async function getAsset(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<AssetRow> {
  const asset = await findAsset(tx, viewer, id, permission);
  if (asset === null) throw new NotFound("Asset", encodeId("asset", id));
  return asset;
}

/**
 * Returns the asset that an input references.
 * @throws BadUserInput at `path` if it does not exist or the viewer cannot see it
 */
export async function requireAsset(tx: Tx, viewer: Viewer, id: string, path: string): Promise<AssetRow> {
  const asset = await findAsset(tx, viewer, id);
  if (asset === null) throw new BadUserInput([{ path, message: `No asset with the ID ${encodeId("asset", id)} exists.` }]);
  return asset;
}

/**
 * Returns a calendar date unchanged.
 * @throws BadUserInput if it is not valid
 */
function assertDay(day: string | null | undefined): string | null | undefined {
  if (typeof day !== "string") return day;
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day);
  if (!isDay) throw new BadUserInput([{ path: "input.installedOn", message: `${quote(day)} is not a valid date. Use YYYY-MM-DD.` }]);
  return day;
}

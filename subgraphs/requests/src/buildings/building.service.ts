import { fieldsOfChanged, fieldsOfNew, keyedInput, type JsonObject } from "@weft/engine";
import { BadUserInput, NotFound, quote } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { setExternalId } from "@weft/api/external-ids";
import { allCheckedInTurn } from "@weft/api/inputs";
import {
  type BuildingRow,
  findBuilding,
  findBuildingByCode,
  insertBuilding,
  keepBuilding,
  updateBuildingRow,
  visibleBuildings,
} from "./building.store.js";
import { placeColumns } from "./building.place.js";
import { buildingColumns, toBuilding, type CreateBuildingInput, type UpdateBuildingInput, type BuildingPayload } from "./building.type.js";

export async function createBuilding(ctx: Context, input: CreateBuildingInput): Promise<BuildingPayload> {
  return ctx.inTenant(async (tx) => {
    const keyed = await keyedInput(tx, ctx, "BUILDING", input);
    const id = await createOnce(tx, ctx.meta, { mutation: "createBuilding", ...keyed }, async () => {
      const buildingId = newId();
      const [, place, fields] = await allCheckedInTurn(
        () => buildingColumns.assertText(input),
        () => placeColumns(input),
        () => fieldsOfNew(tx, ctx, "BUILDING", { id: buildingId, given: input.fields }),
      );
      const columns = { ...buildingColumns.plain(input), ...place, ...fields };
      const row = await insertBuilding(tx, { tenantId: ctx.viewer.tenantId, id: buildingId, ...columns });
      const event = { type: "building.created", payload: { code: row.code, name: row.name } } as const;
      await recordChange(tx, ctx.meta, { event, before: null, after: row });
      await setExternalId(tx, ctx, { list: "BUILDINGS", objectId: row.id, externalId: input.externalId ?? undefined });
      return row;
    });
    return { building: toBuilding(await getBuilding(tx, ctx.viewer, id, "building.read")) };
  });
}

/** Changes the given fields. Of concurrent changes to the same version, one succeeds and the others fail with CONFLICT. */
export async function updateBuilding(ctx: Context, input: UpdateBuildingInput): Promise<BuildingPayload> {
  const id = decodeId("building", input.id, "input.id");
  const { fields: given, ...wanted } = buildingColumns.changes(input);
  return ctx.inTenant(async (tx) => {
    const before = await getBuilding(tx, ctx.viewer, id, "building.update");
    const [, place, fields] = await allCheckedInTurn(
      () => buildingColumns.assertText(wanted),
      () => placeColumns(wanted),
      () => fieldsOfChanged(tx, ctx, "BUILDING", { id, before: before.fields as JsonObject, given }),
    );
    const after = await updateBuildingRow(tx, id, input.expectedVersion ?? before.version, {
      ...buildingColumns.plain(wanted),
      ...place,
      ...fields,
    });
    if (after === null) throw changedMeanwhile("building", before.version);
    await setExternalId(tx, ctx, { list: "BUILDINGS", objectId: id, externalId: wanted.externalId });
    const changed = [...Object.keys(wanted), ...("fields" in fields ? ["fields"] : [])];
    await recordChange(tx, ctx.meta, { event: { type: "building.updated", payload: { changed } }, before, after });
    return { building: toBuilding(after) };
  });
}

interface Incremented {
  readonly id: string;
  readonly permission: Permission;
  readonly expectedVersion: number | null | undefined;
}

/**
 * Increments the version of a building whose parts change, and locks its row until the transaction ends.
 * @throws NotFound, Conflict (another version)
 */
export async function incrementBuilding(
  tx: Tx,
  viewer: Viewer,
  { id, permission, expectedVersion }: Incremented,
): Promise<{ readonly before: BuildingRow; readonly after: BuildingRow }> {
  const before = await getBuilding(tx, viewer, id, permission);
  const after = await updateBuildingRow(tx, id, expectedVersion ?? before.version, {});
  if (after === null) throw changedMeanwhile("building", before.version);
  return { before, after };
}

/** @throws NotFound if the building does not exist, is deleted, or the viewer's permission does not reach it */
export async function getBuilding(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<BuildingRow> {
  const building = await findBuilding(tx, viewer, id, permission);
  if (building === null) throw new NotFound("Building", encodeId("building", id));
  return building;
}

/** Returns the building with an ID or a code. Null if the viewer cannot see one. */
export const findVisibleBuilding = (
  tx: Tx,
  viewer: Viewer,
  by: { readonly id: string } | { readonly code: string },
): Promise<BuildingRow | null> => ("id" in by ? findBuilding(tx, viewer, by.id) : findBuildingByCode(tx, viewer, by.code));

/**
 * Returns the building that an input references. A concurrent deletion either waits until the transaction ends, or comes first and is seen.
 * @throws BadUserInput at `path` if it does not exist, is deleted, or the viewer cannot see it
 */
export async function requireBuilding(tx: Tx, viewer: Viewer, id: string, path: string): Promise<BuildingRow> {
  const building = await keepBuilding(tx, viewer, id, visibleBuildings(viewer, "building.read"));
  if (building === null) throw new BadUserInput([{ path, message: `No building with the ID ${encodeId("building", id)} exists.` }]);
  return building;
}

/**
 * Asserts that an input can add something to a building.
 * @throws BadUserInput at `path` if the building does not exist, the viewer cannot see it, or it is inactive
 */
export async function requireActiveBuilding(tx: Tx, viewer: Viewer, id: string, path: string): Promise<void> {
  const building = await requireBuilding(tx, viewer, id, path);
  if (building.status === "ACTIVE") return;
  const message = `The building ${quote(building.code)} is inactive. Choose another one, or activate it with updateBuilding.`;
  throw new BadUserInput([{ path, message }]);
}

/**
 * As `requireActiveBuilding`, for the building of an asset, which the viewer possibly cannot see.
 * @throws BadUserInput at `path` if the building is inactive or deleted
 */
export async function assertActiveBuildingOfAsset(tx: Tx, viewer: Viewer, buildingId: string, path: string): Promise<void> {
  const building = await keepBuilding(tx, viewer, buildingId);
  if (building?.status !== "ACTIVE") throw new BadUserInput([{ path, message: "The building of this asset is inactive or deleted." }]);
}

import {
  assertText,
  BadUserInput,
  changedFields,
  changedMeanwhile,
  type Context,
  createOnce,
  decodeId,
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
import type { CreateBuildingInput, CreateBuildingPayload, UpdateBuildingInput, UpdateBuildingPayload } from "./building.input.js";
import { type BuildingRow, findBuilding, insertBuilding, updateBuildingRow } from "./building.store.js";
import { toBuilding } from "./building.type.js";

const bounds: Readonly<Record<string, TextBounds>> = {
  code: { max: 40 },
  name: { max: 200 },
  address: { max: 500, mayBeEmpty: true, hasLines: true },
};

export async function createBuilding(ctx: Context, input: CreateBuildingInput): Promise<CreateBuildingPayload> {
  assertText(input, bounds);
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createBuilding", input }, async () => {
      const { code, name, address } = input;
      const row = await insertBuilding(tx, { tenantId: ctx.viewer.tenantId, id: newId(), code, name, address });
      await recordChange(tx, ctx.meta, { event: { type: "building.created", payload: {} }, before: null, after: row });
      return row;
    });
    return { building: toBuilding(await getBuilding(tx, ctx.viewer, id, "building.read")) };
  });
}

/** Changes the given fields. Of concurrent changes to the same version, one succeeds and the others fail with CONFLICT. */
export async function updateBuilding(ctx: Context, input: UpdateBuildingInput): Promise<UpdateBuildingPayload> {
  const id = decodeId("building", input.id, "input.id");
  const { code, name, address, status } = input;
  const changes = changedFields({ code, name, address, status });
  assertText(changes, bounds);
  return ctx.inTenant(async (tx) => {
    const before = await getBuilding(tx, ctx.viewer, id, "building.update");
    const after = await updateBuildingRow(tx, id, input.expectedVersion ?? before.version, changes);
    if (after === null) throw changedMeanwhile("building", before.version);
    await recordChange(tx, ctx.meta, { event: { type: "building.updated", payload: { changed: Object.keys(changes) } }, before, after });
    return { building: toBuilding(after) };
  });
}

async function getBuilding(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<BuildingRow> {
  const building = await findBuilding(tx, viewer, id, permission);
  if (building === null) throw new NotFound("Building", encodeId("building", id));
  return building;
}

/**
 * Returns the building to which an input adds something.
 * @throws BadUserInput at `path` if it does not exist, the viewer cannot see it, or it is inactive
 */
export async function requireActiveBuilding(tx: Tx, viewer: Viewer, id: string, path: string): Promise<BuildingRow> {
  const building = await requireBuilding(tx, viewer, id, path);
  if (building.status === "ACTIVE") return building;
  const message = `The building ${quote(building.code)} is inactive. Choose another one, or activate it with updateBuilding.`;
  throw new BadUserInput([{ path, message }]);
}

/**
 * Returns the building that an input references.
 * @throws BadUserInput at `path` if it does not exist or the viewer cannot see it
 */
export async function requireBuilding(tx: Tx, viewer: Viewer, id: string, path: string): Promise<BuildingRow> {
  const building = await findBuilding(tx, viewer, id);
  if (building === null) throw new BadUserInput([{ path, message: `No building with the ID ${encodeId("building", id)} exists.` }]);
  return building;
}

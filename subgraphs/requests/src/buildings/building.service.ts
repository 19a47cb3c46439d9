import {
  appendEvents,
  BadUserInput,
  Conflict,
  type Context,
  decodeId,
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
import { assertText } from "../text.js";
import type { CreateBuildingInput, CreateBuildingPayload, UpdateBuildingInput, UpdateBuildingPayload } from "./building.input.js";
import { type BuildingChanges, type BuildingRow, findBuilding, insertBuilding, updateBuildingRow } from "./building.store.js";
import { toBuilding } from "./building.type.js";

const bounds: Readonly<Record<string, TextBounds>> = {
  code: { max: 40 },
  name: { max: 200 },
  address: { max: 500, mayBeEmpty: true, hasLines: true },
};

export async function createBuilding(ctx: Context, input: CreateBuildingInput): Promise<CreateBuildingPayload> {
  assertText(input, bounds);
  return ctx.inTenant(async (tx) => {
    const { result } = await once(tx, ctx.meta, { mutation: "createBuilding", key: input.idempotencyKey, input }, async () => {
      const { code, name, address } = input;
      const row = await insertBuilding(tx, { tenantId: ctx.viewer.tenantId, id: newId(), code, name, address });
      await appendEvents(tx, ctx.meta, [{ type: "building.created", subjectId: row.id, subjectVersion: row.version, payload: {} }]);
      await writeAudit(tx, ctx.meta, [{ action: "building.create", entityType: "building", entityId: row.id, before: null, after: row }]);
      return { id: row.id };
    });
    const row = await findBuilding(tx, ctx.viewer, result["id"] ?? "");
    if (row === null) throw new NotFound("Building", encodeId("building", result["id"] ?? ""));
    return { building: toBuilding(row) };
  });
}

/** Changes what the input names. Of concurrent changes of one version one wins; the others see CONFLICT. */
export async function updateBuilding(ctx: Context, input: UpdateBuildingInput): Promise<UpdateBuildingPayload> {
  const id = decodeId("building", input.id, "input.id");
  const changes = changesOf(input);
  return ctx.inTenant(async (tx) => {
    const before = await findBuilding(tx, ctx.viewer, id, "building.update");
    if (before === null) throw new NotFound("Building", input.id);
    const after = await updateBuildingRow(tx, id, input.expectedVersion ?? before.version, changes);
    if (after === null) throw new Conflict("The building was changed by somebody else; read it again.", { currentVersion: before.version });
    await appendEvents(tx, ctx.meta, [
      { type: "building.updated", subjectId: id, subjectVersion: after.version, payload: { changed: Object.keys(changes) } },
    ]);
    await writeAudit(tx, ctx.meta, [{ action: "building.update", entityType: "building", entityId: id, before, after }]);
    return { building: toBuilding(after) };
  });
}

function changesOf({ code, name, address, status }: UpdateBuildingInput): BuildingChanges {
  const given = Object.entries({ code, name, address, status }).filter(([, value]) => value !== undefined && value !== null);
  if (given.length === 0)
    throw new BadUserInput([{ path: "input", message: "Nothing to change: give at least one of code, name, address, status." }]);
  const changes = Object.fromEntries(given) as BuildingChanges;
  assertText(changes, bounds);
  return changes;
}

/** The building that an input puts something into. @throws BadUserInput at `path` when the tenant has none, or it is not in use any more */
export async function requireActiveBuilding(tx: Tx, viewer: Viewer, id: string, path: string): Promise<BuildingRow> {
  const building = await requireBuilding(tx, viewer, id, path);
  if (building.status === "ACTIVE") return building;
  const message = `The building ${quote(building.code)} is inactive. Choose another one, or activate it with updateBuilding.`;
  throw new BadUserInput([{ path, message }]);
}

/** The building that an input names. @throws BadUserInput at `path` when the tenant has none */
export async function requireBuilding(tx: Tx, viewer: Viewer, id: string, path: string): Promise<BuildingRow> {
  const building = await findBuilding(tx, viewer, id);
  if (building === null) throw new BadUserInput([{ path, message: `There is no building ${encodeId("building", id)}.` }]);
  return building;
}

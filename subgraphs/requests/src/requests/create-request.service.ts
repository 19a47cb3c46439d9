import { actorOf, startInstance } from "@weft/engine";
import {
  appendEvents,
  BadUserInput,
  type Context,
  decodeIdOrNull,
  encodeId,
  newId,
  NotFound,
  once,
  quote,
  type Tx,
  type Viewer,
  writeAudit,
} from "@weft/shared";
import { requireAsset } from "../assets/asset.service.js";
import { requireBuilding } from "../buildings/building.service.js";
import { getRequestTypeByKey } from "../request-types/request-type.service.js";
import type { CreateRequestInput, CreateRequestPayload } from "./request.input.js";
import { nextRequestNumber } from "./request-number.store.js";
import { findRequest, insertRequest } from "./request.store.js";
import { toRequest } from "./request.type.js";

/**
 * Creates a draft. Its workflow starts in the same transaction, in the initial state of the newest published version of the type's definition.
 * Errors: BAD_USER_INPUT (unknown type, building or asset; fields that violate the schema), CONFLICT (idempotency key used with different input).
 */
export async function createRequest(ctx: Context, input: CreateRequestInput): Promise<CreateRequestPayload> {
  const wanted = {
    buildingId: decodeIdOrNull("building", input.buildingId, "input.buildingId") ?? null,
    assetId: decodeIdOrNull("asset", input.assetId, "input.assetId") ?? null,
  };
  return ctx.inTenant(async (tx) => {
    const { result } = await once(tx, ctx.meta, { mutation: "createRequest", key: input.idempotencyKey, input }, async () => ({
      id: await create(tx, ctx, input, wanted),
    }));
    const id = result["id"] ?? "";
    // Read with the viewer's current rights: a replay by a user who can no longer see the request fails with NOT_FOUND.
    const row = await findRequest(tx, ctx.viewer, id, "request.read");
    if (row === null) throw new NotFound("Request", encodeId("request", id));
    return { request: toRequest(row) };
  });
}

async function create(tx: Tx, ctx: Context, input: CreateRequestInput, wanted: Place): Promise<string> {
  const type = await getRequestTypeByKey(tx, ctx.viewer, input.typeKey, "input.typeKey");
  const place = await assertPlace(tx, ctx.viewer, wanted);
  const id = newId();
  const head = await startInstance(tx, ctx.meta, {
    definitionKey: type.definitionKey,
    data: input.data ?? {},
    fields: type.fields,
    ownerId: ctx.viewer.userId,
    subject: { type: "request", id, requestType: type.key },
    actor: actorOf(ctx.viewer),
  });
  // Last, because the counter's row stays locked until the commit.
  const number = await nextRequestNumber(tx, ctx.viewer.tenantId, type.numberPrefix);
  const row = {
    tenantId: ctx.viewer.tenantId,
    id,
    number,
    typeId: type.id,
    instanceId: head.id,
    ...place,
    createdBy: ctx.viewer.userId,
    version: 1,
    createdAt: head.createdAt,
    updatedAt: head.createdAt,
  };
  await insertRequest(tx, row);
  const related = {
    instance: head.id,
    requestType: type.id,
    ...(place.buildingId && { building: place.buildingId }),
    ...(place.assetId && { asset: place.assetId }),
  };
  await appendEvents(tx, ctx.meta, [
    { type: "request.created", subjectId: id, subjectVersion: head.version, related, payload: { number, typeKey: type.key } },
  ]);
  await writeAudit(tx, ctx.meta, [{ action: "request.create", entityType: "request", entityId: id, before: null, after: row }]);
  return id;
}

/** Building and asset that a request is about. */
export interface Place {
  readonly buildingId: string | null;
  readonly assetId: string | null;
}

/**
 * Returns the place, completed with the asset's building.
 * @throws BadUserInput if the building or asset is unknown, or the asset is in another building
 */
export async function assertPlace(tx: Tx, viewer: Viewer, { buildingId, assetId }: Place): Promise<Place> {
  if (buildingId !== null) await requireBuilding(tx, viewer, buildingId, "input.buildingId");
  if (assetId === null) return { buildingId, assetId };
  const asset = await requireAsset(tx, viewer, assetId, "input.assetId");
  if (buildingId !== null && asset.buildingId !== buildingId) {
    throw new BadUserInput([{ path: "input.assetId", message: `The asset ${quote(asset.tag)} is not in that building.` }]);
  }
  return { buildingId: asset.buildingId, assetId };
}

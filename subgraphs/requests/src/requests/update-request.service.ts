import { actorOf, changeInstanceData } from "@weft/engine";
import { appendEvents, BadUserInput, type Context, decodeIdOrNull, grantObjectAccess, writeAudit } from "@weft/shared";
import { assertPlace } from "./create-request.service.js";
import type { UpdateRequestInput, UpdateRequestPayload } from "./request.input.js";
import { getRequest } from "./request.service.js";
import { updateRequestPlace } from "./request.store.js";
import { toRequest } from "./request.type.js";

/**
 * Changes fields, building or asset. Every change is a version of the workflow, so that two people who change one request see each other.
 * Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT, TRANSITION_REJECTED (the workflow is finished).
 */
export async function updateRequest(ctx: Context, input: UpdateRequestInput): Promise<UpdateRequestPayload> {
  const changed = (["data", "buildingId", "assetId"] as const).filter((field) => input[field] !== undefined);
  if (changed.length === 0) throw new BadUserInput([{ path: "input", message: "Nothing to change: give at least one of data, buildingId, assetId." }]);
  return ctx.inTenant(async (tx) => {
    const before = await getRequest(tx, ctx, input.id, "request.update");
    const head = await changeInstanceData(tx, ctx.meta, {
      id: before.instanceId,
      patch: input.data ?? {},
      expectedVersion: input.expectedVersion,
      actor: actorOf(ctx.viewer),
      permission: "request.update",
    });
    if (input.buildingId !== undefined || input.assetId !== undefined) {
      const buildingId = decodeIdOrNull("building", input.buildingId, "input.buildingId");
      const assetId = decodeIdOrNull("asset", input.assetId, "input.assetId");
      const place = await assertPlace(tx, ctx.viewer, { buildingId: buildingId === undefined ? before.buildingId : buildingId, assetId: assetId === undefined ? before.assetId : assetId });
      await updateRequestPlace(tx, before.id, place, head.updatedAt);
      const placeIds = [place.buildingId, place.assetId].filter((id) => id !== null);
      if (before.assigneeVendorId !== null && placeIds.length > 0) await grantObjectAccess(tx, { objectIds: placeIds, vendorId: before.assigneeVendorId });
    }
    const after = await getRequest(tx, ctx, input.id, "request.read");
    await appendEvents(tx, ctx.meta, [
      { type: "request.updated", subjectId: before.id, subjectVersion: head.version, related: { instance: before.instanceId }, payload: { changed: [...changed] } },
    ]);
    await writeAudit(tx, ctx.meta, [{ action: "request.update", entityType: "request", entityId: before.id, before: rowOf(before), after: rowOf(after) }]);
    return { request: toRequest(after) };
  });
}

/** The request's own columns: what its instance holds is in the instance's audit entry. */
const rowOf = ({ tenantId, id, number, typeId, instanceId, buildingId, assetId, createdBy, version, createdAt, updatedAt }: Awaited<ReturnType<typeof getRequest>>) => ({
  tenantId,
  id,
  number,
  typeId,
  instanceId,
  buildingId,
  assetId,
  createdBy,
  version,
  createdAt,
  updatedAt,
});

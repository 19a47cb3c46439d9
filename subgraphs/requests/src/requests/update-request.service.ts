import { actorOf, changeInstanceData } from "@weft/engine";
import { BadUserInput } from "@weft/shared/errors";
import { decodeIdOrNull } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { grantObjectAccess, lockObjectAccess, revokeObjectAccess } from "@weft/platform/object-access";
import type { Context } from "@weft/api/context";
import { setExternalId } from "@weft/api/external-ids";
import { assertPlace, type Place } from "./create-request.service.js";
import { getRequest, imageOf } from "./request.service.js";
import { findPlacesOfNoOther, updateRequestPlace } from "./request.store.js";
import { toRequest, type RequestPayload, type UpdateRequestInput } from "./request.type.js";

/**
 * Changes fields, building, asset or space. Every change increments the workflow's version, so that concurrent changes by two users are detected. The owner
 * can change the request while it is a draft. After that, only other users with the permission can. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT,
 * TRANSITION_REJECTED (finished, or changed by the owner after submission).
 */
export async function updateRequest(ctx: Context, input: UpdateRequestInput): Promise<RequestPayload> {
  const changed = (["data", "buildingId", "assetId", "spaceId", "externalId"] as const).filter((field) => input[field] !== undefined);
  if (changed.length === 0)
    throw new BadUserInput([
      { path: "input", message: "Nothing to change. Provide at least one of data, buildingId, assetId, spaceId, externalId." },
    ]);
  return ctx.inTenant(async (tx) => {
    const before = await getRequest(tx, ctx, input.id, "request.update");
    const { assigneeVendorId: vendorId } = before;
    // Taken before all other locks, as in an assignment.
    if (vendorId !== null) await lockObjectAccess(tx, [vendorId]);
    const isOwners = before.ownerId === ctx.viewer.userId;
    const head = await changeInstanceData(tx, ctx.meta, {
      id: before.instanceId,
      patch: input.data ?? {},
      // Others decide based on what the owner wrote. For example, an estimate must not be increased after its approval.
      onlyInInitialState: isOwners,
      // Owners can change the fields of the form with which they created the request. Users who work on a request can change all its fields.
      fields: isOwners ? before.typeFields : undefined,
      expectedVersion: input.expectedVersion ?? before.instanceVersion,
      actor: actorOf(ctx.viewer),
      permission: "request.update",
    });
    if (input.buildingId !== undefined || input.assetId !== undefined || input.spaceId !== undefined) {
      const buildingId = decodeIdOrNull("building", input.buildingId, "input.buildingId");
      const assetId = decodeIdOrNull("asset", input.assetId, "input.assetId");
      const wanted = {
        buildingId: buildingId === undefined ? before.buildingId : buildingId,
        assetId: assetId === undefined ? before.assetId : assetId,
        spaceId: decodeIdOrNull("space", input.spaceId, "input.spaceId"),
      };
      const place = await assertPlace(tx, ctx.viewer, wanted, { before });
      await updateRequestPlace(tx, before.id, place, head.updatedAt);
      if (vendorId !== null) await moveVendorAccess(tx, before.id, vendorId, { from: before, to: place });
    }
    await setExternalId(tx, ctx, { list: "REQUESTS", objectId: before.id, externalId: input.externalId });
    const after = await getRequest(tx, ctx, input.id, "request.read");
    await appendEvents(tx, ctx.meta, [
      {
        type: "request.updated",
        subjectId: before.id,
        subjectVersion: head.version,
        related: { instance: before.instanceId },
        payload: { changed: [...changed] },
      },
    ]);
    await writeAudit(tx, ctx.meta, [
      { action: "request.update", entityType: "request", entityId: before.id, before: imageOf(before), after: imageOf(after) },
    ]);
    return { request: toRequest(after) };
  });
}

/** Grants the vendor access to the new place. Revokes access to the old one, except where another of the vendor's requests is about it. */
async function moveVendorAccess(tx: Tx, requestId: string, vendorId: string, { from, to }: { from: Place; to: Place }): Promise<void> {
  const wanted = placeIdsOf(to);
  const left = placeIdsOf(from).filter((id) => !wanted.includes(id));
  await revokeObjectAccess(tx, { objectIds: await findPlacesOfNoOther(tx, vendorId, requestId, left), vendorId });
  await grantObjectAccess(tx, { objectIds: wanted, vendorId });
}

const placeIdsOf = ({ buildingId, assetId }: Place): string[] => [buildingId, assetId].filter((id) => id !== null);

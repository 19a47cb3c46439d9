import { Conflict, NotFound } from "@weft/shared/errors";
import type { EventPayload } from "@weft/shared/event-catalog";
import { decodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, showDeleted, type Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { grantObjectAccess, lockObjectAccess } from "@weft/platform/object-access";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { findDeletedRequest, findFurtherInstances, markBelongings, markRequest } from "./delete-request.store.js";

import { getRequest, imageOf } from "./request.service.js";
import type { RequestRow } from "./request.store.js";
import { type Request, toRequest } from "./request.type.js";

/**
 * Deletes a request that has ended, with its workflow. Ended workflows never change again, and the timers of closed ones are held, so no timer, clock,
 * or task is left without its request.
 * @throws NotFound, Conflict (another version, or it has not ended)
 */
export async function deleteRequest(ctx: Context, input: VersionedIdInput): Promise<void> {
  return ctx.inTenant(async (tx) => {
    const request = await getRequest(tx, ctx, input.id, "request.delete");
    assertVersion(request, input);
    if (!hasEnded(request)) throw new Conflict(`The request ${request.number} has not ended. Close or cancel it first.`);
    await showDeleted(tx);
    const further = await findFurtherInstances(tx, request);
    const running = further.filter((instance) => !instance.hasEnded).length;
    if (running > 0)
      throw new Conflict(
        `The workflow of the request ${request.number} has started ${running === 1 ? "a workflow" : `${running} workflows`} still running. Cancel what is running first.`,
      );
    if (!(await markRequest(tx, request.id, ctx.meta.actorId))) throw new NotFound("Request", input.id);
    await markBelongings(tx, { requestId: request.id, instanceIds: instancesOf(request, further), isDeleted: true });
    await record(tx, ctx, "deleted", request);
  });
}

/**
 * Restores a deleted request with everything that it had.
 * @throws NotFound (not deleted, too), Conflict (another version)
 */
export async function restoreRequest(ctx: Context, input: VersionedIdInput): Promise<Request> {
  const id = decodeId("request", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    await showDeleted(tx);
    const request = await findDeletedRequest(tx, ctx.viewer, id);
    if (request === null) throw new NotFound("Request", input.id);
    assertVersion(request, input);
    await giveAgain(tx, request);
    if (!(await markRequest(tx, id, null))) throw new NotFound("Request", input.id);
    const further = await findFurtherInstances(tx, request);
    await markBelongings(tx, { requestId: id, instanceIds: instancesOf(request, further), isDeleted: false });
    await record(tx, ctx, "restored", request);
    return toRequest(await getRequest(tx, ctx, input.id, "request.read"));
  });
}

/** The vendor may have lost the building and the asset in the meantime: deleted requests do not count as reasons to see them. */
async function giveAgain(tx: Tx, { assigneeVendorId: vendorId, buildingId, assetId }: RequestRow): Promise<void> {
  if (vendorId === null) return;
  await lockObjectAccess(tx, [vendorId]);
  await grantObjectAccess(tx, { objectIds: [buildingId, assetId].filter((id) => id !== null), vendorId });
}

function assertVersion({ instanceVersion }: RequestRow, { expectedVersion }: VersionedIdInput): void {
  if (typeof expectedVersion === "number" && expectedVersion !== instanceVersion) throw changedMeanwhile("request", instanceVersion);
}

function principalOf({ assigneeUserId, assigneeTeamId, assigneeVendorId }: RequestRow): EventPayload<"request.deleted">["assignee"] {
  if (assigneeUserId !== null) return { type: "USER", id: assigneeUserId };
  if (assigneeTeamId !== null) return { type: "TEAM", id: assigneeTeamId };
  return assigneeVendorId === null ? null : { type: "VENDOR", id: assigneeVendorId };
}

const hasEnded = ({ closedAt }: RequestRow): boolean => closedAt !== null;

const instancesOf = ({ instanceId }: RequestRow, further: readonly { readonly id: string }[]): string[] => [
  instanceId,
  ...further.map(({ id }) => id),
];

async function record(tx: Tx, ctx: Context, change: "deleted" | "restored", request: RequestRow): Promise<void> {
  const { id, instanceId, instanceVersion, ownerId, teamId } = request;
  const about = { subjectId: id, subjectVersion: instanceVersion, related: { instance: instanceId } };
  await appendEvents(tx, ctx.meta, [
    change === "deleted"
      ? { type: "request.deleted", ...about, payload: { ownerId, teamId, assignee: principalOf(request) } }
      : { type: "request.restored", ...about, payload: {} },
  ]);
  const image = imageOf(request);
  const [action, before, after] =
    change === "deleted" ? (["request.delete", image, null] as const) : (["request.restore", null, image] as const);
  await writeAudit(tx, ctx.meta, [{ action, entityType: "request", entityId: id, before, after }]);
}

import {
  actorOf,
  assignInstance,
  type AssigneePrincipal,
  type Assignment,
  fireInstance,
  type InstanceHead,
  routeInstance,
} from "@weft/engine";
import { BadUserInput, NotFound, quote, TransitionRejected } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import type { Permission } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import { chaos } from "@weft/platform/chaos";
import type { Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import { lockObjectAccess } from "@weft/platform/object-access";
import type { Context } from "@weft/api/context";
import type { KeyedVersionedIdInput } from "@weft/api/inputs";
import { assertUnblocked } from "../links/blocking.js";
import type { AssigneeInput, AssignRequestInput, CancelRequestInput, CloseRequestInput, ReopenRequestInput } from "./request.input.js";
import { withdrawingOffers } from "../vendor-offers/withdraw-offers.js";
import { watchByType } from "../watchers/watch-by-type.js";
import type { Writer } from "./create-request.service.js";
import { findPlacesOfNoOther, findRequest, type RequestRow } from "./request.store.js";
import { toRequest, type RequestPayload } from "./request.type.js";

export type { RequestRow } from "./request.store.js";
export { selectMatching as matchingRequests, selectRequest } from "./request.store.js";

/**
 * Returns the request if the viewer can see it under the permission.
 * @throws NotFound otherwise, whether or not it exists
 */
export async function getRequest(
  tx: Tx,
  ctx: Pick<Context, "viewer">,
  id: string,
  permission: Permission,
  path = "input.id",
): Promise<RequestRow> {
  const row = await findRequest(tx, ctx.viewer, decodeId("request", id, path), permission);
  if (row === null) throw new NotFound("Request", id);
  return row;
}

/** Returns the request with the UUID if the viewer can see it under the permission. */
export const findRequestWithId = (tx: Tx, ctx: Context, id: string, permission: Permission): Promise<RequestRow | null> =>
  findRequest(tx, ctx.viewer, id, permission);

/** Fires the type's transition for submission. Of concurrent submissions, one succeeds and the others fail with CONFLICT. */
export async function submitRequest(ctx: Context, input: KeyedVersionedIdInput): Promise<RequestPayload> {
  const transition = (request: RequestRow) => request.submitTransition;
  return transitionRequest(ctx, { mutation: "submitRequest", permission: "request.submit", input, transition, followUp: afterSubmission });
}

async function afterSubmission(tx: Tx, writer: Writer, request: RequestRow, head: InstanceHead): Promise<void> {
  await giveByRoute(tx, writer, request, head);
  // Afterwards, because the assignee can be one of those who see it.
  await watchByType(tx, writer.meta, request);
}

/** Submits a new draft in a transaction, in the name of a user. Errors: NOT_FOUND, TRANSITION_REJECTED, BAD_USER_INPUT. */
export async function submitDraft(tx: Tx, writer: Writer, id: string): Promise<void> {
  const request = await getRequest(tx, writer, encodeId("request", id), "request.submit");
  const head = await fireInstance(tx, writer.meta, {
    id: request.instanceId,
    transition: request.submitTransition,
    actor: actorOf(writer.viewer),
    permission: "request.submit",
  });
  await afterSubmission(tx, writer, request, head);
}

/** Fires the type's transition for cancellation. */
export async function cancelRequest(ctx: Context, input: CancelRequestInput): Promise<RequestPayload> {
  return transitionRequest(ctx, {
    mutation: "cancelRequest",
    permission: "request.cancel",
    input,
    transition: (request) => request.cancelTransition,
  });
}

/** Fires the type's transition for closing. */
export async function closeRequest(ctx: Context, input: CloseRequestInput): Promise<RequestPayload> {
  const transition = (request: RequestRow) => transitionFor("closing", request.typeKey, request.closeTransition);
  return transitionRequest(ctx, {
    mutation: "closeRequest",
    permission: "workflow.fire",
    input,
    transition,
    precondition: assertUnblocked,
  });
}

/** Fires the type's transition for reopening. */
export async function reopenRequest(ctx: Context, input: ReopenRequestInput): Promise<RequestPayload> {
  const transition = (request: RequestRow) => transitionFor("reopening", request.typeKey, request.reopenTransition);
  return transitionRequest(ctx, { mutation: "reopenRequest", permission: "workflow.fire", input, transition });
}

/** @throws TransitionRejected if the request's type has no transition for this purpose */
function transitionFor(purpose: "closing" | "reopening", typeKey: string, transition: string | null): string {
  if (transition !== null) return transition;
  const message = `Requests of the type ${quote(typeKey)} have no transition for ${purpose}. Fire one of the workflow's own transitions instead.`;
  throw new TransitionRejected([{ code: "state", message }]);
}

interface RequestTransition {
  readonly mutation: string;
  readonly permission: Permission;
  readonly input: KeyedVersionedIdInput & { readonly comment?: string | null; readonly input?: Record<string, unknown> | null };
  readonly transition: (request: RequestRow) => string;
  /** Runs before the transition, in the same transaction. */
  readonly precondition?: (tx: Tx, ctx: Context, request: RequestRow) => Promise<void>;
  /** Runs after the transition, in the same transaction. */
  readonly followUp?: (tx: Tx, ctx: Context, request: RequestRow, head: InstanceHead) => Promise<void>;
}

async function transitionRequest(ctx: Context, { mutation, permission, input, transition, precondition, followUp }: RequestTransition) {
  chaos(mutation);
  return ctx.inTenant(async (tx) => {
    const request = await getRequest(tx, ctx, input.id, permission);
    await once(tx, ctx.meta, { mutation, key: input.idempotencyKey, input }, async () => {
      await precondition?.(tx, ctx, request);
      const head = await fireInstance(tx, ctx.meta, {
        id: request.instanceId,
        transition: transition(request),
        actor: actorOf(ctx.viewer),
        permission,
        comment: input.comment,
        input: input.input,
        expectedVersion: input.expectedVersion,
      });
      await followUp?.(tx, ctx, request, head);
      return { id: request.id };
    });
    return { request: toRequest(await getRequest(tx, ctx, input.id, "request.read")) };
  });
}

/** Assigns a submitted request without an assignee according to the routing rules of its type. */
async function giveByRoute(tx: Tx, ctx: Writer, request: RequestRow, head: InstanceHead): Promise<void> {
  const isFree = head.status === "RUNNING" && !head.assigneeUserId && !head.assigneeTeamId && !head.assigneeVendorId;
  if (request.route === null || !isFree) return;
  const principal = await routeInstance(tx, head, { route: request.route, now: head.updatedAt });
  if (!principal) return;
  await withdrawingOffers(tx, ctx.meta, request.id, async () => {
    const given = await assignInstance(tx, ctx.meta, { id: head.id, principal, expectedVersion: head.version });
    await recordAssignment(tx, ctx.meta, request, { principal, version: given.version, before: request, after: given });
  });
}

/**
 * Assigns a request to a user, a team or a vendor, or removes the assignment. It changes the objects that users of the vendor can see: the request,
 * its workflow, its building and asset.
 */
export async function assignRequest(ctx: Context, input: AssignRequestInput): Promise<RequestPayload> {
  const principal = principalOf(input.assignee);
  return ctx.inTenant(async (tx) => {
    const request = await getRequest(tx, ctx, input.id, "request.assign");
    await once(tx, ctx.meta, { mutation: "assignRequest", key: input.idempotencyKey, input }, async () => {
      const vendorIds = [request.assigneeVendorId, principal?.type === "VENDOR" ? principal.id : null].filter((id) => id !== null);
      await lockObjectAccess(tx, vendorIds);
      await writeAssignment(tx, ctx, request, {
        principal,
        actor: actorOf(ctx.viewer),
        permission: "request.assign",
        reason: input.reason,
        // The objects to revoke from the former vendor are determined from this version.
        expectedVersion: input.expectedVersion ?? request.instanceVersion,
      });
      return { id: request.id };
    });
    return { request: toRequest(await getRequest(tx, ctx, input.id, "request.read")) };
  });
}

type NewAssignment = Pick<Assignment, "principal" | "actor" | "permission" | "reason" | "expectedVersion">;

/** Assigns a request, whose vendors the caller has locked with `lockObjectAccess`, and withdraws its offers to vendors. */
export async function writeAssignment(tx: Tx, ctx: Writer, request: RequestRow, assignment: NewAssignment): Promise<void> {
  await withdrawingOffers(tx, ctx.meta, request.id, async () => {
    const head = await assignInstance(tx, ctx.meta, {
      id: request.instanceId,
      objectIds: placesOf(request),
      revokeObjectIds: request.assigneeVendorId === null ? [] : await placesOfNoOther(tx, request, request.assigneeVendorId),
      ...assignment,
    });
    await recordAssignment(tx, ctx.meta, request, { principal: assignment.principal, version: head.version, before: request, after: head });
  });
}

const placesOf = ({ buildingId, assetId }: RequestRow): string[] => [buildingId, assetId].filter((id) => id !== null);

/** Returns the building and the asset of a request that no other request of the vendor is about. */
export const placesOfNoOther = (tx: Tx, request: RequestRow, vendorId: string): Promise<string[]> =>
  findPlacesOfNoOther(tx, vendorId, request.id, placesOf(request));

type Assignees = Pick<RequestRow, "assigneeUserId" | "assigneeTeamId" | "assigneeVendorId">;
interface RecordedAssignment {
  readonly principal: AssigneePrincipal | null;
  /** Version of the instance that the assignment has made. */
  readonly version: number;
  readonly before: Assignees;
  readonly after: Assignees;
}

/** Adds the request's own event and audit entry of an assignment. */
export async function recordAssignment(
  tx: Tx,
  meta: WriteMeta,
  request: RequestRow,
  { principal, version, before, after }: RecordedAssignment,
): Promise<void> {
  const related = { instance: request.instanceId, ...(principal && { [principal.type.toLowerCase()]: principal.id }) };
  await appendEvents(tx, meta, [
    { type: "request.assigned", subjectId: request.id, subjectVersion: version, related, payload: { assignee: principal } },
  ]);
  await writeAudit(tx, meta, [
    {
      action: "request.assign",
      entityType: "request",
      entityId: request.id,
      before: { ...imageOf(request), ...assigneeOf(before) },
      after: { ...imageOf(request), ...assigneeOf(after) },
    },
  ]);
}

/**
 * Returns the request's own columns, without its tags: a vendor sees the audit entries of its requests, but not the entries `request.tag`. The data of
 * the instance is in the instance's audit entry.
 */
export const imageOf = ({
  tenantId,
  id,
  number,
  typeId,
  instanceId,
  buildingId,
  assetId,
  spaceId,
  createdBy,
  linkId,
  isFromEmail,
  impact,
  urgency,
  setPriority,
  priority,
  dueAt,
  version,
  createdAt,
  updatedAt,
}: RequestRow) => ({
  tenantId,
  id,
  number,
  typeId,
  instanceId,
  buildingId,
  assetId,
  spaceId,
  createdBy,
  linkId,
  isFromEmail,
  impact,
  urgency,
  setPriority,
  priority,
  dueAt,
  version,
  createdAt,
  updatedAt,
});

const assigneeOf = (row: Assignees): Assignees => ({
  assigneeUserId: row.assigneeUserId,
  assigneeTeamId: row.assigneeTeamId,
  assigneeVendorId: row.assigneeVendorId,
});

function principalOf(assignee: AssigneeInput | null | undefined): AssigneePrincipal | null {
  if (assignee === null || assignee === undefined) return null;
  const given = (
    [
      ["USER", "user", assignee.userId, "userId"],
      ["TEAM", "team", assignee.teamId, "teamId"],
      ["VENDOR", "vendor", assignee.vendorId, "vendorId"],
    ] as const
  ).flatMap(([type, idType, id, field]) => (typeof id === "string" ? [{ type, id: decodeId(idType, id, `input.assignee.${field}`) }] : []));
  const [principal] = given;
  if (principal === undefined || given.length > 1) {
    throw new BadUserInput([
      { path: "input.assignee", message: `Provide exactly one of userId, teamId, and vendorId, not ${given.length}.` },
    ]);
  }
  return principal;
}

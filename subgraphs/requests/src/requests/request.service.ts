import { actorOf, assignInstance, type AssigneePrincipal, fireInstance, type InstanceHead, routeInstance } from "@weft/engine";
import {
  appendEvents,
  BadUserInput,
  chaos,
  type Context,
  decodeId,
  lockObjectAccess,
  NotFound,
  once,
  type Permission,
  quote,
  TransitionRejected,
  type Tx,
  writeAudit,
} from "@weft/shared";
import type {
  AssigneeInput,
  AssignRequestInput,
  AssignRequestPayload,
  CancelRequestInput,
  CancelRequestPayload,
  CloseRequestInput,
  CloseRequestPayload,
  ReopenRequestInput,
  ReopenRequestPayload,
  SubmitRequestInput,
  SubmitRequestPayload,
} from "./request.input.js";
import { findPlacesOfNoOther, findRequest, type RequestRow } from "./request.store.js";
import { toRequest } from "./request.type.js";

/** The request, if the viewer may see it under the permission. @throws NotFound otherwise, whether it exists or not */
export async function getRequest(tx: Tx, ctx: Context, id: string, permission: Permission, path = "input.id"): Promise<RequestRow> {
  const row = await findRequest(tx, ctx.viewer, decodeId("request", id, path), permission);
  if (row === null) throw new NotFound("Request", id);
  return row;
}

/** Fires the transition that the request's type names for submission. Of concurrent submitters one wins; the others see CONFLICT. */
export async function submitRequest(ctx: Context, input: SubmitRequestInput): Promise<SubmitRequestPayload> {
  const transition = (request: RequestRow) => request.submitTransition;
  return move(ctx, { mutation: "submitRequest", permission: "request.submit", input, transition, followUp: giveByRoute });
}

/** Fires the transition that the request's type names for cancelling. */
export async function cancelRequest(ctx: Context, input: CancelRequestInput): Promise<CancelRequestPayload> {
  return move(ctx, { mutation: "cancelRequest", permission: "request.cancel", input, transition: (request) => request.cancelTransition });
}

/** Fires the transition that the request's type names for closing. */
export async function closeRequest(ctx: Context, input: CloseRequestInput): Promise<CloseRequestPayload> {
  const transition = (request: RequestRow) => transitionFor("closing", request.typeKey, request.closeTransition);
  return move(ctx, { mutation: "closeRequest", permission: "workflow.fire", input, transition });
}

/** Fires the transition that the request's type names for reopening. */
export async function reopenRequest(ctx: Context, input: ReopenRequestInput): Promise<ReopenRequestPayload> {
  const transition = (request: RequestRow) => transitionFor("reopening", request.typeKey, request.reopenTransition);
  return move(ctx, { mutation: "reopenRequest", permission: "workflow.fire", input, transition });
}

/** @throws TransitionRejected when the request's type names none for it */
function transitionFor(purpose: "closing" | "reopening", typeKey: string, transition: string | null): string {
  if (transition !== null) return transition;
  const message = `Requests of type ${quote(typeKey)} have no transition for ${purpose}. Fire one of the workflow's own transitions instead.`;
  throw new TransitionRejected([{ code: "state", message }]);
}

interface Move {
  readonly mutation: string;
  readonly permission: Permission;
  readonly input: SubmitRequestInput & { readonly comment?: string | null; readonly input?: Record<string, unknown> | null };
  readonly transition: (request: RequestRow) => string;
  /** What comes after it, in the same transaction. */
  readonly followUp?: (tx: Tx, ctx: Context, request: RequestRow, head: InstanceHead) => Promise<void>;
}

async function move(ctx: Context, { mutation, permission, input, transition, followUp }: Move) {
  chaos(mutation);
  return ctx.inTenant(async (tx) => {
    const request = await getRequest(tx, ctx, input.id, permission);
    await once(tx, ctx.meta, { mutation, key: input.idempotencyKey, input }, async () => {
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

/** A submitted request that nobody has yet goes to whom the routing rules of its type choose. */
async function giveByRoute(tx: Tx, ctx: Context, request: RequestRow, head: InstanceHead): Promise<void> {
  const isFree = head.status === "RUNNING" && !head.assigneeUserId && !head.assigneeTeamId && !head.assigneeVendorId;
  if (request.route === null || !isFree) return;
  const principal = await routeInstance(tx, head, { route: request.route, now: head.updatedAt });
  if (!principal) return;
  const given = await assignInstance(tx, ctx.meta, { id: head.id, principal, expectedVersion: head.version });
  await tellAssigned(tx, ctx, request, { principal, head: given });
}

/**
 * Gives a request to a user, a team or a vendor, or takes the assignment back. What a vendor's people see changes with it:
 * the request, its workflow, its building and asset.
 */
export async function assignRequest(ctx: Context, input: AssignRequestInput): Promise<AssignRequestPayload> {
  const principal = principalOf(input.assignee);
  return ctx.inTenant(async (tx) => {
    const request = await getRequest(tx, ctx, input.id, "request.assign");
    await once(tx, ctx.meta, { mutation: "assignRequest", key: input.idempotencyKey, input }, async () => {
      const vendorIds = [request.assigneeVendorId, principal?.type === "VENDOR" ? principal.id : null].filter((id) => id !== null);
      await lockObjectAccess(tx, vendorIds);
      const places = [request.buildingId, request.assetId].filter((id) => id !== null);
      const head = await assignInstance(tx, ctx.meta, {
        id: request.instanceId,
        principal,
        objectIds: places,
        revokeObjectIds:
          request.assigneeVendorId === null ? [] : await findPlacesOfNoOther(tx, request.assigneeVendorId, request.id, places),
        actor: actorOf(ctx.viewer),
        permission: "request.assign",
        // What a former vendor loses was read with this version.
        expectedVersion: input.expectedVersion ?? request.instanceVersion,
      });
      await tellAssigned(tx, ctx, request, { principal, head });
      return { id: request.id };
    });
    return { request: toRequest(await getRequest(tx, ctx, input.id, "request.read")) };
  });
}

type Given = { readonly principal: AssigneePrincipal | null; readonly head: InstanceHead };

async function tellAssigned(tx: Tx, ctx: Context, request: RequestRow, { principal, head }: Given): Promise<void> {
  const related = { instance: request.instanceId, ...(principal && { [principal.type.toLowerCase()]: principal.id }) };
  await appendEvents(tx, ctx.meta, [
    { type: "request.assigned", subjectId: request.id, subjectVersion: head.version, related, payload: { assignee: principal } },
  ]);
  await writeAudit(tx, ctx.meta, [
    {
      action: "request.assign",
      entityType: "request",
      entityId: request.id,
      before: { ...imageOf(request), ...assigneeOf(request) },
      after: { ...imageOf(request), ...assigneeOf(head) },
    },
  ]);
}

/** The request's own columns: what its instance holds is in the instance's audit entry. */
export const imageOf = ({
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
}: RequestRow) => ({
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

const assigneeOf = (row: Pick<RequestRow, "assigneeUserId" | "assigneeTeamId" | "assigneeVendorId">) => ({
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
      { path: "input.assignee", message: `Give exactly one of userId, teamId and vendorId; this has ${given.length}.` },
    ]);
  }
  return principal;
}

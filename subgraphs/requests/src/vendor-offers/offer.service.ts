import { assertPrincipal, lockInstance, withoutVendorScope } from "@weft/engine";
import { BadUserInput, Conflict, Forbidden, NotFound } from "@weft/shared/errors";
import { decodeId, newId } from "@weft/shared/ids";
import { isOfVendor } from "@weft/platform/access";
import type { Tx } from "@weft/platform/db";
import { createOnce, once } from "@weft/platform/idempotency";
import { grantObjectAccess, lockObjectAccess } from "@weft/platform/object-access";
import type { Context } from "@weft/api/context";
import type { KeyedIdInput } from "@weft/api/inputs";
import { getRequest, writeAssignment, type RequestRow, selectRequest } from "../requests/request.service.js";
import { findOffered, insertOffer, isOfferDue, lockOpenOffers, type OfferRow, selectOffer } from "./offer.store.js";
import { type DeclineOfferInput, offerColumns, type OfferToVendorInput } from "./offer.type.js";
import { recordEnd, recordOffer } from "./record-offer.js";

const maxMinutes = 43_200;

/**
 * Offers a request to a vendor. Nothing is reserved: the vendor's capacity is checked now, and again when it accepts.
 * @throws NotFound, BadUserInput, Conflict (idempotency key used with different input)
 */
export async function offerToVendor(ctx: Context, input: OfferToVendorInput): Promise<OfferRow> {
  offerColumns.assertText(input);
  const { expiresInMinutes: minutes } = input;
  if (minutes < 1 || minutes > maxMinutes)
    throw refused("input.expiresInMinutes", `${minutes} is not between 1 and ${maxMinutes} minutes.`);
  const vendorId = decodeId("vendor", input.vendorId, "input.vendorId");
  return ctx.inTenant(async (tx) => {
    const request = await getRequest(tx, ctx, input.requestId, "request.assign", "input.requestId");
    const id = await createOnce(tx, ctx.meta, { mutation: "offerToVendor", input }, () =>
      writeOffer(tx, ctx, { input, request, vendorId }),
    );
    return getOffer(tx, id, id);
  });
}

interface Offered {
  readonly input: OfferToVendorInput;
  readonly request: RequestRow;
  readonly vendorId: string;
}

async function writeOffer(tx: Tx, ctx: Context, { input, request: { id: requestId, instanceId }, vendorId }: Offered): Promise<OfferRow> {
  // Otherwise, a concurrent assignment, or the end of the request, would not see the offer and leave it open.
  await lockInstance(tx, instanceId);
  const request = await selectRequest(tx, requestId);
  if (request === null) throw new NotFound("Request", input.requestId);
  if (hasEnded(request)) throw refused("input.requestId", `The request ${request.number} has ended. Offer another one.`);
  if (isAssigned(request)) throw refused("input.requestId", `The request ${request.number} is assigned. Remove the assignment first.`);
  await assertPrincipal(tx, { type: "VENDOR", id: vendorId }, "input.vendorId", "REQUEST");
  const { typeName, buildingName } = await findOffered(tx, request);
  const values = {
    tenantId: request.tenantId,
    id: newId(),
    requestId: request.id,
    vendorId,
    requestNumber: request.number,
    title: input.title.trim(),
    category: input.category?.trim() ?? typeName,
    buildingName,
    dueAt: request.dueAt,
    note: input.note?.trim() ?? null,
    offeredBy: ctx.meta.actorId,
  };
  const offer = await insertOffer(tx, values, input.expiresInMinutes);
  if (offer === null) throw refused("input.vendorId", `The request ${request.number} is on offer to this vendor already.`);
  // For the notification: it is sent only to users who see what it is about.
  await grantObjectAccess(tx, { objectIds: [offer.id], vendorId });
  await recordOffer(tx, ctx.meta, { status: "OPEN", before: null, after: offer });
  return offer;
}

/**
 * Accepts an offer: assigns the request to the vendor in the same transaction, and withdraws its other offers. Of concurrent acceptances for a request, one
 * succeeds and the others fail with CONFLICT.
 * @throws Forbidden, NotFound, Conflict (no longer open), BadUserInput (the vendor cannot get work), TransitionRejected (the request has ended)
 */
export async function acceptOffer(ctx: Context, input: KeyedIdInput): Promise<OfferRow> {
  const vendorId = vendorOf(ctx);
  const id = decodeId("vendorOffer", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    await getOffer(tx, id, input.id);
    await once(tx, ctx.meta, { mutation: "acceptOffer", key: input.idempotencyKey, input }, async () => {
      // In this order, as in an assignment.
      await lockObjectAccess(tx, [vendorId]);
      const offer = await lockOffer(tx, id);
      await assertPrincipal(tx, { type: "VENDOR", id: vendorId }, "input.id", "REQUEST");
      // The vendor sees the request only afterwards.
      await withoutVendorScope(tx, () => assign(tx, ctx, offer));
      return { id };
    });
    return getOffer(tx, id, input.id);
  });
}

async function assign(tx: Tx, ctx: Context, offer: OfferRow): Promise<void> {
  const request = await selectRequest(tx, offer.requestId);
  if (request === null || isAssigned(request)) throw new Conflict(`The request ${offer.requestNumber} is no longer on offer.`);
  await recordEnd(tx, ctx.meta, offer, { status: "ACCEPTED", answeredBy: ctx.meta.actorId });
  const principal = { type: "VENDOR", id: offer.vendorId } as const;
  await writeAssignment(tx, ctx, request, { principal, expectedVersion: request.instanceVersion });
}

/**
 * Declines an offer.
 * @throws Forbidden, NotFound, BadUserInput, Conflict (no longer open)
 */
export async function declineOffer(ctx: Context, input: DeclineOfferInput): Promise<OfferRow> {
  vendorOf(ctx);
  offerColumns.assertText(input);
  const id = decodeId("vendorOffer", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    await getOffer(tx, id, input.id);
    const offer = await lockOffer(tx, id);
    const end = { status: "DECLINED", reason: input.reason.trim(), answeredBy: ctx.meta.actorId } as const;
    await withoutVendorScope(tx, () => recordEnd(tx, ctx.meta, offer, end));
    return getOffer(tx, id, input.id);
  });
}

/** @throws Forbidden unless the viewer works for a vendor */
function vendorOf({ viewer }: Context): string {
  if (isOfVendor(viewer)) return viewer.vendorId;
  throw new Forbidden("Only users of the vendor can answer its offers.");
}

async function getOffer(tx: Tx, id: string, asGiven: string): Promise<OfferRow> {
  const offer = await selectOffer(tx, id);
  if (offer === null) throw new NotFound("VendorOffer", asGiven);
  return offer;
}

/** Locks an open offer, and all others of its request. @throws Conflict unless it is open */
async function lockOffer(tx: Tx, id: string): Promise<OfferRow> {
  const { requestId } = await getOffer(tx, id, id);
  const open = await withoutVendorScope(tx, () => lockOpenOffers(tx, requestId));
  const offer = open.find((one) => one.id === id);
  if (offer === undefined) {
    const { status } = await getOffer(tx, id, id);
    throw new Conflict(`The offer is no longer open: it is ${status}.`, { currentState: status });
  }
  if (await isOfferDue(tx, id)) throw new Conflict("The offer has expired.", { currentState: "EXPIRED" });
  return offer;
}

const hasEnded = ({ closedAt }: RequestRow): boolean => closedAt !== null;

const isAssigned = ({ assigneeUserId, assigneeTeamId, assigneeVendorId }: RequestRow): boolean =>
  assigneeUserId !== null || assigneeTeamId !== null || assigneeVendorId !== null;

const refused = (path: string, message: string): BadUserInput => new BadUserInput([{ path, message }]);

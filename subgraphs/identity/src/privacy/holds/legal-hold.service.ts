import { privacy } from "@weft/drizzle";
import { BadUserInput, Conflict, Forbidden, NotFound, quote } from "@weft/shared/errors";
import { decodeId, encodeId, type IdType, newId, parseAnyId } from "@weft/shared/ids";
import { wakeWorkers } from "@weft/platform/pubsub";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, showDeleted, type Tx } from "@weft/platform/db";
import { lockErasures } from "@weft/platform/erasure";
import { createOnce } from "@weft/platform/idempotency";
import { wakeMailSender } from "@weft/platform/mail";
import type { Context } from "@weft/api/context";
import { assertText } from "@weft/api/inputs";
import { type Page, tablePage } from "@weft/api/pages";
import { mailSecurityNotice } from "../../notices/security-notice.js";
import { findUserOfLogin } from "../../users/user.service.js";
import { hasPerson } from "../person.js";
import { hastenErasures, waitsForHold } from "../requests/privacy-request.store.js";
import type { LegalHoldsArgs } from "./legal-hold.input.js";
import { LegalHoldFilter, LegalHoldOrder } from "./legal-hold.list.js";
import { endLegalHoldRow, findLegalHold, hasHeldObject, hasWorkedOn, insertLegalHold, type LegalHoldRow } from "./legal-hold.store.js";
import { type CreateLegalHoldInput, type EndLegalHoldInput, type LegalHold, legalHoldColumns, toLegalHold } from "./legal-hold.type.js";

const heldTypes: readonly string[] = ["user", "vendorContact", "request", "tenant"];

/** @throws NotFound, BadUserInput */
export async function readLegalHold(ctx: Context, id: string): Promise<LegalHold> {
  return toLegalHold(await ctx.read((tx) => getLegalHold(tx, decodeId("legalHold", id))));
}

/** Returns a page of the tenant's holds, newest first by default. @throws BadUserInput */
export const listLegalHolds = (ctx: Context, args: LegalHoldsArgs): Promise<Page<LegalHold>> =>
  tablePage(ctx, {
    list: "legalHolds",
    args,
    table: privacy.legalHolds,
    where: LegalHoldFilter.toSql(args.filter),
    orderBy: LegalHoldOrder.resolve(args.orderBy, ["CREATED_AT", "DESC"]),
    toNode: toLegalHold,
  });

/** Places a hold. It waits for what an erasure is doing at the moment. From its commit on, nothing more is erased of whom it covers. @throws BadUserInput, NotFound, Conflict */
export async function createLegalHold(ctx: Context, input: CreateLegalHoldInput): Promise<LegalHold> {
  legalHoldColumns.assertText(input);
  const object = parseAnyId(input.objectId);
  if (object === null || !heldTypes.includes(object.type))
    throw new BadUserInput([
      {
        path: "input.objectId",
        message: `${quote(input.objectId)} is not the ID of a user, a contact of a vendor, a request, or an organization.`,
      },
    ]);
  const { tenantId, userId } = ctx.viewer;
  const { reason } = legalHoldColumns.plain(input);
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createLegalHold", input }, async () => {
      await showDeleted(tx);
      await lockErasures(tx);
      if (!(await canBeHeld(tx, object))) throw new NotFound("object", input.objectId);
      const row = await insertLegalHold(tx, {
        tenantId,
        id: newId(),
        objectType: object.type,
        objectId: object.uuid,
        reason,
        createdBy: userId,
      });
      await record(tx, ctx, "legalHold.create", { before: null, after: row });
      return row;
    });
    return toLegalHold(await getLegalHold(tx, id));
  });
}

const canBeHeld = (tx: Tx, { type, uuid: id }: { readonly type: string; readonly uuid: string }): Promise<boolean> =>
  type === "user" || type === "vendorContact" ? hasPerson(tx, { type, id }) : hasHeldObject(tx, type, id);

/**
 * Ends a hold, and tells the user who placed it. Erasures that it has stopped continue.
 * @throws NotFound, BadUserInput, Forbidden (a hold that covers the viewer, or the viewer waits for its end), Conflict (also if it has ended)
 */
export async function endLegalHold(ctx: Context, { id: given, expectedVersion, reason }: EndLegalHoldInput): Promise<LegalHold> {
  const id = decodeId("legalHold", given, "input.id");
  assertText({ reason }, { reason: { max: 1000 } });
  const ended = await ctx.inTenant(async (tx) => {
    const before = await getLegalHold(tx, id);
    if (before.endedAt !== null) throw new Conflict("The legal hold has ended.", { currentState: "ENDED" });
    await assertMayEnd(tx, before, ctx.viewer.userId);
    const change = { id, version: expectedVersion ?? before.version, endedBy: ctx.viewer.userId, endReason: reason.trim() };
    const after = await endLegalHoldRow(tx, change);
    if (after === null) throw changedMeanwhile("legalHold", before.version);
    await record(tx, ctx, "legalHold.end", { before, after });
    await hastenErasures(tx);
    await tellCreator(ctx, tx, after);
    return after;
  });
  await wakeWorkers(ctx.services);
  wakeMailSender(ctx.services);
  return toLegalHold(ended);
}

/**
 * Neither of the two people that an erasure needs must remove what stops it, and nobody a hold that keeps evidence about themselves. A hold on the
 * organization covers everybody, and somebody has to end it.
 * @throws Forbidden
 */
async function assertMayEnd(tx: Tx, { objectType, objectId }: LegalHoldRow, userId: string): Promise<void> {
  await showDeleted(tx);
  if (objectId === userId) throw new Forbidden("The legal hold is on you. Ask another user with the permission privacy.manage to end it.");
  if (objectType === "request" && (await hasWorkedOn(tx, userId, objectId)))
    throw new Forbidden(
      "The legal hold covers you, because you have worked on the request. Ask another user with the permission privacy.manage to end it.",
    );
  if (await waitsForHold(tx, userId))
    throw new Forbidden(
      "A legal hold stops an erasure that you have requested or approved. Withdraw it, or ask another user with the permission privacy.manage.",
    );
}

/** Whoever placed a hold relies on it. Nothing is emailed to the user who ended it. */
async function tellCreator(ctx: Context, tx: Tx, { id, objectType, objectId, createdBy, endedBy }: LegalHoldRow): Promise<void> {
  if (createdBy === endedBy) return;
  const creator = await findUserOfLogin(tx, createdBy);
  if (creator.status !== "ACTIVE") return;
  const notice = { template: "legalHoldEnded", hold: encodeId("legalHold", id), object: encodeId(objectType as IdType, objectId) } as const;
  await mailSecurityNotice(ctx, tx, ctx.meta, creator, notice);
}

/** @throws NotFound */
async function getLegalHold(tx: Tx, id: string): Promise<LegalHoldRow> {
  const row = await findLegalHold(tx, id);
  if (row === null) throw new NotFound("LegalHold", encodeId("legalHold", id));
  return row;
}

const record = (
  tx: Tx,
  ctx: Context,
  action: string,
  { before, after }: { before: LegalHoldRow | null; after: LegalHoldRow },
): Promise<void> => writeAudit(tx, ctx.meta, [{ action, entityType: "legalHold", entityId: after.id, before, after }]);

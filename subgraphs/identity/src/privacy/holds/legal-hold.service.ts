import { privacy } from "@weft/drizzle";
import { BadUserInput, Conflict, NotFound, quote } from "@weft/shared/errors";
import { decodeId, encodeId, newId, parseAnyId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, showDeleted, type Tx } from "@weft/platform/db";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { assertText } from "@weft/api/inputs";
import { type Page, tablePage } from "@weft/api/pages";
import type { LegalHoldsArgs } from "./legal-hold.input.js";
import { LegalHoldFilter, LegalHoldOrder } from "./legal-hold.list.js";
import { endLegalHoldRow, findLegalHold, hasHeldObject, insertLegalHold, type LegalHoldRow } from "./legal-hold.store.js";
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

/** Places a hold. From its commit on, the database refuses to erase whom it covers. @throws BadUserInput, NotFound, Conflict */
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
      if (!(await hasHeldObject(tx, object.type, object.uuid))) throw new NotFound("object", input.objectId);
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

/** @throws NotFound, BadUserInput, Conflict (also if it has ended) */
export async function endLegalHold(ctx: Context, { id: given, expectedVersion, reason }: EndLegalHoldInput): Promise<LegalHold> {
  const id = decodeId("legalHold", given, "input.id");
  assertText({ reason }, { reason: { max: 1000 } });
  return ctx.inTenant(async (tx) => {
    const before = await getLegalHold(tx, id);
    if (before.endedAt !== null) throw new Conflict("The legal hold has ended.", { currentState: "ENDED" });
    const ended = { id, version: expectedVersion ?? before.version, endedBy: ctx.viewer.userId, endReason: reason.trim() };
    const after = await endLegalHoldRow(tx, ended);
    if (after === null) throw changedMeanwhile("legalHold", before.version);
    await record(tx, ctx, "legalHold.end", { before, after });
    return toLegalHold(after);
  });
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

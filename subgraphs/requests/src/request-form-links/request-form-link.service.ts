import { BadUserInput, NotFound } from "@weft/shared/errors";
import { decodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { getAsset, requireAsset } from "../assets/asset.service.js";
import { getRequestTypeByKey } from "../request-types/request-type.service.js";
import {
  findRequestFormLink,
  insertRequestFormLink,
  type RequestFormLinkRow,
  revokeRequestFormLinkRow,
} from "./request-form-link.store.js";
import {
  type CreateRequestFormLinkInput,
  type RequestFormLink,
  requestFormLinkColumns,
  toRequestFormLink,
} from "./request-form-link.type.js";

const MAX_PER_HOUR = 1_000;

/**
 * Creates a link with which everybody can create requests about an asset, in the name and with the rights of the viewer.
 * Errors: BAD_USER_INPUT (unknown asset or type, limit, expiration time), NOT_FOUND (an asset that the viewer cannot change), CONFLICT (idempotency key).
 */
export async function createRequestFormLink(ctx: Context, input: CreateRequestFormLinkInput): Promise<RequestFormLink> {
  const assetId = decodeId("asset", input.assetId, "input.assetId");
  requestFormLinkColumns.assertText(input);
  const { requestsPerHour, expiresAt = null } = input;
  if (requestsPerHour < 1 || requestsPerHour > MAX_PER_HOUR)
    throw new BadUserInput([{ path: "input.requestsPerHour", message: `A link accepts 1 to ${MAX_PER_HOUR} requests per hour.` }]);
  const { tenantId, userId } = ctx.viewer;
  return ctx.inTenant(async (tx) => {
    const id = await createOnce(tx, ctx.meta, { mutation: "createRequestFormLink", input }, async () => {
      await requireAsset(tx, ctx.viewer, assetId, "input.assetId");
      await getAsset(tx, ctx.viewer, assetId, "asset.update");
      const type = await getRequestTypeByKey(tx, ctx.viewer, input.typeKey, "input.typeKey");
      const note = input.note?.trim() ?? "";
      const row = await insertRequestFormLink(tx, {
        tenantId,
        id: newId(),
        assetId,
        typeId: type.id,
        note: note === "" ? null : note,
        requestsPerHour,
        expiresAt,
        createdBy: userId,
      });
      if (row.expiresAt !== null && row.expiresAt <= row.createdAt)
        throw new BadUserInput([{ path: "input.expiresAt", message: "The expiration time must be in the future." }]);
      await appendEvents(tx, ctx.meta, [eventOf("requestFormLink.created", row)]);
      await writeAudit(tx, ctx.meta, [
        { action: "requestFormLink.create", entityType: "requestFormLink", entityId: row.id, before: null, after: row },
      ]);
      return row;
    });
    return toRequestFormLink(await getRequestFormLink(tx, ctx, id, input.assetId));
  });
}

/** Ends the use of a link. A link that is revoked already stays as it is. @throws NotFound, Conflict */
export async function revokeRequestFormLink(ctx: Context, input: VersionedIdInput): Promise<RequestFormLink> {
  const id = decodeId("requestFormLink", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const before = await getRequestFormLink(tx, ctx, id, input.id);
    if (before.revokedAt !== null) return toRequestFormLink(before);
    const after = await revokeRequestFormLinkRow(tx, id, input.expectedVersion ?? before.version);
    if (after === null) throw changedMeanwhile("requestFormLink", before.version);
    await appendEvents(tx, ctx.meta, [eventOf("requestFormLink.revoked", after)]);
    await writeAudit(tx, ctx.meta, [{ action: "requestFormLink.revoke", entityType: "requestFormLink", entityId: id, before, after }]);
    return toRequestFormLink(after);
  });
}

async function getRequestFormLink(tx: Tx, ctx: Context, id: string, given: string): Promise<RequestFormLinkRow> {
  const row = await findRequestFormLink(tx, ctx.viewer, id);
  if (row === null) throw new NotFound("RequestFormLink", given);
  return row;
}

const eventOf = <Type extends "requestFormLink.created" | "requestFormLink.revoked">(
  type: Type,
  { id, version, assetId, typeId }: RequestFormLinkRow,
) => ({ type, subjectId: id, subjectVersion: version, related: { asset: assetId, requestType: typeId }, payload: {} }) as const;

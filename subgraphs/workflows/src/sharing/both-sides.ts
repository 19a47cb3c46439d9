import {
  appendEvents,
  findOwnTenant,
  inOtherTenant,
  newId,
  writeAudit,
  type Context,
  type KnownTenant,
  type Tx,
  type WriteMeta,
} from "@weft/shared";
import type { DefinitionShareMode, DefinitionShareSide, ShareRow } from "./share.type.js";

/** The nil UUID: the actor in a tenant for what a user of the other tenant did. */
const otherTenantsUser = "00000000-0000-0000-0000-000000000000";

/**
 * Returns the metadata of a write in the other tenant. Nothing in it says who did it there, from where, or in which session. The request has an ID of its
 * own there: that of the real one is chosen by the client, and would connect the records of the two tenants.
 */
export const metaInPartner = (ctx: Context, tenantId: string, actorId: string = otherTenantsUser): WriteMeta => ({
  ...ctx.meta,
  tenantId,
  actorId,
  onBehalfOf: null,
  requestId: newId(),
  sessionId: null,
  address: null,
  traceId: null,
});

/** Runs `fn` in the tenant on the other side of a share, in the same transaction. The caller has checked that the share allows it. */
export const inPartner = <T>(ctx: Context, tx: Tx, partnerId: string, fn: (tx: Tx) => Promise<T>): Promise<T> =>
  inOtherTenant(tx, { from: ctx.viewer.tenantId, to: partnerId }, fn);

/** Returns the viewer's tenant. */
export async function ownTenant(tx: Tx): Promise<KnownTenant> {
  const tenant = await findOwnTenant(tx);
  if (tenant === null) throw new Error("The tenant of the transaction does not exist.");
  return tenant;
}

type Verb = "offered" | "accepted" | "declined" | "revoked";
const actionOf = { offered: "offer", accepted: "accept", declined: "decline", revoked: "revoke" } as const;

export const termsOf = ({ definitionKey, mode, side, partnerSlug }: ShareRow) => ({
  key: definitionKey,
  mode: mode as DefinitionShareMode,
  side: side as DefinitionShareSide,
  partner: partnerSlug,
});

/** Without what a tenant must not learn of the other one: its ID (or that there is none), and the user of the owner. */
function imageOf(row: ShareRow | null): Omit<ShareRow, "partnerId" | "sponsorId" | "isOver" | "refusedAt"> | null {
  if (row === null) return null;
  const { partnerId: _partner, sponsorId: _sponsor, isOver: _isOver, refusedAt: _refusedAt, ...image } = row;
  return image;
}

/** Writes the event and the audit entry for the change of a share, in the tenant of the row. */
export async function recordShare(
  tx: Tx,
  meta: WriteMeta,
  { verb, before, after }: { readonly verb: Verb; readonly before: ShareRow | null; readonly after: ShareRow },
): Promise<void> {
  const { id, version } = after;
  await appendEvents(tx, meta, [
    { type: `definitionShare.${verb}` as const, subjectId: id, subjectVersion: version, payload: termsOf(after) },
  ]);
  await writeAudit(tx, meta, [
    {
      action: `definitionShare.${actionOf[verb]}`,
      entityType: "definitionShare",
      entityId: id,
      before: imageOf(before),
      after: imageOf(after),
    },
  ]);
}

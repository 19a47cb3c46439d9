import { newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { inOtherTenant, type Tx } from "@weft/platform/db";
import { findOwnTenant, type KnownTenant } from "@weft/platform/directory";
import { type AnyNewEvent, appendEvents, noOrigin, type WriteMeta } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import type { DefinitionShareMode, DefinitionShareSide, ShareRow } from "./share.type.js";

/** The nil UUID: the actor in a tenant for what a user of the other tenant did. */
const otherTenantsUser = "00000000-0000-0000-0000-000000000000";

/**
 * Returns the metadata of a write in the other tenant. Nothing in it says who did it there, from where, in which session, or with which program. The request has an ID of its
 * own there: that of the real one is chosen by the client, and would connect the records of the two tenants.
 */
export const metaInPartner = (ctx: Context, tenantId: string): WriteMeta => ({
  ...ctx.meta,
  tenantId,
  actorId: otherTenantsUser,
  onBehalfOf: null,
  requestId: newId(),
  ...noOrigin,
  traceId: null,
  causeId: undefined,
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

type Verb = "offered" | "accepted" | "declined" | "revoked" | "updated";
const actionOf = { offered: "offer", accepted: "accept", declined: "decline", revoked: "revoke", updated: "update" } as const;

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

interface ShareRecord {
  readonly verb: Verb;
  readonly before: ShareRow | null;
  readonly after: ShareRow;
  /** Whether a revocation also cancels what was started. */
  readonly cancelsOpenRuns?: boolean;
}

function eventOf({ verb, after, cancelsOpenRuns = false }: ShareRecord): AnyNewEvent {
  const about = { subjectId: after.id, subjectVersion: after.version };
  const terms = termsOf(after);
  switch (verb) {
    case "revoked":
      return { ...about, type: "definitionShare.revoked", payload: { ...terms, ...(cancelsOpenRuns && { cancelsOpenRuns }) } };
    case "updated": {
      const { maxStartsPerHour, maxOpenRuns } = after;
      return { ...about, type: "definitionShare.updated", payload: { ...terms, maxStartsPerHour, maxOpenRuns } };
    }
    case "offered":
    case "accepted":
    case "declined":
      return { ...about, type: `definitionShare.${verb}`, payload: terms };
    default:
      return verb satisfies never;
  }
}

/** Writes the event and the audit entry for the change of a share, in the tenant of the row. */
export async function recordShare(tx: Tx, meta: WriteMeta, record: ShareRecord): Promise<void> {
  const { verb, before, after } = record;
  await appendEvents(tx, meta, [eventOf(record)]);
  await writeAudit(tx, meta, [
    {
      action: `definitionShare.${actionOf[verb]}`,
      entityType: "definitionShare",
      entityId: after.id,
      before: imageOf(before),
      after: imageOf(after),
    },
  ]);
}

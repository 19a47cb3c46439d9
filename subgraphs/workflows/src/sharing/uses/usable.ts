import { Conflict, Forbidden, LimitExceeded, NotFound, RateLimited } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { assertCurrentRights, RightsChanged, viewerOfUser } from "@weft/platform/rights";
import type { Context } from "@weft/api/context";
import { ownTenant, termsOf } from "../both-sides.js";
import { found, getShare, maySponsor } from "../share.service.js";
import { findSharedVersion, findShare, lockShare, lockUses, type SharedVersion } from "../share.store.js";
import { DefinitionShareMode, DefinitionShareSide, DefinitionShareStatus, statusOf, type ShareRow } from "../share.type.js";
import { countOpenUses, countRecentUses, insertUse } from "./use.store.js";

/** A share that the viewer's tenant has received. */
export type Received = ShareRow & { readonly partnerId: string };

/** Says nothing of why: that is the owner's affair. */
export const unavailable = (): Conflict =>
  new Conflict("The tenant that shares this definition does not allow its use at the moment. Ask its administrators.");

/** @throws NotFound, Forbidden if the viewer's tenant is the owner */
export async function getReceived(tx: Tx, id: string): Promise<Received> {
  const share = await getShare(tx, id);
  const { partnerId } = share;
  if (share.side === DefinitionShareSide.OWNER || partnerId === null)
    throw new Forbidden("Your own tenant shares this definition. Use the definition itself.");
  return { ...share, partnerId };
}

/**
 * Locks a share in its owner's tenant, in which the transaction is, and checks that it can be used now. Nobody can revoke it until the transaction ends;
 * after a revocation, the check fails.
 * @throws Conflict
 */
export async function lockUsable(tx: Tx, use: Use): Promise<Usable> {
  await lockUses(tx, use.id);
  const usable = await assertUsable(tx, use, found(await lockShare(tx, use.id), use.id));
  // The rights were read before the lock, for which the transaction may have waited.
  await assertCurrentRights(tx, usable.sponsor).catch((error: unknown) => {
    throw error instanceof RightsChanged ? unavailable() : error;
  });
  return usable;
}

/** Like `lockUsable`, without the lock: for what is prepared before it is taken. @throws Conflict */
export const getUsable = async (tx: Tx, use: Use): Promise<Usable> => assertUsable(tx, use, found(await findShare(tx, use.id), use.id));

interface Use {
  readonly id: string;
  readonly recipientId: string;
  readonly mode: DefinitionShareMode;
  /** The user who made the offer, if active. */
  readonly sponsor: Viewer | null;
}

interface Usable {
  readonly share: ShareRow;
  readonly version: SharedVersion;
  readonly sponsor: Viewer;
}

async function assertUsable(tx: Tx, { id, recipientId, mode, sponsor }: Use, share: ShareRow): Promise<Usable> {
  // Cannot differ, unless a row was written past this service.
  if (share.partnerId !== recipientId || share.side !== DefinitionShareSide.OWNER)
    throw new NotFound("DefinitionShare", encodeId("definitionShare", id));
  const status = statusOf(share);
  if (status !== DefinitionShareStatus.ACCEPTED)
    throw new Conflict(`The share is ${status}, so it cannot be used.`, { currentVersion: share.version });
  if (share.mode !== mode)
    throw new Conflict(
      mode === DefinitionShareMode.START
        ? "The share only allows to copy the definition."
        : "The share only allows to start the definition.",
    );
  if (!(await ownTenant(tx)).isActive) throw unavailable();
  const version = await findSharedVersion(tx, share.definitionKey);
  if (version === null || sponsor === null || !maySponsor(sponsor, mode)) throw unavailable();
  return { share, version, sponsor };
}

/** Returns the user who made the offer, with present rights. Null if the user is not active. */
export const loadSponsor = (ctx: Context, { id, partnerId, sponsorId }: Received): Promise<Viewer | null> =>
  viewerOfUser(ctx.services.databases.auth, { tenantId: partnerId, userId: sponsorId, sessionId: id });

/** Limits the uses of a share within an hour, whose lock is held. @throws RateLimited */
export async function assertBelowLimit(
  tx: Tx,
  shareId: string,
  { limit, uses }: { readonly limit: number; readonly uses: string },
): Promise<void> {
  const recent = await countRecentUses(tx, shareId, limit);
  if (recent.count >= limit)
    throw new RateLimited({ retryAfter: recent.freeInSeconds }, `The share allows ${limit} ${uses} within an hour.`);
}

/** The share allows no more open runs. Unlike the limits of the owner's plan, this is part of what was agreed, so the recipient sees it. */
export class TooManyOpenRuns extends LimitExceeded {
  constructor(used: number, allowed: number) {
    super({ limit: "maxOpenRuns", used, allowed });
  }
}

/** Limits the runs of a share, whose lock is held, that are open at the same time. @throws TooManyOpenRuns */
export async function assertRoomForRun(tx: Tx, { id, maxOpenRuns: allowed }: Pick<ShareRow, "id" | "maxOpenRuns">): Promise<void> {
  if (allowed === null) return;
  const used = await countOpenUses(tx, id, allowed);
  if (used >= allowed) throw new TooManyOpenRuns(used, allowed);
}

type NewUse = Omit<Parameters<typeof insertUse>[1], "tenantId" | "shareId" | "side" | "mode">;

/** Publishes that a share is used, in the tenant of the share's row. Returns the ID of the event, which is the cause of what the use does. */
export async function announceUse(tx: Tx, meta: WriteMeta, share: ShareRow, useId: string): Promise<string> {
  const { id: subjectId, version: subjectVersion } = share;
  const payload = { ...termsOf(share), useId };
  const [eventId] = await appendEvents(tx, meta, [{ type: "definitionShare.used", subjectId, subjectVersion, payload }]);
  if (eventId === undefined) throw new Error("The event of a use was not written.");
  return eventId;
}

/** Writes one side of a use that was announced, with its audit entry, in the tenant of the share's row. */
export async function recordUse(tx: Tx, meta: WriteMeta, share: ShareRow, use: NewUse): Promise<void> {
  const { id: shareId, tenantId, side, mode } = share;
  const { isOpen: _isOpen, ...after } = await insertUse(tx, { ...use, tenantId, shareId, side, mode });
  await writeAudit(tx, meta, [{ action: "definitionShare.use", entityType: "definitionShare", entityId: shareId, before: null, after }]);
}

import { appendEvents, Conflict, encodeId, Forbidden, NotFound, writeAudit, type Tx, type WriteMeta } from "@weft/shared";
import { ownTenant, termsOf } from "../both-sides.js";
import { found, getShare } from "../share.service.js";
import { findSharedVersion, lockShare, type SharedVersion } from "../share.store.js";
import { DefinitionShareMode, DefinitionShareSide, DefinitionShareStatus, statusOf, type ShareRow } from "../share.type.js";
import { insertUse, type UseRow } from "./use.store.js";

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
export async function lockUsable(
  tx: Tx,
  { id, recipientId, mode }: { readonly id: string; readonly recipientId: string; readonly mode: DefinitionShareMode },
): Promise<{ share: ShareRow; version: SharedVersion }> {
  const share = found(await lockShare(tx, id), id);
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
  if (version === null) throw unavailable();
  return { share, version };
}

type NewUse = Omit<Parameters<typeof insertUse>[1], "tenantId" | "shareId" | "side" | "mode">;

/** Writes one side of a use, with its event and audit entry, in the tenant of the share's row. */
export async function recordUse(tx: Tx, meta: WriteMeta, share: ShareRow, use: NewUse): Promise<UseRow> {
  const { id: subjectId, tenantId, side, mode, version } = share;
  const row = await insertUse(tx, { ...use, tenantId, shareId: subjectId, side, mode });
  const payload = { ...termsOf(share), useId: row.id };
  await appendEvents(tx, meta, [{ type: "definitionShare.used", subjectId, subjectVersion: version, payload }]);
  await writeAudit(tx, meta, [
    { action: "definitionShare.use", entityType: "definitionShare", entityId: subjectId, before: null, after: { ...row } },
  ]);
  return row;
}

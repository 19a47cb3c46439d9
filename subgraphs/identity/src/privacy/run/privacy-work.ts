import { encodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { asTenant, type Tx } from "@weft/platform/db";
import type { ErasureKeys, ErasureList } from "@weft/platform/erasure";
import { metaOfWork, type WriteMeta } from "@weft/platform/events";
import type { FileStorage } from "@weft/platform/files";
import type { Services } from "@weft/platform/services";
import { sql } from "drizzle-orm";
import { changePrivacyRequest, lockPrivacyRequest, type PrivacyRequestRow } from "../requests/privacy-request.store.js";

/** What the work on privacy requests needs. */
export interface PrivacyParts extends Pick<Services, "databases" | "keyring" | "secrets"> {
  readonly keys: { readonly checkpoint: ErasureKeys };
  readonly log: Pick<Services["log"], "error">;
  readonly storage: FileStorage;
  readonly erasures: ErasureList;
}

/** Message of a request that failed, and is tried again. */
export const failedMessage = "It failed and will be tried again. The worker's log has the reason.";

/** Returns the minutes until the next attempt after one that failed, doubled with each one, as a database interval. */
export const retryTime = ({ tries }: PrivacyRequestRow, longestMinutes: number): string =>
  `${Math.min(longestMinutes, 2 ** Math.min(tries - 1, 20))} minutes`;

export const inTenant = <T>({ databases }: PrivacyParts, { tenantId }: PrivacyRequestRow, fn: (tx: Tx) => Promise<T>): Promise<T> =>
  asTenant(databases.app, { tenantId }, "write", fn);

export const metaOf = ({ keyring }: PrivacyParts, { tenantId, id }: PrivacyRequestRow): WriteMeta =>
  metaOfWork(encodeId("privacyRequest", id), tenantId, keyring);

export type Ended = Pick<PrivacyRequestRow, "status" | "message"> & Partial<Pick<PrivacyRequestRow, "receipt" | "signedReceipt">>;

/** Locks a request, and returns it. Null if it has ended, or another worker has taken over. */
export async function lockClaimed(tx: Tx, { id, claims }: PrivacyRequestRow): Promise<PrivacyRequestRow | null> {
  const row = await lockPrivacyRequest(tx, id);
  return row?.status === "APPROVED" && row.claims === claims ? row : null;
}

/** Ends a request. Returns false, and does nothing, if it has ended, or another worker has taken over. */
export async function complete(tx: Tx, parts: PrivacyParts, row: PrivacyRequestRow, action: string, ended: Ended): Promise<boolean> {
  const { id } = row;
  const before = await lockClaimed(tx, row);
  if (before === null) return false;
  const change = { ...ended, soughtValues: null, progress: null, dueAt: null, finishedAt: sql`now()` };
  const after = await changePrivacyRequest(tx, before, "APPROVED", change);
  if (after === null) return false;
  await writeAudit(tx, metaOf(parts, before), [{ action, entityType: "privacyRequest", entityId: id, before, after }]);
  return true;
}

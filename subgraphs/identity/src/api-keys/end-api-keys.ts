import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import {
  countLiveKeysOfUser,
  findServiceAccountKeysOfProvider,
  lockKeysOfProvider,
  lockKeysOfUser,
  revokeApiKeyRow,
  revokeKeys,
} from "./api-key.store.js";
import type { KeyRow } from "./api-key.store.js";

export { countLiveKeysOfUser };

/** Revokes a key that the caller has locked, with audit entry and event. The caller announces the revocation after the commit. */
export async function endApiKey(tx: Tx, meta: WriteMeta, before: KeyRow): Promise<KeyRow> {
  const after = await revokeApiKeyRow(tx, before.id, meta.actorId);
  await recordKey(tx, meta, { action: "apiKey.revoke", before, after });
  await appendEvents(tx, meta, [{ type: "apiKey.revoked", ...aboutKey(after), payload: {} }]);
  return after;
}

/** Revokes all keys of a user. They stay revoked if the user is reactivated. Returns their IDs. */
export async function endApiKeysOfUser(tx: Tx, meta: WriteMeta, userId: string): Promise<string[]> {
  return endLocked(tx, meta, await lockKeysOfUser(tx, userId));
}

/** Most keys of service accounts that are listed. */
const MAX_LISTED = 1000;

/**
 * Revokes the keys that users have made for themselves in sessions of an identity provider. Returns their IDs, and those of keys of service accounts, which
 * stay, because what uses them would stop.
 */
export async function endApiKeysOfProvider(
  tx: Tx,
  meta: WriteMeta,
  providerId: string,
): Promise<{ readonly endedIds: string[]; readonly serviceAccountKeyIds: string[] }> {
  const endedIds = await endLocked(tx, meta, await lockKeysOfProvider(tx, { providerId }));
  return { endedIds, serviceAccountKeyIds: await findServiceAccountKeysOfProvider(tx, providerId, MAX_LISTED) };
}

/** Revokes the keys that a user has made for themselves in sessions of an identity provider. Returns their IDs. */
export async function endApiKeysOfProviderUser(
  tx: Tx,
  meta: WriteMeta,
  which: { readonly providerId: string; readonly userId: string },
): Promise<string[]> {
  return endLocked(tx, meta, await lockKeysOfProvider(tx, which));
}

async function endLocked(tx: Tx, meta: WriteMeta, keys: readonly KeyRow[]): Promise<string[]> {
  if (keys.length === 0) return [];
  const ids = keys.map(({ id }) => id);
  const revoked = new Map((await revokeKeys(tx, ids, meta.actorId)).map((row) => [row.id, row]));
  const changes = keys.flatMap((before) => {
    const after = revoked.get(before.id);
    return after ? [{ before, after }] : [];
  });
  await writeAudit(
    tx,
    meta,
    changes.map((change) => entryOf({ action: "apiKey.revoke", ...change })),
  );
  await appendEvents(
    tx,
    meta,
    changes.map(({ after }) => ({ type: "apiKey.revoked" as const, ...aboutKey(after), payload: {} })),
  );
  return ids;
}

interface KeyChange {
  readonly action: string;
  readonly before: KeyRow | null;
  readonly after: KeyRow;
}

/** Writes the audit entry of a change. */
export const recordKey = (tx: Tx, meta: WriteMeta, change: KeyChange): Promise<void> => writeAudit(tx, meta, [entryOf(change)]);

const entryOf = ({ action, before, after }: KeyChange) => ({
  action,
  entityType: "apiKey" as const,
  entityId: after.id,
  before: imageOf(before),
  after: imageOf(after),
});

/** Returns the members of an event that say which key it is about. */
export const aboutKey = ({ id, version, userId }: KeyRow) => ({ subjectId: id, subjectVersion: version, related: { user: userId } });

/** The status is not a column, but follows from the time. */
function imageOf(row: KeyRow | null): Omit<KeyRow, "status"> | null {
  if (row === null) return null;
  const { status: _status, ...image } = row;
  return image;
}

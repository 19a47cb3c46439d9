import { appendEvents, writeAudit } from "@weft/shared";
import type { Tx, WriteMeta } from "@weft/shared";
import { countLiveKeysOfUser, lockKeysOfUser, revokeApiKeyRow, revokeKeysOfUser } from "./api-key.store.js";
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
  const keys = await lockKeysOfUser(tx, userId);
  if (keys.length === 0) return [];
  const revoked = new Map((await revokeKeysOfUser(tx, userId, meta.actorId)).map((row) => [row.id, row]));
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
  return keys.map(({ id }) => id);
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

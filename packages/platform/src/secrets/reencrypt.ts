import { asTenant } from "../db/as-tenant.js";
import type { Tx } from "../db/database.js";
import type { EncryptedTenant } from "./json-batch.js";
import { reencryptJson, type ReencryptedPlace } from "./reencrypt-json.js";
import { findOutdatedSecrets, updateSecrets } from "./reencrypt.store.js";
import { type SealedColumn, sealedColumns } from "./sealed-columns.js";
import { sealedJson } from "./sealed-json.js";
import { deleteTenantKeysBelow, findTenantKeys } from "./tenant-key.store.js";

const BATCH = 200;
const FIRST = "00000000-0000-0000-0000-000000000000";

/** What the re-encryption of a tenant did. */
export interface Reencryption {
  readonly reencrypted: number;
  /** Positions of ciphertexts that cannot be decrypted. They were not changed. */
  readonly unreadable: readonly string[];
  /** Positions of objects that the database refuses to change. */
  readonly refused: readonly string[];
  /** Number of earlier keys that existed at the end. */
  readonly earlierKeys: number;
  /** Number of earlier keys that were destroyed, because nothing needs them. */
  readonly destroyedKeys: number;
}

/**
 * Encrypts the secrets and custom fields of a tenant with its newest key, in batches of a transaction each. It can be stopped at any time; a repetition continues.
 *
 * A run that finds nothing to do destroys the earlier keys, if the newest was at least an hour old when the run began. From then on, a ciphertext that
 * somebody puts back from an old copy of the database cannot be decrypted. If a ciphertext cannot be decrypted or replaced, all keys are kept.
 */
export async function reencryptTenant(tenant: EncryptedTenant): Promise<Reencryption> {
  const { app, tenantId } = tenant;
  const [newest, ...earlier] = await asTenant(app, { tenantId }, "read", findTenantKeys);
  if (newest === undefined || earlier.length === 0)
    return { reencrypted: 0, unreadable: [], refused: [], earlierKeys: 0, destroyedKeys: 0 };
  let reencrypted = 0;
  const unreadable: string[] = [];
  const refused: string[] = [];
  for (const column of sealedColumns) {
    const done = await reencryptColumn(tenant, column, newest.number);
    reencrypted += done.reencrypted;
    unreadable.push(...done.unreadable);
  }
  for (const place of sealedJson) {
    const done = await reencryptJson(tenant, place, newest.number);
    reencrypted += done.reencrypted;
    unreadable.push(...done.unreadable);
    refused.push(...done.refused);
  }
  const isUnneeded = newest.isSettled && reencrypted === 0 && unreadable.length === 0 && refused.length === 0;
  const destroyedKeys = isUnneeded ? await asTenant(app, { tenantId }, "write", (tx) => deleteTenantKeysBelow(tx, newest.number)) : 0;
  return { reencrypted, unreadable, refused, earlierKeys: earlier.length - destroyedKeys, destroyedKeys };
}

async function reencryptColumn(
  { app, secrets, tenantId }: EncryptedTenant,
  column: SealedColumn,
  newest: number,
): Promise<Omit<ReencryptedPlace, "refused">> {
  let reencrypted = 0;
  const unreadable: string[] = [];
  for (let after: string | undefined = FIRST; after !== undefined;) {
    const start: string = after;
    const batch = await asTenant(app, { tenantId }, "write", async (tx: Tx) => {
      const found = await findOutdatedSecrets(tx, column, { newest, after: start, limit: BATCH });
      const opened = await secrets.openReadable(tx, tenantId, found);
      const plain = found.map((value, at) => ({ ...value, plain: opened[at] ?? null }));
      const readable = plain.flatMap((value) => (value.plain === null ? [] : [{ ...value, plain: value.plain }]));
      const sealed = await secrets.seal(
        tx,
        tenantId,
        readable.map(({ field, plain: value }) => ({ field, value })),
      );
      const values = readable.map(({ id, field, value }, at) => ({ id, field, value, reencrypted: sealed[at] ?? value }));
      if (values.length > 0) await updateSecrets(tx, column, values);
      return { found, count: values.length, unreadable: plain.flatMap(({ field, plain: text }) => (text === null ? [field] : [])) };
    });
    reencrypted += batch.count;
    unreadable.push(...batch.unreadable);
    after = batch.found.length < BATCH ? undefined : batch.found.at(-1)?.id;
  }
  return { reencrypted, unreadable };
}

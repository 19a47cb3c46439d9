import { asTenant } from "../db/as-tenant.js";
import type { Database, Tx } from "../db/database.js";
import { personKeyPosition } from "../privacy/keyring.js";
import type { MasterKeys } from "./master-keys.js";
import {
  findPersonKeysWithout,
  findTenantKeysWithout,
  type Rewrapped,
  updatePersonKeys,
  updateTenantKeys,
  type WrappedKey,
} from "./rewrap.store.js";
import { tenantKeyPosition } from "./tenant-secrets.js";

const BATCH = 500;
const FIRST = "00000000-0000-0000-0000-000000000000";

/** Keys of a tenant that the current master key did not encrypt. */
export interface Rewrapping {
  /** Keys that another known master key decrypts. */
  readonly found: number;
  /** Keys that no known master key decrypts. They were not changed. */
  readonly unreadable: number;
}

interface Rewrap {
  readonly app: Database;
  readonly masterKeys: MasterKeys;
  readonly tenantId: string;
  /** `count` changes nothing. */
  readonly mode: "rewrap" | "count";
}

/**
 * Encrypts the keys of a tenant and of its persons with the current master key, in batches of a transaction each. The keys themselves stay the same,
 * so other processes can read and write meanwhile. It can be stopped at any time; a repetition continues.
 */
export async function rewrapTenant({ app, masterKeys, tenantId, mode }: Rewrap): Promise<Rewrapping> {
  const prefix = masterKeys.currentPrefix();
  const positionOfTenantKey = ({ row }: WrappedKey): string => tenantKeyPosition(tenantId, Number(row));
  const positionOfPersonKey = ({ row }: WrappedKey): string => personKeyPosition(tenantId, row);
  const inTenant = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => asTenant(app, { tenantId }, mode === "count" ? "read" : "write", fn);
  let { found, unreadable } = await inTenant(async (tx) => {
    const keys = await findTenantKeysWithout(tx, prefix);
    const rewrapped = rewrap(masterKeys, keys, positionOfTenantKey);
    if (mode === "rewrap" && rewrapped.length > 0) await updateTenantKeys(tx, rewrapped);
    return { found: rewrapped.length, unreadable: keys.length - rewrapped.length };
  });
  for (let after: string | undefined = FIRST; after !== undefined;) {
    const start: string = after;
    const batch = await inTenant(async (tx) => {
      const keys = await findPersonKeysWithout(tx, { prefix, after: start, limit: BATCH });
      const rewrapped = rewrap(masterKeys, keys, positionOfPersonKey);
      if (mode === "rewrap" && rewrapped.length > 0) await updatePersonKeys(tx, rewrapped);
      return { keys, rewrapped };
    });
    found += batch.rewrapped.length;
    unreadable += batch.keys.length - batch.rewrapped.length;
    after = batch.keys.length < BATCH ? undefined : batch.keys.at(-1)?.row;
  }
  return { found, unreadable };
}

function rewrap(masterKeys: MasterKeys, keys: readonly WrappedKey[], positionOf: (key: WrappedKey) => string): Rewrapped[] {
  return keys.flatMap((key) => {
    const plain = masterKeys.unwrap(positionOf(key), key.wrappedKey);
    return plain === null ? [] : [{ ...key, rewrapped: masterKeys.wrap(positionOf(key), plain) }];
  });
}

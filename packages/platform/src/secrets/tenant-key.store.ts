import { sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";

export interface TenantKeyRow {
  /** Number of the key in its tenant. Ciphertexts contain it. */
  readonly number: number;
  readonly wrappedKey: string;
  /** Whether this transaction created the key, so that it can still be rolled back. */
  readonly isOfThisTransaction: boolean;
  /** Whether it is an hour old. By then, each process has noticed it, and each transaction that began before has ended. */
  readonly isSettled: boolean;
}

/** Returns all keys of the transaction's tenant, newest first. */
export async function findTenantKeys(tx: Tx): Promise<TenantKeyRow[]> {
  const rows = await tx.execute<{ number: number; wrapped_key: string; is_own: boolean; is_settled: boolean }>(
    named(
      "findTenantKeys",
      sql`select number, wrapped_key, created_at = now() as is_own, created_at < now() - interval '1 hour' as is_settled
      from app.tenant_keys where tenant_id = app.tenant() order by number desc`,
    ),
  );
  return rows.map((row) => ({
    number: row.number,
    wrappedKey: row.wrapped_key,
    isOfThisTransaction: row.is_own,
    isSettled: row.is_settled,
  }));
}

/** Inserts a key unless it exists. Waits for a concurrent transaction that inserts the same key. */
export async function insertTenantKey(
  tx: Tx,
  { tenantId, number, wrappedKey }: { tenantId: string; number: number; wrappedKey: string },
): Promise<void> {
  await tx.execute(
    named(
      "insertTenantKey",
      sql`insert into app.tenant_keys (tenant_id, number, wrapped_key) values (${tenantId}::uuid, ${number}::int, ${wrappedKey})
      on conflict do nothing`,
    ),
  );
}

/** Destroys the keys with lower numbers. Returns how many there were. */
export async function deleteTenantKeysBelow(tx: Tx, number: number): Promise<number> {
  const rows = await tx.execute(
    named(
      "deleteTenantKeysBelow",
      sql`delete from app.tenant_keys where tenant_id = app.tenant() and number < ${number}::int returning number`,
    ),
  );
  return rows.length;
}

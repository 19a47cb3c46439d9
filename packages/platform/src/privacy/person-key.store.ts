import { sql } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Tx } from "../db/database.js";

export interface PersonKeyRow {
  readonly personId: string;
  /** Null if destroyed. */
  readonly wrappedKey: string | null;
  /** Whether this transaction created the key, so that it can still be rolled back. */
  readonly isOfThisTransaction: boolean;
}

export async function findPersonKeys(tx: Tx, personIds: readonly string[]): Promise<PersonKeyRow[]> {
  // created_at defaults to now(), the start of the transaction. Visible rows of other transactions are committed and older.
  const rows = await tx.execute<{ person_id: string; wrapped_key: string | null; is_own: boolean }>(
    named(
      "findPersonKeys",
      sql`select person_id, wrapped_key, created_at = now() as is_own from app.person_keys
      where tenant_id = app.tenant() and person_id in (select jsonb_array_elements_text(${JSON.stringify(personIds)}::text::jsonb)::uuid)`,
    ),
  );
  return rows.map((row) => ({ personId: row.person_id, wrappedKey: row.wrapped_key, isOfThisTransaction: row.is_own }));
}

/** Inserts keys. Existing keys stay unchanged. Waits for a concurrent transaction that inserts the same keys. */
export async function insertPersonKeys(tx: Tx, tenantId: string, keys: readonly { personId: string; wrappedKey: string }[]): Promise<void> {
  await tx.execute(
    named(
      "insertPersonKeys",
      sql`insert into app.person_keys (tenant_id, person_id, wrapped_key)
      select ${tenantId}::uuid, k."personId", k."wrappedKey"
      from jsonb_to_recordset(${JSON.stringify(keys)}::text::jsonb) as k ("personId" uuid, "wrappedKey" text)
      order by k."personId" on conflict do nothing`,
    ),
  );
}

export async function destroyPersonKey(tx: Tx, tenantId: string, personId: string): Promise<void> {
  // The row stays without its key, so that later writes about the person do not create a new one.
  await tx.execute(
    named(
      "destroyPersonKey",
      sql`insert into app.person_keys (tenant_id, person_id, wrapped_key, destroyed_at) values (${tenantId}::uuid, ${personId}::uuid, null, now())
      on conflict (tenant_id, person_id) do update set wrapped_key = null, destroyed_at = now()`,
    ),
  );
}

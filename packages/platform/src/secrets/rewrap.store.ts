import { sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";

/** A stored key. `row` is a tenant key's number, or a person's UUID. */
export interface WrappedKey {
  readonly row: string;
  readonly wrappedKey: string;
}

export interface Rewrapped extends WrappedKey {
  readonly rewrapped: string;
}

/** Returns keys of the transaction's tenant that do not start with the prefix. */
export async function findTenantKeysWithout(tx: Tx, prefix: string): Promise<WrappedKey[]> {
  const rows = await tx.execute<{ row: string; wrapped_key: string }>(
    named(
      "findTenantKeysWithout",
      sql`select number::text as row, wrapped_key from app.tenant_keys
      where tenant_id = app.tenant() and not starts_with(wrapped_key, ${prefix}) order by number`,
    ),
  );
  return rows.map(toWrapped);
}

/** Returns keys of persons that do not start with the prefix, in the order of the persons' UUIDs. */
export async function findPersonKeysWithout(
  tx: Tx,
  { prefix, after, limit }: { readonly prefix: string; readonly after: string; readonly limit: number },
): Promise<WrappedKey[]> {
  const rows = await tx.execute<{ row: string; wrapped_key: string }>(
    named(
      "findPersonKeysWithout",
      sql`select person_id::text as row, wrapped_key from app.person_keys
      where tenant_id = app.tenant() and person_id > ${after}::uuid and not starts_with(wrapped_key, ${prefix}) order by person_id limit ${limit}::int`,
    ),
  );
  return rows.map(toWrapped);
}

/** Replaces keys that are still the ones read before. A key that was destroyed in the meantime stays destroyed. */
export async function updateTenantKeys(tx: Tx, keys: readonly Rewrapped[]): Promise<void> {
  await tx.execute(
    named(
      "updateTenantKeys",
      sql`update app.tenant_keys k set wrapped_key = n.rewrapped
      from jsonb_to_recordset(${JSON.stringify(keys)}::text::jsonb) as n (row integer, "wrappedKey" text, rewrapped text)
      where k.tenant_id = app.tenant() and k.number = n.row and k.wrapped_key = n."wrappedKey"`,
    ),
  );
}

/** Like `updateTenantKeys`, for keys of persons. */
export async function updatePersonKeys(tx: Tx, keys: readonly Rewrapped[]): Promise<void> {
  await tx.execute(
    named(
      "updatePersonKeys",
      sql`update app.person_keys k set wrapped_key = n.rewrapped
      from jsonb_to_recordset(${JSON.stringify(keys)}::text::jsonb) as n (row uuid, "wrappedKey" text, rewrapped text)
      where k.tenant_id = app.tenant() and k.person_id = n.row and k.wrapped_key = n."wrappedKey"`,
    ),
  );
}

const toWrapped = ({ row, wrapped_key }: { row: string; wrapped_key: string }): WrappedKey => ({ row, wrappedKey: wrapped_key });

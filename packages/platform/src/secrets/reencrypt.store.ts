import { sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";
import type { SealedColumn } from "./sealed-columns.js";

/** A value of a sealed column with its position. */
export interface SealedValue {
  readonly id: string;
  readonly field: string;
  readonly value: string;
}

export interface Reencrypted extends SealedValue {
  readonly reencrypted: string;
}

/** Names and expressions come from the constant list of sealed columns, never from input. */
const nameOf = ({ table, column }: SealedColumn) => ({ from: sql.raw(table), of: sql.raw(column) });

/** Returns ciphertexts of a column that were not made with the newest key, in the order of the rows' IDs. */
export async function findOutdatedSecrets(
  tx: Tx,
  column: SealedColumn,
  { newest, after, limit }: { readonly newest: number; readonly after: string; readonly limit: number },
): Promise<SealedValue[]> {
  const { from, of } = nameOf(column);
  const rows = await tx.execute<{ id: string; field: string; value: string }>(
    named(
      "findOutdatedSecrets",
      sql`select id::text, ${`${column.table}.${column.column}/`}::text || ${sql.raw(column.row)} as field, ${of} as value from ${from}
      where tenant_id = app.tenant() and id > ${after}::uuid and starts_with(${of}, 'sec:v1:') and not starts_with(${of}, ${`sec:v1:${newest}:`})
      order by id limit ${limit}::int`,
    ),
  );
  return [...rows];
}

/** Replaces ciphertexts that are still the ones read before: a value that a user changed in the meantime stays. */
export async function updateSecrets(tx: Tx, column: SealedColumn, values: readonly Reencrypted[]): Promise<void> {
  const { from, of } = nameOf(column);
  await tx.execute(
    named(
      "updateSecrets",
      sql`update ${from} t set ${of} = n.reencrypted
      from jsonb_to_recordset(${JSON.stringify(values)}::text::jsonb) as n (id uuid, value text, reencrypted text)
      where t.tenant_id = app.tenant() and t.id = n.id and t.${of} = n.value`,
    ),
  );
}

import { sql } from "drizzle-orm";
import type { AnyColumn, SQL } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";

/** Objects (UUIDs of instances, their subjects, buildings and assets) and the vendor whose users can see them. */
export interface ObjectAccess {
  readonly objectIds: readonly string[];
  readonly vendorId: string;
}

/**
 * Allows a vendor's users to see objects, from the commit on. This is the only way to write `app.object_access`, which the vendor policies read, apart
 * from the trigger that gives documents to their vendors. Call it in the transaction of the assignment. Granting access twice is not an error.
 */
export async function grantObjectAccess(tx: Tx, { objectIds, vendorId }: ObjectAccess): Promise<void> {
  if (objectIds.length === 0) return;
  // Sorted, so that concurrent assignments of the same objects take the index locks in the same order.
  await tx.execute(
    named(
      "grantObjectAccess",
      sql`insert into app.object_access (tenant_id, object_id, vendor_id)
          select distinct app.tenant(), o, ${vendorId}::uuid from unnest(${sql.param([...objectIds])}::uuid[]) o order by o
          on conflict do nothing`,
    ),
  );
}

/**
 * Locks the access of these vendors until the end of the transaction. Call it before reading which objects a vendor still needs. Without the lock,
 * two concurrent transactions could each count on the other's request, or revoke what the other has just granted.
 */
export async function lockObjectAccess(tx: Tx, vendorIds: readonly string[]): Promise<void> {
  if (vendorIds.length === 0) return;
  // In a fixed order, so that two transactions with the same two vendors do not deadlock.
  await tx.execute(
    named(
      "lockObjectAccess",
      sql`select pg_advisory_xact_lock(hashtextextended('weft.object_access.' || app.tenant() || v.id, 0))
            from (select distinct id from unnest(${sql.param([...vendorIds])}::uuid[]) as id order by id) v`,
    ),
  );
}

/**
 * Revokes a vendor's access to objects. Places (buildings, assets) must stay visible while another request or instance of the vendor needs them, so
 * pass only IDs that are no longer needed.
 */
export async function revokeObjectAccess(tx: Tx, { objectIds, vendorId }: ObjectAccess): Promise<void> {
  if (objectIds.length === 0) return;
  await tx.execute(
    named(
      "revokeObjectAccess",
      sql`delete from app.object_access
           where tenant_id = app.tenant() and vendor_id = ${vendorId}::uuid and object_id = any(${sql.param([...objectIds])}::uuid[])`,
    ),
  );
}

/**
 * Condition for lists that a vendor's user reads: the vendor has access to the row. Row-level security checks the same, but row by row; this
 * condition uses the primary key (20,000 rows, 50 accessible: 1–5 ms instead of 200–300). It is an array, because `in (select …)` became a merge join
 * over all rows.
 */
export function givenToVendor(idColumn: AnyColumn | SQL, vendorId: SQL | string = sql`app.vendor()`): SQL {
  return sql`${idColumn} = any(array(select a.object_id from app.object_access a where a.tenant_id = app.tenant() and a.vendor_id = ${vendorId}))`;
}

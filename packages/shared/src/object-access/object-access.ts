import { sql } from "drizzle-orm";
import type { AnyColumn, SQL } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";

/** Objects (UUIDs: instances, their subjects, buildings, assets) and the vendor who may see them. */
export interface ObjectAccess {
  readonly objectIds: readonly string[];
  readonly vendorId: string;
}

/**
 * Lets a vendor's users see objects, from the commit on. The one way to write `app.object_access`, which the vendor policies read; called
 * in the transaction that assigns. Granting twice is no error.
 */
export async function grantObjectAccess(tx: Tx, { objectIds, vendorId }: ObjectAccess): Promise<void> {
  if (objectIds.length === 0) return;
  // Sorted: two assignments of the same objects at once take the index's locks in one order.
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
 * Makes others who move the access of these vendors wait until the transaction ends. Take it before reading which objects a vendor still needs: two who
 * read at once would each count on the other's request, or take away what the other has just given.
 */
export async function lockObjectAccess(tx: Tx, vendorIds: readonly string[]): Promise<void> {
  if (vendorIds.length === 0) return;
  // In one order, so that two transactions that concern the same two vendors do not wait for each other.
  await tx.execute(
    named(
      "lockObjectAccess",
      sql`select pg_advisory_xact_lock(hashtextextended('weft.object_access.' || app.tenant() || v.id, 0))
            from (select distinct id from unnest(${sql.param([...vendorIds])}::uuid[]) as id order by id) v`,
    ),
  );
}

/**
 * Takes the objects from the vendor. Places (buildings, assets) stay visible while another request or instance of the vendor needs them: give only
 * ids whose last reason is gone.
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
 * For lists that a vendor's user reads: the row is one that the vendor was given. Row-level security says so too, but row by row; this is found
 * through the primary key (20,000 rows, 50 given: 1–5 ms instead of 200–300). As an array, because `in (select …)` became a merge join over all rows.
 */
export function givenToVendor(idColumn: AnyColumn | SQL, vendorId: SQL | string = sql`app.vendor()`): SQL {
  return sql`${idColumn} = any(array(select a.object_id from app.object_access a where a.tenant_id = app.tenant() and a.vendor_id = ${vendorId}))`;
}

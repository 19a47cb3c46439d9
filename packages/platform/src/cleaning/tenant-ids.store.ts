import { sql } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Tx } from "../db/database.js";

/** Returns the IDs of all tenants, regardless of their status. */
export async function findTenantIds(tx: Tx): Promise<string[]> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named("findTenantIds", sql`select tenant_id from identity.tenants order by tenant_id`),
  );
  return rows.map((row) => row.tenant_id);
}

import { sql } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Tx } from "../db/database.js";

/** Every tenant, whatever its status. */
export async function findTenantIds(tx: Tx): Promise<string[]> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named("findTenantIds", sql`select tenant_id from identity.tenants order by tenant_id`),
  );
  return rows.map((row) => row.tenant_id);
}

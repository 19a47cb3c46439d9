import type { postgres } from "@weft/pg-driver";
import type { TestTenant } from "../test-tenant.js";

/**
 * Sets the clock of a tenant, which becomes a sandbox, to a time, and never before it. Does not wait for what is due then.
 * @param owner connection of the database's owner
 * @param time ISO 8601
 */
export async function setClock(owner: postgres.Sql, { id }: Pick<TestTenant, "id">, time: string): Promise<void> {
  await owner`update identity.tenants set is_sandbox = true, clock_offset_ms = ceil(extract(epoch from ${time}::timestamptz - now()) * 1000)
    where tenant_id = ${id}`;
}

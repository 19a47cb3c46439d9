import { sql } from "drizzle-orm";
import type { Database, Tx } from "../db/database.js";
import { named } from "../db/named.js";

/** The tenant of a transaction, as other tenants that it works with may know it. */
export interface KnownTenant extends Record<string, unknown> {
  readonly slug: string;
  readonly name: string;
  readonly isActive: boolean;
}

/** Returns the tenant of the transaction. Null if it has been deleted. */
export async function findOwnTenant(tx: Tx): Promise<KnownTenant | null> {
  const [row] = await tx.execute<KnownTenant>(
    named("findOwnTenant", sql`select slug, name, status = 'ACTIVE' as "isActive" from identity.tenants where tenant_id = app.tenant()`),
  );
  return row ?? null;
}

/**
 * Returns the UUID of the active tenant with a slug, or null. Never of the platform tenant: nobody acts on it from outside. As weft_auth, across tenants,
 * so the caller must not show whether there is one.
 */
export async function findTenantBySlug(auth: Database, slug: string): Promise<string | null> {
  const [row] = await auth.begin(
    (tx) =>
      tx.execute<{ id: string }>(
        named(
          "findTenantBySlug",
          sql`select tenant_id as id from identity.tenants where slug = ${slug} and kind = 'CUSTOMER' and status = 'ACTIVE'`,
        ),
      ),
    "read",
  );
  return row?.id ?? null;
}

import { identity } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { asc, eq, getTableColumns, inArray, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";

const { tenants, users } = identity;

export type TenantRow = typeof tenants.$inferSelect;

/** Row-level security limits this to the viewer's own tenant. */
export async function findTenantsByIds(tx: Tx, ids: readonly string[]): Promise<Map<string, TenantRow>> {
  const rows = await named("findTenantsByIds", tx.select().from(tenants).where(among(tenants.tenantId, ids)));
  return new Map(rows.map((row) => [row.tenantId, row]));
}

/** Runs as weft_auth, the only role with access to all tenants. */
export async function findTenantIdBySlug(tx: Tx, slug: string): Promise<string | null> {
  const [row] = await named("findTenantIdBySlug", tx.select({ tenantId: tenants.tenantId }).from(tenants).where(eq(tenants.slug, slug)));
  return row?.tenantId ?? null;
}

export async function insertTenant(tx: Tx, row: typeof tenants.$inferInsert): Promise<TenantRow> {
  const [inserted] = await named("insertTenant", tx.insert(tenants).values(row).returning());
  if (!inserted) throw new Error("The insert of a tenant returned no row.");
  return inserted;
}

/**
 * Does the same for an ID that can exist already.
 * @returns whether the tenant was inserted
 */
export async function insertTenantOnce(tx: Tx, row: typeof tenants.$inferInsert): Promise<boolean> {
  const inserted = await named(
    "insertTenantOnce",
    tx.insert(tenants).values(row).onConflictDoNothing({ target: tenants.tenantId }).returning({ id: tenants.tenantId }),
  );
  return inserted.length > 0;
}

/** Returns which of these slugs are taken. Runs as weft_auth, the only role with access to all tenants. */
export async function findTakenSlugs(tx: Tx, slugs: readonly string[]): Promise<Set<string>> {
  const rows = await named(
    "findTakenSlugs",
    tx
      .select({ slug: tenants.slug })
      .from(tenants)
      .where(inArray(tenants.slug, [...slugs])),
  );
  return new Set(rows.map(({ slug }) => slug));
}

/** Returns all tenants by slug, with their number of users excluding operator users. Runs as weft_auth. */
export function findAllTenants(tx: Tx): Promise<(TenantRow & { userCount: number })[]> {
  const ofTenant = sql`(select count(*)::int from ${users} where ${users.tenantId} = ${tenants.tenantId} and ${users.type} <> 'OPERATOR')`;
  return named(
    "findAllTenants",
    tx
      .select({ ...getTableColumns(tenants), userCount: sql<number>`${ofTenant}` })
      .from(tenants)
      .orderBy(asc(tenants.slug)),
  );
}

/** A slice of the list of tenants. Runs as weft_auth. */
export function selectTenantsSlice(
  tx: Tx,
  where: SQL | undefined,
  { orderBy, limit }: { orderBy: SQL[]; limit: number },
): Promise<TenantRow[]> {
  return named(
    "selectTenantsSlice",
    tx
      .select()
      .from(tenants)
      .where(where)
      .orderBy(...orderBy)
      .limit(limit),
  );
}

/** Runs as weft_auth. */
export async function countTenants(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named(
    "countTenants",
    tx
      .select({ count: sql<number>`count(*)::int` })
      .from(tenants)
      .where(where),
  );
  return row?.count ?? 0;
}

export async function lockTenant(tx: Tx, tenantId: string): Promise<TenantRow | null> {
  const [row] = await named("lockTenant", tx.select().from(tenants).where(eq(tenants.tenantId, tenantId)).for("no key update"));
  return row ?? null;
}

/** SQL where the database's clock applies. */
export type TenantChanges = Partial<Pick<TenantRow, "name" | "status" | "isVerified" | "plan">> & {
  readonly archivedAt?: SQL | null;
  readonly purgeAt?: SQL | null;
};

/** Writes the changes and raises the version of a tenant that the caller has locked. */
export async function updateTenantRow(tx: Tx, { tenantId, changes }: { tenantId: string; changes: TenantChanges }): Promise<TenantRow> {
  const [row] = await named(
    "updateTenantRow",
    tx
      .update(tenants)
      .set({ ...changes, version: sql`${tenants.version} + 1`, updatedAt: sql`now()` })
      .where(eq(tenants.tenantId, tenantId))
      .returning(),
  );
  if (!row) throw new Error("A locked tenant could not be changed.");
  return row;
}

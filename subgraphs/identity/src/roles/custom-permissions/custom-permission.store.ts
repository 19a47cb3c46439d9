import { identity } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { asc, sql } from "drizzle-orm";

const { customPermissions } = identity;

export type CustomPermissionRow = typeof customPermissions.$inferSelect;

/** Returns the tenant's custom permissions, by name. */
export function selectCustomPermissions(tx: Tx): Promise<CustomPermissionRow[]> {
  return named("selectCustomPermissions", tx.select().from(customPermissions).orderBy(asc(customPermissions.name)));
}

/** Returns those of these names that the tenant has. */
export async function findCustomPermissions(tx: Tx, names: readonly string[]): Promise<CustomPermissionRow[]> {
  if (names.length === 0) return [];
  const where = sql`${customPermissions.name} = any(${sql.param([...names])}::text[])`;
  return named("findCustomPermissions", tx.select().from(customPermissions).where(where));
}

export async function insertCustomPermission(tx: Tx, row: typeof customPermissions.$inferInsert): Promise<void> {
  await named("insertCustomPermission", tx.insert(customPermissions).values(row));
}

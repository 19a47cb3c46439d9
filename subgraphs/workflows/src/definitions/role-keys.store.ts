import { identity } from "@weft/drizzle";
import { named, type Tx } from "@weft/shared";

/** Keys of all roles of the tenant: what a definition may name. */
export async function selectRoleKeys(tx: Tx): Promise<string[]> {
  const rows = await named("selectRoleKeys", tx.select({ key: identity.roles.key }).from(identity.roles));
  return rows.map((row) => row.key);
}

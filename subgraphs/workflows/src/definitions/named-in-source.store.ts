import { identity } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/shared";

/** Keys of all roles of the tenant: what a definition may name. */
export async function selectRoleKeys(tx: Tx): Promise<string[]> {
  const rows = await named("selectRoleKeys", tx.select({ key: identity.roles.key }).from(identity.roles));
  return rows.map((row) => row.key);
}

/** Names of the permissions that the tenant has made. */
export async function selectCustomPermissionNames(tx: Tx): Promise<string[]> {
  const { customPermissions } = identity;
  const rows = await named("selectCustomPermissionNames", tx.select({ name: customPermissions.name }).from(customPermissions));
  return rows.map((row) => row.name);
}

/** Of the UUIDs given those of the tenant's users and teams. */
export async function selectExistingIds(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const { teams, users } = identity;
  const ofUsers = tx.select({ id: users.id }).from(users).where(among(users.id, ids));
  const ofTeams = tx.select({ id: teams.id }).from(teams).where(among(teams.id, ids));
  const rows = await named("selectExistingIds", ofUsers.unionAll(ofTeams));
  return rows.map((row) => row.id);
}

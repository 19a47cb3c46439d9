import { sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";
import type { Permission } from "@weft/shared/viewer";

/** A grant or a denial of a user that depends on the user's buildings. */
interface BuildingGrant {
  readonly userId: string;
  readonly permission: Permission;
  readonly effect: "GRANT" | "DENY";
}

/**
 * Returns what the users' buildings decide about: their denials in scope BUILDING, and their grants in this scope, from roles or directly, of permissions
 * that they do not hold in the entire tenant. Runs no statement without IDs.
 * @param userIds UUIDs
 */
export async function buildingGrantsOf(tx: Tx, userIds: readonly string[]): Promise<BuildingGrant[]> {
  if (userIds.length === 0) return [];
  const rows = await tx.execute<BuildingGrant & Record<string, unknown>>(
    named(
      "buildingGrantsOf",
      sql`with held as (
          select ur.user_id, p.permission, p.scope, 'GRANT' as effect from identity.user_roles ur
            join identity.role_ancestors a on a.tenant_id = ur.tenant_id and a.role_id = ur.role_id
            join identity.role_permissions p on p.tenant_id = a.tenant_id and p.role_id = a.ancestor_id
           where ur.tenant_id = app.tenant() and ur.user_id = any(${sql.param([...userIds])}::uuid[]) and p.scope in ('BUILDING', 'TENANT')
          union
          select o.user_id, o.permission, o.scope, o.effect from identity.user_permissions o
           where o.tenant_id = app.tenant() and o.user_id = any(${sql.param([...userIds])}::uuid[]) and o.scope in ('BUILDING', 'TENANT'))
        select h.user_id as "userId", h.permission, h.effect from held h
         where h.scope = 'BUILDING' and (h.effect = 'DENY' or not exists (
           select from held w where w.user_id = h.user_id and w.permission = h.permission and w.scope = 'TENANT' and w.effect = 'GRANT'))
         order by 1, 2, 3`,
    ),
  );
  return [...rows];
}

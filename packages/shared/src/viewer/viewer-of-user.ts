import { sql } from "drizzle-orm";
import type { Database } from "../db/database.js";
import { named } from "../db/named.js";
import { permissionsHeld } from "./permissions-held.js";
import type { Scope, UserType, Viewer } from "./viewer.js";

type Row = {
  tenant_slug: string;
  tenant_kind: "CUSTOMER" | "PLATFORM";
  user_type: UserType;
  vendor_id: string | null;
  rights_version: number;
  roles: { key: string; version: number; permissions: [string, Scope][] }[];
  overrides: ["GRANT" | "DENY", string, Scope][];
  teams: [id: string, isLead: boolean][];
};

/**
 * What a user may at this moment, for work that goes on when nobody is logged in any more. null for somebody who is not active, in a tenant that is not,
 * and for the stand-in of a platform operator, who acts within a session of his own or not at all. One statement, as weft_auth.
 */
export async function viewerOfUser(
  auth: Database,
  { tenantId, userId, sessionId }: { readonly tenantId: string; readonly userId: string; readonly sessionId: string },
): Promise<Viewer | null> {
  const [row] = await auth.begin(
    (tx) =>
      tx.execute<Row>(
        named(
          "viewerOfUser",
          sql`select t.slug as tenant_slug, t.kind as tenant_kind, u.type as user_type, u.vendor_id, u.rights_version,
          coalesce((
            select jsonb_agg(jsonb_build_object('key', r.key, 'version', r.version, 'permissions', coalesce((
              select jsonb_agg(jsonb_build_array(p.permission, p.scope))
              from identity.role_permissions p where p.tenant_id = r.tenant_id and p.role_id = r.id), '[]'::jsonb)) order by r.key)
            from (
              select distinct a.ancestor_id from identity.user_roles ur
                join identity.role_ancestors a on a.tenant_id = ur.tenant_id and a.role_id = ur.role_id
               where ur.tenant_id = u.tenant_id and ur.user_id = u.id) as held
            join identity.roles r on r.tenant_id = u.tenant_id and r.id = held.ancestor_id), '[]'::jsonb) as roles,
          coalesce((
            select jsonb_agg(jsonb_build_array(o.effect, o.permission, o.scope))
            from identity.user_permissions o where o.tenant_id = u.tenant_id and o.user_id = u.id), '[]'::jsonb) as overrides,
          coalesce((
            select jsonb_agg(jsonb_build_array(m.team_id, m.is_lead)) from identity.team_members m
             where m.tenant_id = u.tenant_id and m.user_id = u.id), '[]'::jsonb) as teams
        from identity.users u join identity.tenants t on t.tenant_id = u.tenant_id
       where u.tenant_id = ${tenantId}::uuid and u.id = ${userId}::uuid and u.status = 'ACTIVE' and u.type <> 'OPERATOR' and t.status = 'ACTIVE'`,
        ),
      ),
    "read",
  );
  if (!row) return null;
  const overrides = (wanted: string) => row.overrides.filter(([effect]) => effect === wanted).map(([, ...override]) => override);
  return {
    tenantId,
    tenantSlug: row.tenant_slug,
    userId,
    userType: row.user_type,
    vendorId: row.vendor_id,
    sessionId,
    operatorId: null,
    roles: row.roles.map(({ key }) => key),
    teamIds: row.teams.map(([id]) => id),
    ledTeamIds: row.teams.flatMap(([id, isLead]) => (isLead ? [id] : [])),
    permissions: permissionsHeld([...row.roles.flatMap((role) => role.permissions), ...overrides("GRANT")], row.tenant_kind),
    denials: permissionsHeld(overrides("DENY"), row.tenant_kind),
    rightsVersion: [row.rights_version, ...row.roles.map(({ key, version }) => `${key}:${version}`)].join("/"),
  };
}

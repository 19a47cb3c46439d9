/** Rights of a user as read from the database: for logged-in users, and for background work on behalf of a user. */
import { sql } from "drizzle-orm";
import { permissionsHeld, type Scope, type Viewer } from "@weft/shared/viewer";

/** Members of a row that `rightsColumns` provides. */
export type RightsRow = {
  rights_version: number;
  roles: { key: string; version: number; permissions: [string, Scope][] }[];
  overrides: ["GRANT" | "DENY", string, Scope][];
  teams: [id: string, isLead: boolean][];
};

/** Columns of a select as weft_auth in which `u` is a row of identity.users. */
export const rightsColumns = sql`u.rights_version,
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
             where m.tenant_id = u.tenant_id and m.user_id = u.id), '[]'::jsonb) as teams`;

type Rights = Pick<Viewer, "roles" | "teamIds" | "ledTeamIds" | "permissions" | "denials" | "rightsVersion">;

/**
 * Returns the part of the viewer that the row provides.
 * @param tenantKind platform permissions are effective only in the platform tenant
 */
export function rightsOf({ rights_version, roles, overrides, teams }: RightsRow, tenantKind: "CUSTOMER" | "PLATFORM"): Rights {
  const said = (wanted: string) => overrides.filter(([effect]) => effect === wanted).map(([, ...override]) => override);
  return {
    roles: roles.map(({ key }) => key),
    teamIds: teams.map(([id]) => id),
    ledTeamIds: teams.flatMap(([id, isLead]) => (isLead ? [id] : [])),
    permissions: permissionsHeld([...roles.flatMap((role) => role.permissions), ...said("GRANT")], tenantKind),
    denials: permissionsHeld(said("DENY"), tenantKind),
    rightsVersion: [rights_version, ...roles.map(({ key, version }) => `${key}:${version}`)].join("/"),
  };
}

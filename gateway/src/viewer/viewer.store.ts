import { Unauthenticated, TenantSuspended, isPermission, named } from "@weft/shared";
import type { Database, Scope, UserType, Viewer, WeftError } from "@weft/shared";
import { sql } from "drizzle-orm";
import type { AccessClaims } from "./token.js";

/** Either who it is and what they may at this moment, or why nobody. */
export type ViewerState = { readonly viewer: Viewer } | { readonly refusal: WeftError };

type Row = {
  session_id: string;
  tenant_id: string;
  user_id: string;
  is_current: boolean;
  tenant_slug: string;
  tenant_status: string;
  user_status: string;
  user_type: UserType;
  vendor_id: string | null;
  rights_version: number;
  roles: { key: string; version: number; permissions: [string, Scope][] }[];
  overrides: ["GRANT" | "DENY", string, Scope][];
  teams: string[];
};

/**
 * Loads the viewers of sessions, all in one statement over primary keys; the answer has a state for each claim, by session id.
 * Throws SERVICE_UNAVAILABLE when the database is away: rights never outlive it by more than the cache does.
 */
export async function loadViewers(auth: Database, claims: readonly AccessClaims[]): Promise<Map<string, ViewerState>> {
  const wanted = JSON.stringify(
    claims.map(({ tenantId, sessionId, userId }) => ({ tenant_id: tenantId, session_id: sessionId, user_id: userId })),
  );
  const rows = await auth.begin(
    (tx) =>
      tx.execute<Row>(
        named(
          "loadViewers",
          sql`select s.id as session_id, s.tenant_id, u.id as user_id, s.revoked_at is null and s.expires_at > now() as is_current,
          t.slug as tenant_slug, t.status as tenant_status, u.status as user_status, u.type as user_type, u.vendor_id, u.rights_version,
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
            select jsonb_agg(m.team_id) from identity.team_members m where m.tenant_id = u.tenant_id and m.user_id = u.id), '[]'::jsonb) as teams
        from jsonb_to_recordset(${wanted}::text::jsonb) as c(tenant_id uuid, session_id uuid, user_id uuid)
        join identity.sessions s on s.tenant_id = c.tenant_id and s.id = c.session_id and s.user_id = c.user_id
        join identity.users u on u.tenant_id = s.tenant_id and u.id = s.user_id
        join identity.tenants t on t.tenant_id = s.tenant_id`,
        ),
      ),
    "read",
  );
  const states = new Map<string, ViewerState>(claims.map(({ sessionId }) => [sessionId, { refusal: ended() }]));
  for (const row of rows) states.set(row.session_id, stateOf(row));
  return states;
}

function stateOf(row: Row): ViewerState {
  if (!row.is_current || row.user_status !== "ACTIVE") return { refusal: ended() };
  if (row.tenant_status !== "ACTIVE") return { refusal: new TenantSuspended() };
  const overrides = (wanted: string) => row.overrides.filter(([effect]) => effect === wanted).map(([, ...override]) => override);
  return {
    viewer: {
      tenantId: row.tenant_id,
      tenantSlug: row.tenant_slug,
      userId: row.user_id,
      userType: row.user_type,
      vendorId: row.vendor_id,
      sessionId: row.session_id,
      roles: row.roles.map(({ key }) => key),
      teamIds: row.teams,
      permissions: byPermission([...row.roles.flatMap((role) => role.permissions), ...overrides("GRANT")]),
      denials: byPermission(overrides("DENY")),
      rightsVersion: [row.rights_version, ...row.roles.map(({ key, version }) => `${key}:${version}`)].join("/"),
    },
  };
}

function byPermission(listed: readonly (readonly [string, Scope])[]): Viewer["permissions"] {
  const scopes: Viewer["permissions"] = {};
  for (const [permission, scope] of listed) {
    // A permission that this version no longer knows gives nothing.
    if (!isPermission(permission)) continue;
    const held = (scopes[permission] ??= []);
    if (!held.includes(scope)) held.push(scope);
  }
  return scopes;
}

/** Revoked, expired, of a disabled user, or never there: one answer. */
const ended = (): WeftError => new Unauthenticated("This session has ended: log in again.");

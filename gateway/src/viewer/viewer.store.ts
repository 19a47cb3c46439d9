import { apiKeyColumn, type ApiKeyRow, limitedToKey, rightsColumns, rightsOf, type RightsRow } from "@weft/platform/rights";
import { TenantSuspended, Unauthenticated, type WeftError } from "@weft/shared/errors";
import { operatorPermissions, reachesAll, type UserType, type Viewer } from "@weft/shared/viewer";
import { alone, type Database, named } from "@weft/platform/db";
import { sql } from "drizzle-orm";
import { recordedForSeconds } from "./session-use.js";
import type { AccessClaims } from "./token.js";

/** Either the user and their current rights, with the API key in place of a session if there is one, or the reason why access is refused. */
export type ViewerState =
  | {
      readonly viewer: Viewer;
      readonly apiKey?: ApiKeyRow;
      /** Whether the session's last use is recorded as so long ago that it should be recorded again. False for API keys. */
      readonly isUseOld: boolean;
    }
  | { readonly refusal: WeftError; readonly apiKey?: ApiKeyRow };

type Row = {
  session_id: string;
  tenant_id: string;
  /** The user that the claims name. */
  claimed_user_id: string | null;
  user_id: string;
  is_current: boolean;
  /** False for API keys. */
  is_use_old: boolean;
  /** Null for API keys. */
  authenticated_at: string | null;
  is_restricted: boolean;
  tenant_slug: string;
  tenant_status: string;
  user_status: string;
  user_type: UserType;
  vendor_id: string | null;
  tenant_kind: "CUSTOMER" | "PLATFORM";
  /** The user and session in the platform tenant behind a platform operator's session. */
  operator: SessionRef | null;
  api_key: ApiKeyRow | null;
} & RightsRow;

/** A session, or an API key in its place, and its user. IDs are UUIDs. An API key itself does not name its user, who is null then. */
type SessionRef = Pick<AccessClaims, "tenantId" | "userId" | "sessionId">;

/** Text by which claims are told apart. Anybody can write an API key with the ID of another tenant's session or key, so the ID alone is not enough. */
export const sessionKeyOf = ({ tenantId, userId, sessionId }: SessionRef): string => `${tenantId}/${sessionId}/${userId ?? ""}`;

const keyOfRow = ({ tenant_id: tenantId, session_id: sessionId, claimed_user_id: userId }: Row): string =>
  sessionKeyOf({ tenantId, sessionId, userId });

/**
 * Loads the viewers of sessions in one statement over primary keys (two if platform operators are among them). The result has a state for each claim,
 * by `sessionKeyOf`. Throws SERVICE_UNAVAILABLE if the database is unavailable: rights never outlive it by more than the cache's lifetime.
 */
export async function loadViewers(auth: Database, claims: readonly SessionRef[]): Promise<Map<string, ViewerState>> {
  const rows = await readSessions(auth, claims);
  const states = new Map<string, ViewerState>();
  const operators = rows.flatMap(({ operator }) => (operator ? [operator] : []));
  // Operators who lost the permission to act, or logged out of the platform tenant, are logged out here too.
  const homes = operators.length === 0 ? [] : await readSessions(auth, operators);
  const inPlatformTenant = new Map(
    homes.filter(({ tenant_kind }) => tenant_kind === "PLATFORM").map((row) => [keyOfRow(row), stateOf(row)]),
  );
  for (const row of rows) {
    const { operator } = row;
    states.set(keyOfRow(row), operator ? operatorStateOf(row, operator, inPlatformTenant.get(sessionKeyOf(operator))) : stateOf(row));
  }
  // Only for the missing ones: creating an error costs more than everything else here.
  for (const claim of claims) if (!states.has(sessionKeyOf(claim))) states.set(sessionKeyOf(claim), { refusal: ended() });
  return states;
}

async function readSessions(auth: Database, claims: readonly SessionRef[]): Promise<readonly Row[]> {
  const wanted = JSON.stringify(
    claims.map(({ tenantId, sessionId, userId }) => ({ tenant_id: tenantId, session_id: sessionId, user_id: userId })),
  );
  return alone(auth).execute<Row>(
    named(
      "loadViewers",
      // The limits are read once per tenant: each time decompresses whole configuration documents. With `offset 0`, each row is looked up by its key. While
      // there are few, the planner would take all tenants, with their limits, and all users of a tenant.
      sql`with claimed as materialized (
          select * from jsonb_to_recordset(${wanted}::text::jsonb) as c(tenant_id uuid, session_id uuid, user_id uuid)),
        limits as materialized (
          select t.tenant_id, l.lifetime, l.idle
          from (select distinct tenant_id from claimed) c
          cross join lateral (select * from identity.tenants t where t.tenant_id = c.tenant_id offset 0) t
          cross join lateral app.session_limits(t.tenant_id, t.plan) l)
        select c.session_id, c.tenant_id, c.user_id as claimed_user_id, u.id as user_id, ${apiKeyColumn},
          case when s.id is not null
            then s.revoked_at is null and s.expires_at > now() and s.created_at > now() - l.lifetime and s.last_used_at > now() - l.idle
            else k.revoked_at is null and coalesce(k.expires_at > now(), true) end as is_current,
          coalesce(s.last_used_at < now() - make_interval(secs => ${recordedForSeconds}), false) as is_use_old,
          to_char(s.authenticated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as authenticated_at,
          coalesce(s.is_restricted, false) as is_restricted,
          case when s.operator_id is not null then
            jsonb_build_object('tenantId', s.operator_tenant_id, 'userId', s.operator_id, 'sessionId', s.operator_session_id) end as operator,
          t.slug as tenant_slug, t.status as tenant_status, t.kind as tenant_kind, u.status as user_status, u.type as user_type, u.vendor_id, ${rightsColumns}
        from claimed c
        left join identity.sessions s on s.tenant_id = c.tenant_id and s.id = c.session_id and s.user_id = c.user_id
        left join identity.api_keys k on k.tenant_id = c.tenant_id and k.id = c.session_id and k.user_id = coalesce(c.user_id, k.user_id)
        cross join lateral (
          select * from identity.users u where u.tenant_id = c.tenant_id and u.id = coalesce(s.user_id, k.user_id) offset 0) u
        join identity.tenants t on t.tenant_id = c.tenant_id
        join limits l on l.tenant_id = t.tenant_id`,
    ),
  );
}

function stateOf(row: Row): ViewerState {
  // Operator users cannot log in.
  if (!row.is_current || row.user_status !== "ACTIVE" || row.user_type === "OPERATOR") return { refusal: ended() };
  const key = row.api_key && { apiKey: row.api_key };
  if (row.tenant_status !== "ACTIVE") return { refusal: new TenantSuspended(), ...key };
  const rights = rightsOf(row, row.tenant_kind);
  return {
    isUseOld: row.is_use_old,
    viewer: {
      tenantId: row.tenant_id,
      tenantSlug: row.tenant_slug,
      userId: row.user_id,
      userType: row.user_type,
      vendorId: row.vendor_id,
      sessionId: row.session_id,
      operatorId: null,
      authenticatedAt: row.authenticated_at,
      isRestricted: row.is_restricted,
      ...rights,
      ...limitedToKey(rights, row.api_key, row.tenant_kind),
    },
    ...key,
  };
}

/**
 * Returns the state of a platform operator who acts in a tenant. The permissions are fixed, regardless of the roles and teams of the operator user.
 * They are valid as long as the operator's own session in the platform tenant, the permission to act, and this session. A suspended tenant is
 * read-only.
 */
function operatorStateOf(row: Row, operator: SessionRef, inPlatformTenant: ViewerState | undefined): ViewerState {
  if (!row.is_current || row.user_type !== "OPERATOR" || row.tenant_kind === "PLATFORM" || row.tenant_status === "ARCHIVED")
    return { refusal: ended() };
  if (
    !inPlatformTenant ||
    "refusal" in inPlatformTenant ||
    inPlatformTenant.viewer.isRestricted ||
    !reachesAll(inPlatformTenant.viewer, "platform.act")
  )
    return { refusal: ended() };
  return {
    isUseOld: row.is_use_old,
    viewer: {
      tenantId: row.tenant_id,
      tenantSlug: row.tenant_slug,
      userId: row.user_id,
      userType: row.user_type,
      vendorId: null,
      sessionId: row.session_id,
      apiKey: null,
      operatorId: operator.userId,
      authenticatedAt: row.authenticated_at,
      isRestricted: false,
      // Definitions reserve decisions for role names, which belong to the tenant's own roles.
      roles: [],
      teamIds: [],
      ledTeamIds: [],
      permissions: operatorPermissions({ isReadOnly: row.tenant_status !== "ACTIVE" }),
      denials: {},
      rightsVersion: `operator:${row.tenant_status}`,
    },
  };
}

/** Revoked, expired, of a disabled user, or never existing: all have the same error. */
const ended = (): WeftError => new Unauthenticated("This session has ended. Log in again.");

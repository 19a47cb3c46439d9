import { Unauthenticated, TenantSuspended, named, operatorPermissions, reachesAll, rightsColumns, rightsOf } from "@weft/shared";
import type { Database, RightsRow, UserType, Viewer, WeftError } from "@weft/shared";
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
  tenant_kind: "CUSTOMER" | "PLATFORM";
  /** Who is behind a session of a platform operator: user and session in the platform tenant. */
  operator: SessionRef | null;
} & RightsRow;

/** Which session of whom; ids are UUIDs. */
type SessionRef = Pick<AccessClaims, "tenantId" | "userId" | "sessionId">;

/**
 * Loads the viewers of sessions, all in one statement over primary keys (two when platform operators are among them); the answer has a state for each
 * claim, by session id. Throws SERVICE_UNAVAILABLE when the database is away: rights never outlive it by more than the cache does.
 */
export async function loadViewers(auth: Database, claims: readonly SessionRef[]): Promise<Map<string, ViewerState>> {
  const rows = await readSessions(auth, claims);
  const states = new Map<string, ViewerState>(claims.map(({ sessionId }) => [sessionId, { refusal: ended() }]));
  const operators = rows.flatMap(({ operator }) => (operator ? [operator] : []));
  // Whoever lost the right to act, or logged out at home, is out here too.
  const homes = operators.length === 0 ? [] : await readSessions(auth, operators);
  const atHome = new Map(homes.filter(({ tenant_kind }) => tenant_kind === "PLATFORM").map((row) => [row.session_id, stateOf(row)]));
  for (const row of rows) {
    const { operator } = row;
    states.set(row.session_id, operator ? operatorStateOf(row, operator, atHome.get(operator.sessionId)) : stateOf(row));
  }
  return states;
}

async function readSessions(auth: Database, claims: readonly SessionRef[]): Promise<readonly Row[]> {
  const wanted = JSON.stringify(
    claims.map(({ tenantId, sessionId, userId }) => ({ tenant_id: tenantId, session_id: sessionId, user_id: userId })),
  );
  return auth.begin(
    (tx) =>
      tx.execute<Row>(
        named(
          "loadViewers",
          sql`select s.id as session_id, s.tenant_id, u.id as user_id, s.revoked_at is null and s.expires_at > now() as is_current,
          case when s.operator_id is not null then
            jsonb_build_object('tenantId', s.operator_tenant_id, 'userId', s.operator_id, 'sessionId', s.operator_session_id) end as operator,
          t.slug as tenant_slug, t.status as tenant_status, t.kind as tenant_kind, u.status as user_status, u.type as user_type, u.vendor_id, ${rightsColumns}
        from jsonb_to_recordset(${wanted}::text::jsonb) as c(tenant_id uuid, session_id uuid, user_id uuid)
        join identity.sessions s on s.tenant_id = c.tenant_id and s.id = c.session_id and s.user_id = c.user_id
        join identity.users u on u.tenant_id = s.tenant_id and u.id = s.user_id
        join identity.tenants t on t.tenant_id = s.tenant_id`,
        ),
      ),
    "read",
  );
}

function stateOf(row: Row): ViewerState {
  // Nobody logs in as an operator's stand-in.
  if (!row.is_current || row.user_status !== "ACTIVE" || row.user_type === "OPERATOR") return { refusal: ended() };
  if (row.tenant_status !== "ACTIVE") return { refusal: new TenantSuspended() };
  return {
    viewer: {
      tenantId: row.tenant_id,
      tenantSlug: row.tenant_slug,
      userId: row.user_id,
      userType: row.user_type,
      vendorId: row.vendor_id,
      sessionId: row.session_id,
      operatorId: null,
      ...rightsOf(row, row.tenant_kind),
    },
  };
}

/**
 * A platform operator who acts in a tenant: what he may is fixed, whatever roles and teams somebody has put his stand-in into, and holds as long as
 * his own session at home, his right to act, and this session. A suspended tenant he only looks at.
 */
function operatorStateOf(row: Row, operator: SessionRef, atHome: ViewerState | undefined): ViewerState {
  if (!row.is_current || row.user_type !== "OPERATOR" || row.tenant_kind === "PLATFORM" || row.tenant_status === "ARCHIVED")
    return { refusal: ended() };
  if (!atHome || "refusal" in atHome || !reachesAll(atHome.viewer, "platform.act")) return { refusal: ended() };
  return {
    viewer: {
      tenantId: row.tenant_id,
      tenantSlug: row.tenant_slug,
      userId: row.user_id,
      userType: row.user_type,
      vendorId: null,
      sessionId: row.session_id,
      operatorId: operator.userId,
      // Definitions reserve decisions for names of roles: those are the tenant's own.
      roles: [],
      teamIds: [],
      ledTeamIds: [],
      permissions: operatorPermissions({ isReadOnly: row.tenant_status !== "ACTIVE" }),
      denials: {},
      rightsVersion: `operator:${row.tenant_status}`,
    },
  };
}

/** Revoked, expired, of a disabled user, or never there: one answer. */
const ended = (): WeftError => new Unauthenticated("This session has ended: log in again.");

import { identity } from "@weft/drizzle";
import { named } from "@weft/shared";
import type { ObjectAccessRules, Permission, Scope, Tx, UserType, Viewer } from "@weft/shared";
import { getTableColumns, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { UserRow } from "../users/user-list.service.js";

const { users } = identity;
const { passwordHash: _secret, ...userColumns } = getTableColumns(users);

/** A grant of the permission that is asked about, by the role it comes from. */
export interface RoleGrant {
  readonly role: string;
  readonly scope: Scope;
}

/** A user with what decides about one permission. */
export interface Subject {
  readonly user: UserRow;
  readonly roles: readonly string[];
  readonly teamIds: readonly string[];
  readonly grants: readonly RoleGrant[];
}

/** Users with their grants of a permission. Reads roles of others: not for a vendor's user, whom the database shows only the own ones. */
export async function selectSubjects(
  tx: Tx,
  permission: Permission,
  { where, orderBy = [], limit, offset = 0 }: { where: SQL | undefined; orderBy?: SQL[]; limit: number; offset?: number },
): Promise<Subject[]> {
  // Written out: in a statement over one table the builder leaves the table's name away, and here the inner tables have such columns too.
  const roles = sql<{ key: string; scopes: Scope[] }[]>`coalesce((
    select jsonb_agg(jsonb_build_object('key', r.key, 'scopes', coalesce((
      select jsonb_agg(p.scope order by p.scope) from identity.role_permissions p
       where p.tenant_id = r.tenant_id and p.role_id = r.id and p.permission = ${permission}), '[]'::jsonb)) order by r.key)
      from (select distinct a.ancestor_id from identity.user_roles ur
              join identity.role_ancestors a on a.tenant_id = ur.tenant_id and a.role_id = ur.role_id
             where ur.tenant_id = users.tenant_id and ur.user_id = users.id) as held
      join identity.roles r on r.tenant_id = users.tenant_id and r.id = held.ancestor_id), '[]'::jsonb)`;
  const teamIds = sql<string[]>`coalesce((
    select jsonb_agg(m.team_id) from identity.team_members m where m.tenant_id = users.tenant_id and m.user_id = users.id), '[]'::jsonb)`;
  const rows = await named(
    "selectSubjects",
    tx
      .select({ ...userColumns, roles, teamIds })
      .from(users)
      .where(where)
      .orderBy(...orderBy)
      .limit(limit)
      .offset(offset),
  );
  return rows.map(({ roles: held, teamIds: teams, ...user }) => ({
    user,
    roles: held.map(({ key }) => key),
    teamIds: teams,
    grants: held.flatMap(({ key, scopes }) => scopes.map((scope) => ({ role: key, scope }))),
  }));
}

/** The user has a role that grants the permission, in one of the scopes. */
export const holds = (permission: Permission, scopes: readonly Scope[]): SQL => sql`exists (
  select 1 from identity.user_roles ur join identity.role_permissions p on p.tenant_id = ur.tenant_id and p.role_id = ur.role_id
   where ur.tenant_id = ${users.tenantId} and ur.user_id = ${users.id}
     and p.permission = ${permission} and p.scope = any(${sql.param([...scopes])}::text[]))`;

/** The subject as the gateway would compute it, holding the permission in these scopes and no other permission. */
export function viewerOf({ user, roles, teamIds }: Subject, asker: Viewer, permission: Permission, scopes: readonly Scope[]): Viewer {
  return {
    tenantId: asker.tenantId,
    tenantSlug: asker.tenantSlug,
    userId: user.id,
    userType: user.type as UserType,
    vendorId: user.vendorId,
    sessionId: asker.sessionId,
    operatorId: null,
    roles: [...roles],
    teamIds: [...teamIds],
    ledTeamIds: [],
    permissions: { [permission]: [...scopes] },
    denials: {},
    rightsVersion: "",
  };
}

/** What each predicate says of an object, in one statement; null when the tenant has no such object, or a vendor's user must not know of it. */
export async function evaluateOn(
  tx: Tx,
  { from, id }: ObjectAccessRules,
  objectId: string,
  predicates: readonly SQL[],
): Promise<boolean[] | null> {
  const answers = sql.join(
    predicates.map((predicate) => sql`coalesce((${predicate}), false)`),
    sql`, `,
  );
  const [row] = await tx.execute<{ answers: boolean[] }>(
    named("evaluateOn", sql`select to_jsonb(array[${answers}]::boolean[]) as answers from ${from} where ${id} = ${objectId}`),
  );
  return row?.answers ?? null;
}

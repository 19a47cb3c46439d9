import { identity } from "@weft/drizzle";
import type { Permission, Scope } from "@weft/shared/viewer";
import type { ObjectAccessRules } from "@weft/platform/access";
import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { userColumns, type UserRow } from "../users/user.columns.js";

const { users } = identity;

/** A role that a user has, directly or by inheritance, and the scopes in which the role itself grants the permission. */
export interface HeldRole {
  readonly id: string;
  readonly key: string;
  /** Whether the user has the role directly, not only by inheritance. */
  readonly isOwn: boolean;
  readonly scopes: readonly Scope[];
}

/** A user with their grants and denials of one permission. */
interface SubjectRow {
  readonly user: UserRow;
  readonly roles: readonly HeldRole[];
  readonly overrides: readonly { readonly effect: "GRANT" | "DENY"; readonly scope: Scope; readonly reason: string }[];
  readonly teamIds: readonly string[];
}

/**
 * Returns users with their grants and denials of a permission. Reads the roles of others, so it does not work for users of a vendor, to whom the
 * database shows only their own.
 */
export async function selectSubjectRows(
  tx: Tx,
  permission: Permission,
  { where, orderBy = [], limit, offset = 0 }: { where: SQL | undefined; orderBy?: SQL[]; limit: number; offset?: number },
): Promise<SubjectRow[]> {
  // Written as raw SQL: in a statement on one table the query builder omits the table name, but the inner tables have columns with the same names.
  const roles = sql<SubjectRow["roles"]>`coalesce((
    select jsonb_agg(jsonb_build_object('id', r.id, 'key', r.key, 'isOwn', held.is_own, 'scopes', coalesce((
      select jsonb_agg(p.scope order by p.scope) from identity.role_permissions p
       where p.tenant_id = r.tenant_id and p.role_id = r.id and p.permission = ${permission}), '[]'::jsonb)) order by r.key)
      from (select a.ancestor_id, bool_or(a.role_id = a.ancestor_id) as is_own from identity.user_roles ur
              join identity.role_ancestors a on a.tenant_id = ur.tenant_id and a.role_id = ur.role_id
             where ur.tenant_id = users.tenant_id and ur.user_id = users.id group by a.ancestor_id) as held
      join identity.roles r on r.tenant_id = users.tenant_id and r.id = held.ancestor_id), '[]'::jsonb)`;
  const overrides = sql<SubjectRow["overrides"]>`coalesce((
    select jsonb_agg(jsonb_build_object('effect', o.effect, 'scope', o.scope, 'reason', o.reason) order by o.scope) from identity.user_permissions o
     where o.tenant_id = users.tenant_id and o.user_id = users.id and o.permission = ${permission}), '[]'::jsonb)`;
  const teamIds = sql<string[]>`coalesce((
    select jsonb_agg(m.team_id) from identity.team_members m where m.tenant_id = users.tenant_id and m.user_id = users.id), '[]'::jsonb)`;
  const rows = await named(
    "selectSubjectRows",
    tx
      .select({ ...userColumns, roles, overrides, teamIds })
      .from(users)
      .where(where)
      .orderBy(...orderBy)
      .limit(limit)
      .offset(offset),
  );
  return rows.map(({ roles: held, overrides: said, teamIds: teams, ...user }) => ({ user, roles: held, overrides: said, teamIds: teams }));
}

/**
 * Condition that the user is granted the permission in one of the scopes, by a role or directly, ignoring denials. `offset 0` keeps the subqueries
 * per user; otherwise the planner reads the grants of all users for one page.
 */
export const isGranted = (permission: Permission, scopes: readonly Scope[]): SQL => sql`(exists (
  select 1 from identity.user_roles ur
    join identity.role_ancestors a on a.tenant_id = ur.tenant_id and a.role_id = ur.role_id
    join identity.role_permissions p on p.tenant_id = ur.tenant_id and p.role_id = a.ancestor_id
   where ur.tenant_id = ${users.tenantId} and ur.user_id = ${users.id}
     and p.permission = ${permission} and p.scope = any(${sql.param([...scopes])}::text[]) offset 0)
  or exists (
  select 1 from identity.user_permissions o
   where o.tenant_id = ${users.tenantId} and o.user_id = ${users.id}
     and o.permission = ${permission} and o.scope = any(${sql.param([...scopes])}::text[]) and o.effect = 'GRANT' offset 0))`;

/** IDs of the users granted the permission in one of the scopes, once per grant, starting from the grants. */
const grantedIn = (permission: Permission, scopes: readonly Scope[]): SQL => sql`
  select ur.user_id from identity.role_permissions p
    join identity.role_ancestors a on a.tenant_id = p.tenant_id and a.ancestor_id = p.role_id
    join identity.user_roles ur on ur.tenant_id = p.tenant_id and ur.role_id = a.role_id
   where p.permission = ${permission} and p.scope = any(${sql.param([...scopes])}::text[])
   union all
  select o.user_id from identity.user_permissions o
   where o.permission = ${permission} and o.scope = any(${sql.param([...scopes])}::text[]) and o.effect = 'GRANT'`;

/** Returns whether the permission is granted more than `few` times in these scopes. */
export async function isWidelyGranted(tx: Tx, permission: Permission, scopes: readonly Scope[], few: number): Promise<boolean> {
  const rows = await tx.execute(named("isWidelyGranted", sql`select from (${grantedIn(permission, scopes)}) g offset ${few} limit 1`));
  return rows.length > 0;
}

/** Returns the IDs of the users granted the permission in one of the scopes, and of those selected by `near`. For small numbers of users. */
export async function selectGranted(tx: Tx, permission: Permission, scopes: readonly Scope[], near: SQL | undefined): Promise<string[]> {
  const all = near ? sql`${grantedIn(permission, scopes)} union all ${near}` : grantedIn(permission, scopes);
  const rows = await tx.execute<{ user_id: string }>(named("selectGranted", sql`select distinct user_id from (${all}) g`));
  return rows.map((row) => row.user_id);
}

/**
 * Evaluates each predicate on an object, in one statement. Returns null if the tenant has no such object, or if a user of a vendor must not know
 * about it.
 */
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

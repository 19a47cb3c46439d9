import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";

/**
 * Built-in roles are for employees, except `vendor_user`, which is for users of vendors. A role that inherits from one is for the same users, and any other
 * role is for both. Service accounts can have all roles.
 */
type Typed = "EMPLOYEE" | "VENDOR";

const isTyped = (type: string): type is Typed => type === "EMPLOYEE" || type === "VENDOR";

/** Condition on a role `r`: it is, or inherits from, one for users of the other type. `role_ancestors` also contains each role itself. */
const isForOthers = (type: Typed): SQL => sql`exists (
  select from identity.role_ancestors a
    join identity.roles b on b.tenant_id = a.tenant_id and b.id = a.ancestor_id
   where a.tenant_id = r.tenant_id and a.role_id = r.id and b.is_built_in and (b.key = 'vendor_user') = (${type}::text = 'EMPLOYEE'))`;

interface UnfitRole extends Record<string, unknown> {
  readonly id: string;
  readonly key: string;
}

const uuids = (ids: readonly string[]): SQL => sql`${sql.param([...ids])}::uuid[]`;

/** Returns which of these roles are not for users of a type, ordered by key. */
export async function findUnfitRoles(tx: Tx, type: string, roleIds: readonly string[]): Promise<readonly UnfitRole[]> {
  if (!isTyped(type) || roleIds.length === 0) return [];
  return tx.execute<UnfitRole>(
    named(
      "findUnfitRoles",
      sql`select r.id, r.key from identity.roles r
           where r.tenant_id = app.tenant() and r.id = any(${uuids(roleIds)}) and ${isForOthers(type)} order by r.key`,
    ),
  );
}

/** Names in a message. A tenant can have hundreds of roles. */
const maxNamed = 15;

/** Returns the end of a message: which roles users of a type can have. */
async function fittingRolesText(tx: Tx, type: Typed): Promise<string> {
  const rows = await tx.execute<{ key: string }>(
    named(
      "findFittingRoles",
      sql`select r.key from identity.roles r where r.tenant_id = app.tenant() and not ${isForOthers(type)} order by r.key limit ${maxNamed + 1}`,
    ),
  );
  const keys = rows.slice(0, maxNamed).map(({ key }) => quote(key));
  return `Roles for users of the type ${type}: ${keys.join(", ")}${rows.length > maxNamed ? ", and others" : ""}.`;
}

const usersOf = { EMPLOYEE: "users of vendors", VENDOR: "employees" } as const;

interface GivenRoles {
  /** Type of the user, after the change. */
  readonly type: string;
  /** Roles that the user is given. Those that the user keeps are not checked, because they may be older than this rule. */
  readonly roleIds: readonly string[];
  /** Path of a role in the input. */
  readonly pathOf: (role: UnfitRole) => string;
  /** A sentence that ends each message. */
  readonly advice?: string;
}

/** Returns a problem for each role that is not for users of the type. */
export async function unfitRoleProblems(tx: Tx, { type, roleIds, pathOf, advice }: GivenRoles): Promise<readonly Problem[]> {
  const unfit = await findUnfitRoles(tx, type, roleIds);
  if (!isTyped(type) || unfit.length === 0) return [];
  const fitting = await fittingRolesText(tx, type);
  return unfit.map((role) => ({
    path: pathOf(role),
    message: `The role ${quote(role.key)} is for ${usersOf[type]}, and the user's type is ${type}. ${fitting}${advice === undefined ? "" : ` ${advice}`}`,
  }));
}

/** Checks that a user of a type can be given roles. @throws BadUserInput with each role that is for other users */
export async function assertRolesFit(tx: Tx, given: GivenRoles): Promise<void> {
  const problems = await unfitRoleProblems(tx, given);
  if (problems.length > 0) throw new BadUserInput(problems);
}

interface UnfitHolder extends Record<string, unknown> {
  readonly type: Typed;
  readonly role: string;
  readonly parent: string;
}

/**
 * Checks that nobody who has a role, or one that inherits from it, would inherit from a role for other users through the added parents. Call after the
 * parents were written.
 * @throws BadUserInput
 */
export async function assertHoldersFit(tx: Tx, { roleId, added }: { roleId: string; added: readonly string[] }): Promise<void> {
  if (added.length === 0) return;
  const [unfit] = await tx.execute<UnfitHolder>(
    named(
      "findUnfitHolder",
      sql`with parents as (
            select distinct on (for_type) p.key as parent, case when b.key = 'vendor_user' then 'VENDOR' else 'EMPLOYEE' end as for_type
              from identity.role_ancestors a
              join identity.roles b on b.tenant_id = a.tenant_id and b.id = a.ancestor_id and b.is_built_in
              join identity.roles p on p.tenant_id = a.tenant_id and p.id = a.role_id
             where a.tenant_id = app.tenant() and a.role_id = any(${uuids(added)})
             order by for_type, p.key)
          select u.type, r.key as role, parents.parent
            from parents
            join identity.role_ancestors h on h.tenant_id = app.tenant() and h.ancestor_id = ${roleId}::uuid
            join identity.user_roles ur on ur.tenant_id = h.tenant_id and ur.role_id = h.role_id
            join identity.users u on u.tenant_id = ur.tenant_id and u.id = ur.user_id
            join identity.roles r on r.tenant_id = ur.tenant_id and r.id = ur.role_id
           where u.type in ('EMPLOYEE', 'VENDOR') and u.type <> parents.for_type
           order by parents.parent, r.key limit 1`,
    ),
  );
  if (!unfit) return;
  const { type, role, parent } = unfit;
  const message = `The role ${quote(parent)} is for ${usersOf[type]}, and users of the type ${type} have the role ${quote(role)}, which would inherit from it.`;
  throw new BadUserInput([{ path: "input.parentIds", message: `${message} ${await fittingRolesText(tx, type)}` }]);
}

import { setTimeout as delay } from "node:timers/promises";
import type { Sql } from "@weft/pg-driver";
import type { RoleKind } from "./facts.js";

export interface RoleLogin {
  readonly name: string;
  readonly password: string;
}

/** The login roles of an installation. They belong to the whole cluster and are shared by its databases. */
export type Roles = Readonly<Record<RoleKind, RoleLogin>>;

/**
 * Returns the name of the role that deletes archived tenants. It cannot log in. weft_worker is a member without inheritance, so its own statements do
 * not have these rights; a purge runs `set local role` in its transaction.
 */
export const purgerName = ({ worker }: Roles): string => `${worker.name}_purge`;

const namePattern = /^[a-z_][a-z0-9_]{0,62}$/;

/** PostgreSQL's error codes for concurrent changes of the same object, depending on how the catalog reports the conflict. */
const raced = new Set(["42710", "23505", "XX000", "40001"]);

/**
 * Creates missing roles and sets their passwords. Roles are shared by all databases of a cluster, and advisory locks are per database, so processes
 * that migrate different databases can conflict. Conflicts are retried.
 */
export async function ensureRoles(sql: Sql, roles: Roles): Promise<void> {
  const [me] = await sql<{ privileged: boolean }[]>`
    select (rolsuper or rolcreaterole) as privileged from pg_roles where rolname = current_user`;
  for (const { name, password } of Object.values(roles)) {
    assertName(name);
    const exists = (await sql`select from pg_roles where rolname = ${name}`).count > 0;
    // The role was created by an administrator, who also manages its password.
    if (exists && me?.privileged !== true) continue;
    if (me?.privileged !== true) {
      throw new Error(
        `The role ${name} does not exist, and the owner of the database cannot create roles. Run this as an administrator: create role ${name} login password '…'; Alternatively, use a role with CREATEROLE in DATABASE_OWNER_URL.`,
      );
    }
    await retryRaces(() => createOrAlter(sql, name, password));
  }
  await ensurePurger(sql, roles, me?.privileged === true);
}

async function ensurePurger(sql: Sql, roles: Roles, isPrivileged: boolean): Promise<void> {
  const name = purgerName(roles);
  const worker = roles.worker.name;
  assertName(name);
  const [state] = await sql<{ version: number; exists: boolean; member: boolean; inherits: boolean }[]>`
    select current_setting('server_version_num')::int as version, r.oid is not null as exists,
           coalesce(pg_has_role(${worker}, r.oid, 'member'), false) as member, coalesce(pg_has_role(${worker}, r.oid, 'usage'), false) as inherits
      from (select 1) one left join pg_roles r on r.rolname = ${name}`;
  if (state?.exists === true && state.member && !state.inherits) return;
  const isRecent = (state?.version ?? 0) >= 160_000;
  // Before PostgreSQL 16, inheritance is a property of the role, not of the membership.
  const steps = [
    ...(state?.exists === true ? [] : [`create role ${name} nologin`]),
    ...(isRecent ? [] : [`alter role ${worker} noinherit`]),
    `grant ${name} to ${worker}${isRecent ? " with inherit false, set true" : ""}`,
  ];
  if (!isPrivileged) {
    throw new Error(
      `The role ${name}, as which ${worker} deletes archived tenants, is missing or has the wrong memberships, and the owner of the database cannot create roles. Run this as an administrator: ${steps.join("; ")};`,
    );
  }
  await retryRaces(async () => {
    for (const step of steps) {
      if (step.startsWith("create") && (await sql`select from pg_roles where rolname = ${name}`).count > 0) continue;
      await sql.unsafe(step);
    }
  });
}

/** Returns the role that owns Weft's objects. A superuser switches to `weft_owner`, so that forced row-level security also applies to the owner. */
export async function ensureOwner(sql: Sql, ownerName: string): Promise<string> {
  assertName(ownerName);
  const [me] = await sql<{ name: string; superuser: boolean; database: string }[]>`
    select rolname as name, rolsuper as superuser, current_database() as database from pg_roles where rolname = current_user`;
  if (me === undefined) throw new Error("The role of DATABASE_OWNER_URL is not in pg_roles.");
  if (!me.superuser) return me.name;
  await retryRaces(async () => {
    if ((await sql`select from pg_roles where rolname = ${ownerName}`).count === 0) await sql.unsafe(`create role ${ownerName} nologin`);
    await sql.unsafe(`grant create on database ${quote(me.database)} to ${ownerName}`);
  });
  return ownerName;
}

/**
 * Neither statement supports parameters. For an existing role only the password is set. Other attributes require a superuser, and the startup checks
 * reject unsafe ones.
 */
async function createOrAlter(sql: Sql, name: string, password: string): Promise<void> {
  const isMissing = (await sql`select from pg_roles where rolname = ${name}`).count === 0;
  await sql.unsafe(`${isMissing ? "create" : "alter"} role ${name} login password ${literal(password)}`);
}

async function retryRaces(attempt: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      if (tries >= 10 || !raced.has(code)) throw error;
      await delay(20 * tries * Math.random());
    }
  }
}

function assertName(name: string): void {
  if (!namePattern.test(name))
    throw new Error(`${JSON.stringify(name)} is not a valid name for a database role. Use lowercase letters, digits and underscores.`);
}

export function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  if (text.includes("\0") || text.includes("\\")) throw new Error("A database password cannot contain NUL or a backslash.");
  return `'${text.replaceAll("'", "''")}'`;
}

import type { Sql } from "postgres";
import { readGrants, weftSchemas } from "./catalog.js";
import { crossTenantPolicies, rolePrivileges } from "./role-privileges.js";
import type { RoleKind } from "./role-privileges.js";
import { quote } from "./roles.js";
import type { Roles } from "./roles.js";

const kinds: readonly RoleKind[] = ["app", "worker", "auth"];

/** Lists privileges as `table verb` lines, the form in which list and catalog are compared. */
export function listedGrants(kind: RoleKind): string[] {
  return Object.entries(rolePrivileges[kind]).flatMap(([table, verbs]) => verbs.map((verb) => `${table} ${verb}`));
}

/**
 * Grants what the list says and the catalog lacks, and revokes what the catalog has beyond it. Only differences are executed: starting
 * Weft beside a running one takes no lock. Tables that do not exist (after a `down`) are passed over.
 */
export async function applyGrants(sql: Sql, roles: Roles): Promise<void> {
  const relations = new Set(
    (
      await sql<{ name: string }[]>`select schemaname || '.' || tablename as name from pg_tables
    union all select schemaname || '.' || viewname from pg_views`
    ).map((row) => row.name),
  );
  const schemas = await sql<{ name: string }[]>`select nspname as name from pg_namespace where nspname in ${sql(weftSchemas)}`;
  for (const kind of kinds) {
    const role = roles[kind].name;
    for (const { name } of schemas) {
      const [usage] = await sql<{ has: boolean }[]>`select has_schema_privilege(${role}, ${name}, 'usage') as has`;
      if (usage?.has !== true) await sql.unsafe(`grant usage on schema ${name} to ${quote(role)}`);
    }
    const wanted = new Set(listedGrants(kind).filter((line) => relations.has(line.slice(0, line.indexOf(" ")))));
    const present = new Set((await readGrants(sql, role)).map(({ table, verb }) => `${table} ${verb}`));
    for (const line of present) if (!wanted.has(line)) await sql.unsafe(statement("revoke", line, "from", role));
    for (const line of wanted) if (!present.has(line)) await sql.unsafe(statement("grant", line, "to", role));
  }
  await applyCrossTenantPolicies(sql, roles, relations);
}

/** Their roles have configurable names, therefore they are written here and not in a migration. */
async function applyCrossTenantPolicies(sql: Sql, roles: Roles, relations: ReadonlySet<string>): Promise<void> {
  const present = await sql<{ line: string }[]>`
    select schemaname || '.' || tablename || ' ' || policyname as line from pg_policies where policyname like 'across_tenants_%'`;
  const lines = new Set(present.map((row) => row.line));
  for (const { role, table, command } of crossTenantPolicies) {
    const name = crossTenantPolicyName(role);
    if (lines.has(`${table} ${name}`) || !relations.has(table)) continue;
    const check = command === "all" ? " with check (true)" : "";
    await sql.unsafe(`create policy ${name} on ${table} as permissive for ${command} to ${quote(roles[role].name)} using (true)${check}`);
  }
}

export function crossTenantPolicyName(kind: RoleKind): string {
  return `across_tenants_${kind}`;
}

/** `schema.table select(a,b)` → `grant select (a,b) on schema.table to role` */
function statement(action: "grant" | "revoke", line: string, preposition: "to" | "from", role: string): string {
  const [table, verb] = line.split(" ");
  return `${action} ${verb} on ${table} ${preposition} ${quote(role)}`;
}

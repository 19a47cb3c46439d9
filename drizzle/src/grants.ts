import type { Sql } from "@weft/pg-driver";
import { readGrants, weftSchemas } from "./catalog.js";
import { columnsWithCopies, crossTenantPolicies, personalColumns, rolePrivileges } from "./all-tables.js";
import { erasedTables, erasurePolicyOf, recordedColumns } from "./erasure-policies.js";
import { type RoleKind, roleKinds } from "./facts.js";
import { purgerName, quote } from "./roles.js";
import type { Roles } from "./roles.js";

/** Returns privileges as `table verb` lines, the form in which list and catalog are compared. */
export function listedGrants(kind: RoleKind): string[] {
  return Object.entries(rolePrivileges[kind]).flatMap(([table, verbs]) => verbs.map((verb) => `${table} ${verb}`));
}

/**
 * Grants privileges that are in the list but not in the catalog, and revokes those that are only in the catalog. Only differences are executed, so
 * starting Weft next to a running process takes no locks. Tables that do not exist (after a `down`) are skipped.
 */
export async function applyGrants(sql: Sql, roles: Roles): Promise<void> {
  const relations = new Set(
    (
      await sql<{ name: string }[]>`select schemaname || '.' || tablename as name from pg_tables
    union all select schemaname || '.' || viewname from pg_views`
    ).map((row) => row.name),
  );
  const columns = new Set(
    (
      await sql<{ name: string }[]>`select n.nspname || '.' || c.relname || '.' || a.attname as name
        from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ${sql(weftSchemas)} and a.attnum > 0 and not a.attisdropped`
    ).map((row) => row.name),
  );
  const schemas = await sql<{ name: string }[]>`select nspname as name from pg_namespace where nspname in ${sql(weftSchemas)}`;
  for (const kind of roleKinds) {
    const role = roles[kind].name;
    for (const { name } of schemas) {
      const [usage] = await sql<{ has: boolean }[]>`select has_schema_privilege(${role}, ${name}, 'usage') as has`;
      if (usage?.has !== true) await sql.unsafe(`grant usage on schema ${name} to ${quote(role)}`);
    }
    const wanted = new Set(
      listedGrants(kind)
        .filter((line) => relations.has(line.slice(0, line.indexOf(" "))))
        .flatMap((line) => withColumnsAmong(columns, line)),
    );
    const present = new Set((await readGrants(sql, role)).map(({ table, verb }) => `${table} ${verb}`));
    for (const line of present) if (!wanted.has(line)) await sql.unsafe(statement("revoke", line, "from", role));
    for (const line of wanted) if (!present.has(line)) await sql.unsafe(statement("grant", line, "to", role));
  }
  await applyCrossTenantPolicies(sql, roles, relations);
  await applyPurgerGrants(sql, purgerName(roles), columns);
}

/** Tables into which the purge role inserts the tombstone, in the platform's audit log. */
const tombstoneTables: ReadonlySet<string> = new Set(["audit.entries", "audit.unsealed"]);

/** Columns that the purge role can change, by table: those with personal values in plain text, with copies of them, and with the progress of an erasure. */
const erasedColumns: ReadonlyMap<string, readonly string[]> = new Map(
  erasedTables.map((table) => [
    table,
    [
      ...new Set([
        ...[...personalColumns.filter(({ isCiphertext }) => !isCiphertext), ...columnsWithCopies].flatMap((each) =>
          each.table === table ? [each.column] : [],
        ),
        ...(recordedColumns[table] ?? []),
      ]),
    ],
  ]),
);

/**
 * Applies the privileges of the purge role on every table that has a tenant, including tables added later: select and delete rows, and change columns with
 * personal values. Restrictive policies limit it to tenants that are due, and to people whose erasure is due.
 */
async function applyPurgerGrants(sql: Sql, role: string, columns: ReadonlySet<string>): Promise<void> {
  const tables = await sql<{ table: string; guarded: boolean; guardedErasure: boolean }[]>`
    select n.nspname || '.' || c.relname as table, exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'purge_when_due') as guarded,
           exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'erase_when_due') as "guardedErasure"
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ${sql(weftSchemas)} and c.relkind in ('r', 'p')
       and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)`;
  const [functions] = await sql<{ due: boolean; erases: boolean }[]>`select to_regprocedure('app.purge_is_due()') is not null as due,
    to_regprocedure('app.erasure_is_due(uuid)') is not null and to_regclass('identity.privacy_requests') is not null as erases`;
  const canErase = (table: string): boolean => functions?.erases === true && erasedColumns.has(table);
  const wanted = new Set(
    functions?.due === true
      ? tables.flatMap(({ table }) => [
          `${table} select`,
          `${table} delete`,
          ...(table === "identity.tenants" ? [`${table} update(purge_started_at)`] : []),
          ...(tombstoneTables.has(table) ? [`${table} insert`] : []),
          ...(canErase(table)
            ? withColumnsAmong(columns, `${table} update(${(erasedColumns.get(table) ?? []).toSorted().join(",")})`)
            : []),
        ])
      : [],
  );
  const present = new Set((await readGrants(sql, role)).map(({ table, verb }) => withSortedColumns(`${table} ${verb}`)));
  const isGuardable = wanted.size > 0;
  const names = [...new Set(tables.map(({ table }) => table.slice(0, table.indexOf("."))))];
  const steps = [
    ...[...present].filter((line) => !wanted.has(line)).map((line) => statement("revoke", line, "from", role)),
    ...(isGuardable ? (await schemasWithoutUsage(sql, role, names)).map((name) => `grant usage on schema ${name} to ${quote(role)}`) : []),
    // Must come before the delete privilege.
    ...tables
      .filter(({ guarded }) => isGuardable && !guarded)
      .map(
        ({ table }) => `create policy purge_when_due on ${table} as restrictive for delete to ${quote(role)} using (app.purge_is_due())`,
      ),
    ...tables
      .filter(({ table, guardedErasure }) => isGuardable && !guardedErasure && canErase(table))
      .map(
        ({ table }) =>
          `create policy erase_when_due on ${table} as restrictive for update to ${quote(role)} using (${erasurePolicyOf(table)})`,
      ),
    ...[...wanted].filter((line) => !present.has(line)).map((line) => statement("grant", line, "to", role)),
  ];
  // One round trip, because there can be over a hundred steps.
  if (steps.length > 0) await sql.unsafe(steps.join("; "));
}

/** The catalog lists columns in the order of the table. */
const withSortedColumns = (line: string): string =>
  line.replace(/\((.+)\)$/, (_all, names: string) => `(${names.split(",").toSorted().join(",")})`);

async function schemasWithoutUsage(sql: Sql, role: string, names: readonly string[]): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select name from unnest(${[...names]}::text[]) name where not has_schema_privilege(${role}, name, 'usage')`;
  return rows.map(({ name }) => name);
}

/** Returns the line with only its existing columns, or none if no column remains. After a `down`, a listed column may be missing. */
function withColumnsAmong(columns: ReadonlySet<string>, line: string): string[] {
  const [, table, verb, listed] = /^(\S+) (\w+)\((.+)\)$/.exec(line) ?? [];
  if (listed === undefined) return [line];
  const left = listed.split(",").filter((column) => columns.has(`${table}.${column}`));
  return left.length === 0 ? [] : [`${table} ${verb}(${left.join(",")})`];
}

/** Created here and not in a migration, because the names of the roles are configurable. */
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

/** Converts a line to a statement: `schema.table select(a,b)` → `grant select (a,b) on schema.table to role`. */
function statement(action: "grant" | "revoke", line: string, preposition: "to" | "from", role: string): string {
  const [table, verb] = line.split(" ");
  return `${action} ${verb} on ${table} ${preposition} ${quote(role)}`;
}

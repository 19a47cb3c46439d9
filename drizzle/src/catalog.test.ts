import { fileURLToPath } from "node:url";
import { getTableConfig } from "drizzle-orm/pg-core";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { testRoles } from "@weft/testkit/postgres/database-urls";
import { readGrants, weftSchemas } from "./catalog.js";
import { crossTenantPolicyName, listedGrants } from "./grants.js";
import { furtherPolicies, macroPolicies } from "./policies.js";
import { readDefinitions } from "./repeatable/definitions.js";
import { readRepeatables } from "./repeatable/files.js";
import { purgerName } from "./roles.js";
import { crossTenantPolicies, erasedTables, globalKeys, globalTables, tables } from "./index.js";
import type { RoleKind } from "./index.js";

let database: TestDatabase;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await cloneDatabase();
  sql = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
});

afterAll(async () => {
  await sql.end();
  await database.drop();
});

const tablesInCode = tables
  .map((table) => getTableConfig(table))
  .map((config) => ({ ...config, fullName: `${config.schema}.${config.name}` }));

async function tablesInCatalog(): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`select schemaname || '.' || tablename as name from pg_tables
    where schemaname in ${sql([...weftSchemas, "app_migrations"])} order by 1`;
  return rows.map((row) => row.name);
}

/** `numeric(18, 2)` and `numeric(18,2)` are the same type. */
const plain = (type: string) => type.replaceAll(", ", ",");

describe("the tables in code match the catalog", () => {
  test("all of them and no others", async () => {
    const known = [...tablesInCode.map((table) => table.fullName), "app_migrations.schema_migrations", "app_migrations.repeatable"];
    expect(await tablesInCatalog()).toEqual(known.toSorted());
  });

  test("column by column, with type and nullability", async () => {
    const rows = await sql<{ line: string }[]>`
      select n.nspname || '.' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
             || case when a.attnotnull then ' not null' else '' end as line
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       where n.nspname in ${sql(weftSchemas)} and c.relkind in ('r', 'p')`;
    const inCode = tablesInCode.flatMap((table) =>
      table.columns.map(
        (column) => `${table.fullName}.${column.name} ${plain(column.getSQLType())}${column.notNull || column.primary ? " not null" : ""}`,
      ),
    );
    expect(rows.map((row) => plain(row.line)).toSorted()).toEqual(inCode.toSorted());
  });

  test("with the same primary keys", async () => {
    const rows = await sql<{ line: string }[]>`
      select k.conrelid::regclass::text || ' ' || (
               select string_agg(a.attname, ',' order by p.n) from unnest(k.conkey) with ordinality p(num, n)
                 join pg_attribute a on a.attrelid = k.conrelid and a.attnum = p.num) as line
        from pg_constraint k join pg_namespace n on n.oid = k.connamespace where k.contype = 'p' and n.nspname in ${sql(weftSchemas)}`;
    const inCode = tablesInCode.map((table) => {
      const single = table.columns.filter((column) => column.primary);
      const columns = table.primaryKeys[0]?.columns ?? single;
      return `${table.fullName} ${columns.map((column) => column.name).join(",")}`;
    });
    expect(rows.map((row) => row.line).toSorted()).toEqual(inCode.toSorted());
  });
});

test("each function, trigger, and policy not written by a macro has a file, and each file has its object", async () => {
  const present = [...(await readDefinitions(sql)).keys()].filter(
    (name) => !/^policies\/.*\.(tenant|vendor|vendor_delete|(?:purge|erase)_when_due|across_tenants_\w+)$/.test(name),
  );
  const inFiles = readRepeatables(fileURLToPath(new URL("..", import.meta.url))).files.filter(({ isDrop }) => !isDrop);
  // An object that is only in the database has lost its file and would remain in new databases. Add a file that drops it.
  expect(present.toSorted()).toEqual(inFiles.map(({ name }) => name).toSorted());
});

describe("row-level security", () => {
  test("is enabled and forced on every table that is not listed as global, by the policies of the macro", async () => {
    const rows = await sql<{ table: string; forced: boolean; policies: string[] }[]>`
      select n.nspname || '.' || c.relname as table, c.relrowsecurity and c.relforcerowsecurity as forced,
             array(select p.polname || ' ' || case when p.polpermissive then 'permissive' else 'restrictive' end || ' ' || p.polcmd::text
                     from pg_policy p where p.polrelid = c.oid and p.polroles = '{0}' order by 1)::text[] as policies
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ${sql([...weftSchemas, "app_migrations"])} and c.relkind in ('r', 'p')`;
    const unprotected = rows
      .filter(({ table }) => !Object.hasOwn(globalTables, table))
      .filter(
        ({ table, forced, policies }) =>
          !forced || policies.filter((policy) => !furtherPolicies[table]?.includes(policy)).join() !== macroPolicies.join(),
      );
    expect(unprotected).toEqual([]);
  });

  test("allows access across tenants exactly as listed", async () => {
    const rows = await sql<{ line: string }[]>`
      select schemaname || '.' || tablename || ' ' || policyname || ' ' || lower(cmd) || ' ' || array_to_string(roles, ',') || ' ' || qual as line
        from pg_policies where schemaname in ${sql(weftSchemas)} and not 'public' = any(roles) and permissive = 'PERMISSIVE'`;
    const listed = crossTenantPolicies.map(
      ({ role, table, command }) => `${table} ${crossTenantPolicyName(role)} ${command} ${testRoles[role].name} true`,
    );
    expect(rows.map((row) => row.line).toSorted()).toEqual(listed.toSorted());
  });

  test("uses policies of plain function calls, which a sharded database can push down", async () => {
    const rows = await sql`select tablename, policyname, qual, with_check from pg_policies
      where schemaname in ${sql(weftSchemas)} and (coalesce(qual, '') || coalesce(with_check, '')) ~* '(select|is null|is not null)'`;
    expect([...rows]).toEqual([]);
  });

  test("cannot be bypassed by a view or a function of the owner", async () => {
    const views = await sql`select c.oid::regclass::text as view from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ${sql(weftSchemas)} and (c.relkind = 'm' or c.relkind = 'v' and not coalesce(c.reloptions::text[] @> array['security_invoker=true'], false))`;
    const functions = await sql`select p.oid::regprocedure::text as function from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname in ${sql(weftSchemas)} and p.prosecdef`;
    expect({ views: [...views], functions: [...functions] }).toEqual({ views: [], functions: [] });
  });
});

describe("keys", () => {
  test("primary, unique, and foreign keys start with the tenant on both sides", async () => {
    const rows = await sql<{ table: string; name: string }[]>`
      select c.oid::regclass::text as table, k.name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        join lateral (
          select conname as name, conkey[1] as first, case when contype = 'f' then
                   (select attname from pg_attribute where attrelid = confrelid and attnum = confkey[1]) else 'tenant_id' end as referenced
            from pg_constraint where conrelid = c.oid and contype in ('p', 'u', 'f')
          union all
          select i.indexrelid::regclass::text, i.indkey[0], 'tenant_id' from pg_index i where i.indrelid = c.oid and i.indisunique
            and not exists (select from pg_constraint where conindid = i.indexrelid)) k on true
       where n.nspname in ${sql(weftSchemas)} and c.relkind in ('r', 'p')
         and (k.referenced <> 'tenant_id' or (select attname from pg_attribute where attrelid = c.oid and attnum = k.first) is distinct from 'tenant_id')`;
    const unexpected = rows.filter(({ table, name }) => !Object.hasOwn(globalTables, table) && !Object.hasOwn(globalKeys, name));
    expect(unexpected).toEqual([]);
  });

  // Every foreign key added here costs a query per row of each write: docs/explanation/decisions/0011.
  test("rows that only instance writes create have no foreign keys: the invariant checker finds rows without an instance", async () => {
    const written = [
      "workflows.history",
      "workflows.instance_fields",
      "workflows.instance_words",
      "events.log",
      "events.outbox",
      "audit.entries",
      "audit.unsealed",
    ];
    const rows =
      await sql`select conrelid::regclass::text as table, conname from pg_constraint where contype = 'f' and conrelid = any(${written}::regclass[])`;
    expect([...rows]).toEqual([]);
  });
});

describe("privileges", () => {
  test.each<RoleKind>(["app", "worker", "auth"])("of %s match the list", async (kind) => {
    const granted = (await readGrants(sql, testRoles[kind].name)).map(({ table, verb }) => `${table} ${verb}`);
    expect(granted.toSorted()).toEqual(listedGrants(kind).toSorted());
  });

  test("no role can change or delete history or audit entries; only the worker can delete events, and none can change them", async () => {
    const rows = await sql`
      select r.rolname as role, t.name as table, verb from pg_roles r cross join unnest(array['update', 'delete', 'truncate']) verb
       cross join unnest(array['workflows.history', 'events.log', 'audit.entries', 'audit.seals', 'audit.checkpoints']) t(name)
       where r.rolname in ${sql(Object.values(testRoles).map((role) => role.name))} and has_table_privilege(r.rolname, t.name, verb)`;
    expect([...rows]).toEqual([{ role: testRoles.worker.name, table: "events.log", verb: "delete" }]);
  });

  test("the purge role can read and delete tenant rows once their retention period has ended; weft_worker does not inherit its privileges", async () => {
    const purger = purgerName(testRoles);
    const granted = await readGrants(sql, purger);
    const ofTenants = tablesInCode
      .filter(({ columns }) => columns.some(({ name }) => name === "tenant_id"))
      .map(({ fullName }) => fullName);
    const withVerb = (verb: string) => granted.filter((grant) => grant.verb === verb).map(({ table }) => table);
    expect([withVerb("select").toSorted(), withVerb("delete").toSorted()]).toEqual([ofTenants.toSorted(), ofTenants.toSorted()]);
    const others = granted.filter(({ verb }) => verb !== "select" && verb !== "delete").map(({ table, verb }) => `${table} ${verb}`);
    const [erasing, further] = [others.filter((line) => erasedTables.some((table) => line.startsWith(`${table} update(`))), others];
    expect(further.filter((line) => !erasing.includes(line)).toSorted()).toEqual([
      "audit.entries insert",
      "audit.unsealed insert",
      "identity.tenants update(purge_started_at)",
    ]);
    const erased = erasedTables.filter((table) => ofTenants.includes(table)).toSorted();
    expect(erasing.map((line) => line.slice(0, line.indexOf(" "))).toSorted()).toEqual(erased);
    const guarded = await sql<{ table: string }[]>`select schemaname || '.' || tablename as table from pg_policies
      where policyname = 'purge_when_due' and permissive = 'RESTRICTIVE' and cmd = 'DELETE' and roles = ${[purger]} and qual = 'app.purge_is_due()'`;
    expect(guarded.map(({ table }) => table).toSorted()).toEqual(ofTenants.toSorted());
    const guardedUpdates = await sql<{ table: string }[]>`select schemaname || '.' || tablename as table from pg_policies
      where policyname = 'erase_when_due' and permissive = 'RESTRICTIVE' and cmd = 'UPDATE' and roles = ${[purger]} and qual like '%erasure_is_due(%'`;
    expect(guardedUpdates.map(({ table }) => table).toSorted()).toEqual(erased);
    const [worker] =
      await sql`select pg_has_role(${testRoles.worker.name}, ${purger}, 'member') as member, pg_has_role(${testRoles.worker.name}, ${purger}, 'usage') as inherits,
      (select count(*)::int from pg_auth_members m where m.roleid = ${purger}::regrole and m.member <> ${testRoles.worker.name}::regrole and not (select rolsuper or rolcreaterole from pg_roles where oid = m.member)) as others`;
    expect(worker).toEqual({ member: true, inherits: false, others: 0 });
  });

  test("no other role has any, and one role that Weft does not use for tenants owns everything", async () => {
    const open = await sql`
      select c.oid::regclass::text as relation from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a
       where n.nspname in ${sql(weftSchemas)} and a.grantee = 0`;
    const owners = await sql<{ owner: string }[]>`
      select distinct pg_get_userbyid(c.relowner) as owner from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in ${sql(weftSchemas)}`;
    expect([...open]).toEqual([]);
    expect(owners).toHaveLength(1);
    expect(Object.values(testRoles).map((role) => role.name)).not.toContain(owners[0]?.owner);
  });
});

import { weftSchemas } from "@weft/drizzle";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabases } from "../open.js";
import { policyFunctions } from "./policy-functions.js";

let database: TestDatabase;
let owner: postgres.Sql;

beforeAll(async () => {
  database = await cloneDatabase();
  owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
});

afterAll(async () => {
  await owner.end();
  await database.drop();
});

/** Returns the problems that a start reports about the database. Empty if it starts. */
async function refusal(): Promise<string> {
  try {
    const databases = await openDatabases({ ...database });
    await databases.close();
    return "";
  } catch (error) {
    return String(error);
  }
}

describe("startup fails, with the table and what to do, when", () => {
  test.each<[what: string, damage: string, repair: string, says: RegExp]>([
    [
      "row-level security is off on a table",
      "alter table requests.requests disable row level security",
      "alter table requests.requests enable row level security",
      /Row-level security is off on requests\.requests.*Run as its owner: alter table requests\.requests enable row level security/,
    ],
    [
      "row-level security is not forced on a table",
      "alter table workflows.tasks no force row level security",
      "alter table workflows.tasks force row level security",
      /Row-level security of workflows\.tasks is not forced.*alter table workflows\.tasks force row level security/,
    ],
    [
      "a restrictive policy has become permissive, as Citus makes it on its shards",
      "drop policy vendor on vendors.projects; create policy vendor on vendors.projects as permissive for all using (app.is_staff() or app.vendor_sees(id)) with check (app.is_staff() or app.vendor_sees(id))",
      "drop policy vendor on vendors.projects; create policy vendor on vendors.projects as restrictive for all using (app.is_staff() or (app.vendor_sees(id))) with check (app.is_staff() or (app.vendor_sees(id))); call app.record_policies('vendors.projects')",
      /The policy vendor of vendors\.projects is permissive for all commands, but the migrations wrote: restrictive for all commands/,
    ],
    [
      "the tenant's policy differs from the expected one",
      "alter policy tenant on requests.assets using (true)",
      "alter policy tenant on requests.assets using (tenant_id = app.tenant())",
      /The policy tenant of requests\.assets says: using true .*The migrations wrote: using \(tenant_id = app\.tenant\(\)\)/,
    ],
    [
      "a vendor's policy exposes more than the migration defined",
      "alter policy vendor on identity.users using (true)",
      "alter policy vendor on identity.users using (app.is_staff() or (id = app.user_id() or vendor_id = app.vendor()))",
      /The policy vendor of identity\.users says: using true .*The migrations wrote: using \(app\.is_staff\(\) OR /,
    ],
    [
      "a policy applies to other roles",
      "alter policy tenant on identity.teams to weft_owner",
      "alter policy tenant on identity.teams to public",
      /The policy tenant of identity\.teams is for other roles/,
    ],
    [
      "a policy is missing",
      "alter policy vendor_delete on audit.seals rename to other",
      "alter policy other on audit.seals rename to vendor_delete",
      /The policy vendor_delete of audit\.seals is missing/,
    ],
    [
      "the purge is not restricted to tenants whose retention period has ended",
      "drop policy purge_when_due on audit.entries",
      "create policy purge_when_due on audit.entries as restrictive for delete to weft_worker_purge using (app.purge_is_due())",
      /The policy purge_when_due of audit\.entries is missing/,
    ],
    [
      "an added policy opens a table",
      "create policy reporting on workflows.history for select using (true)",
      "drop policy reporting on workflows.history",
      /The policy reporting of workflows\.history is not one of Weft's.*drop policy reporting on workflows\.history/,
    ],
    [
      "a role reads across tenants although it is not on the list",
      "create policy across_tenants_worker on requests.requests for select to weft_worker using (true)",
      "drop policy across_tenants_worker on requests.requests",
      /The policy across_tenants_worker of requests\.requests is not one of Weft's/,
    ],
    [
      "a published definition is mutable",
      "drop policy published_stays on workflows.definitions",
      "create policy published_stays on workflows.definitions as restrictive for update using (true) with check (status <> 'DRAFT' or (current_user like '%\\_purge' and app.erasure_is_due(created_by))); call app.record_policies('workflows.definitions')",
      /The policy published_stays of workflows\.definitions is missing/,
    ],
    [
      "the configuration of all tenants is writable",
      "alter policy platform_writes on app.shared_configurations with check (true)",
      "alter policy platform_writes on app.shared_configurations with check (app.in_platform_tenant())",
      /The policy platform_writes of app\.shared_configurations says/,
    ],
    [
      "an added table has no policies",
      "create table workflows.history_2027 (like workflows.history including all)",
      "drop table workflows.history_2027",
      /Row-level security is off on workflows\.history_2027/,
    ],
    [
      "a view reads rows with the privileges of its owner",
      "create view requests.everything as select * from requests.requests; grant select (id) on requests.everything to weft_app",
      "drop view requests.everything",
      /The view requests\.everything reads rows with the privileges of its owner.*alter view requests\.everything set \(security_invoker = true\)/,
    ],
    [
      "a view is no longer a security invoker view",
      "alter view workflows.instance_heads reset (security_invoker)",
      "alter view workflows.instance_heads set (security_invoker = true)",
      /The view workflows\.instance_heads reads rows with the privileges of its owner/,
    ],
    [
      "a materialized view contains the rows of all tenants",
      "create materialized view identity.people as select * from identity.users; grant select on identity.people to public",
      "drop materialized view identity.people",
      /The materialized view identity\.people has no row-level security, and a login of Weft can read it/,
    ],
    [
      "a function runs with the rights of its owner",
      "create function app.count_all() returns bigint language sql security definer as 'select count(*) from requests.requests'",
      "drop function app.count_all()",
      /The function app\.count_all\(\) runs with the privileges of its owner \(SECURITY DEFINER\)/,
    ],
    [
      "the policy function for the tenant has been replaced",
      "create or replace function app.tenant() returns uuid language sql stable parallel safe return (select tenant_id from identity.tenants limit 1)",
      "create or replace function app.tenant() returns uuid language sql stable parallel safe return nullif(current_setting('app.tenant_id', true), '')::uuid",
      /The function app\.tenant\(\), by which policies tell tenants and vendors apart, says: .*The migrations wrote: RETURN \(NULLIF/s,
    ],
    [
      "the policy function for staff treats every user as staff",
      "create or replace function app.is_staff() returns boolean language sql stable parallel safe return true",
      "create or replace function app.is_staff() returns boolean language sql stable parallel safe return (current_setting('app.vendor_id', true) > '') is not true",
      /The function app\.is_staff\(\), by which .* says: RETURN true\. The migrations wrote: RETURN \(\(current_setting.*functions\/app\/is_staff\.sql/,
    ],
    [
      "the policy function for vendor access exposes everything",
      "create or replace function app.vendor_sees(object uuid) returns boolean language plpgsql stable parallel safe as $$ begin return true; end $$",
      `create or replace function app.vendor_sees(object uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from app.object_access a where a.tenant_id = app.tenant() and a.object_id = object and a.vendor_id = app.vendor());
end $$`,
      /The function app\.vendor_sees\(uuid\), by which .* says: begin return true; end\. .*functions\/app\/vendor_sees\.sql/,
    ],
    [
      "personal values can be replaced without an approved erasure",
      "drop policy erase_when_due on requests.comments",
      "create policy erase_when_due on requests.comments as restrictive for update to weft_worker_purge using (app.erasure_is_due(author_id))",
      /The policy erase_when_due of requests\.comments is missing/,
    ],
    [
      "the function that restricts the purge to its time always allows it",
      "create or replace function app.purge_is_due() returns boolean language plpgsql stable parallel safe as $$ begin return true; end $$",
      `create or replace function app.purge_is_due() returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from identity.tenants t
     where t.tenant_id = app.tenant() and t.kind = 'CUSTOMER' and t.status = 'ARCHIVED' and t.purge_at <= now()
       and not exists (select from identity.legal_holds h where h.tenant_id = t.tenant_id and h.ended_at is null));
end $$`,
      /The function app\.purge_is_due\(\), by which .*drizzle\/functions\/app\/purge_is_due\.sql/,
    ],
    [
      "foreign keys are not enforced",
      "alter table requests.requests disable trigger all",
      "alter table requests.requests enable trigger all",
      /The trigger .* of requests\.requests is disabled, so a constraint \(a foreign key\) is not enforced.*enable trigger all/,
    ],
    [
      "one of our triggers is disabled",
      "alter table workflows.tasks disable trigger task_candidates_opened",
      "alter table workflows.tasks enable trigger task_candidates_opened",
      /The trigger task_candidates_opened of workflows\.tasks is disabled\. Run/,
    ],
  ])("%s", async (_what, damage, repair, says) => {
    expect(await refusal()).toBe("");
    await owner.unsafe(damage);
    try {
      expect(await refusal()).toMatch(says);
    } finally {
      await owner.unsafe(repair);
    }
    expect(await refusal()).toBe("");
  });

  test("Citus distributes a table of Weft's", async () => {
    // Stock PostgreSQL with Citus's own catalog as its extension creates it. This is all that a start reads of Citus.
    await owner.unsafe(`set allow_system_table_mods = on;
      create table pg_catalog.pg_dist_partition (logicalrelid regclass not null, partmethod "char" not null, partkey text, colocationid integer not null default 0, repmodel "char" not null default 'c');
      grant select on pg_catalog.pg_dist_partition to public;
      create table public.of_somebody_else (id int); insert into pg_catalog.pg_dist_partition (logicalrelid, partmethod) values ('public.of_somebody_else', 'h')`);
    expect(await refusal()).toBe("");
    await owner.unsafe(
      "insert into pg_catalog.pg_dist_partition (logicalrelid, partmethod) values ('requests.requests', 'h'), ('identity.tenants', 'n')",
    );
    expect(await refusal()).toMatch(
      /Citus distributes identity\.tenants\. It drops "AS RESTRICTIVE".*undistribute_table\('identity\.tenants'\).*Citus distributes requests\.requests/s,
    );
    await owner.unsafe("drop table pg_catalog.pg_dist_partition; drop table public.of_somebody_else; set allow_system_table_mods = off");
    expect(await refusal()).toBe("");
  });
});

test("checks the body of each function that a policy calls", async () => {
  const called = await owner<{ name: string }[]>`
    select distinct d.refobjid::regprocedure::text as name from pg_depend d join pg_proc p on p.oid = d.refobjid join pg_namespace n on n.oid = p.pronamespace
     where d.classid = 'pg_policy'::regclass and d.refclassid = 'pg_proc'::regclass and n.nspname <> 'pg_catalog'`;
  expect(called.length).toBeGreaterThan(5);
  expect(Object.keys(policyFunctions)).toEqual(expect.arrayContaining(called.map(({ name }) => name)));
});

test("distinguishes a database that an older version migrated from one that was changed", async () => {
  const earlier = await cloneDatabase();
  const sql = postgres(earlier.ownerUrl, { max: 1, onnotice: () => {} });
  await sql.unsafe(`do $$ declare p record; begin for p in select polname, polrelid::regclass as target from pg_policy
    loop execute format('comment on policy %I on %s is null', p.polname, p.target); end loop; end $$`);
  await sql.end();
  await expect(openDatabases({ ...earlier })).rejects.toThrow(
    /used in its current state:\n- The database has not been migrated to this version[^\n]*$/,
  );
  await earlier.drop();
});

test("accepts a policy that only narrows access, and the operator's own search path", async () => {
  const { name } = database;
  await owner.unsafe(
    `create policy night on requests.requests as restrictive for select using (true); alter database ${name} set search_path = app, identity, public`,
  );
  expect(await refusal()).toBe("");
  await owner.unsafe(`drop policy night on requests.requests; alter database ${name} reset search_path`);
});

test("accepts objects that no Weft login can reach, and views and functions that run as the invoker", async () => {
  await owner.unsafe(`create materialized view identity.for_the_operator as select count(*) from identity.users;
    create view requests.own with (security_invoker = true) as select * from requests.requests; grant select on requests.own to weft_app;
    create function app.of_the_operator() returns int language sql security definer as 'select 1'; revoke execute on function app.of_the_operator() from public`);
  expect(await refusal()).toBe("");
  await owner.unsafe("drop materialized view identity.for_the_operator; drop view requests.own; drop function app.of_the_operator()");
});

test("bounds the list of problems both in the log and in the error", async () => {
  await owner.unsafe(`do $$ declare t regclass; begin for t in select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any('{${weftSchemas.join()}}') and c.relrowsecurity loop execute format('alter table %s no force row level security', t); end loop; end $$`);
  const said = await refusal();
  expect(said.split("\n").length).toBeLessThan(20);
  expect(said).toMatch(/\d+ more problems of row-level security/);
  await owner.unsafe(`do $$ declare t regclass; begin for t in select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any('{${weftSchemas.join()}}') and c.relrowsecurity loop execute format('alter table %s force row level security', t); end loop; end $$`);
  expect(await refusal()).toBe("");
});

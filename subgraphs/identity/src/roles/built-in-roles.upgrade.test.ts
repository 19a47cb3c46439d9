import { migrate, migrationNames } from "@weft/drizzle";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { testRoles } from "@weft/testkit/postgres/database-urls";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Grant } from "../rights/grant.js";
import { grantsAtBaseline } from "./built-in-roles.baseline.fixture.js";
import { builtInRoles } from "./built-in-roles.js";

type Granted = Record<string, readonly Grant[]>;

let database: TestDatabase;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await cloneDatabase();
  sql = postgres(database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

const present: Granted = Object.fromEntries(Object.entries(builtInRoles).map(([key, { grants }]) => [key, grants]));
/** As before a release that introduces these permissions. */
const isNew = ({ permission }: Grant): boolean => /^(sla|schedule)\./.test(permission);
const before: Granted = Object.fromEntries(Object.entries(present).map(([key, grants]) => [key, grants.filter((grant) => !isNew(grant))]));

/** Inserts a tenant with these built-in roles and a role of its own. Returns its ID. */
async function aTenant(slug: string, builtIn: Granted, own: readonly Grant[]): Promise<string> {
  const [tenant] = await sql<{ id: string }[]>`
    insert into identity.tenants (tenant_id, slug, name) values (gen_random_uuid(), ${slug}, ${slug}) returning tenant_id as id`;
  const tenantId = tenant?.id ?? "";
  for (const [key, grants] of Object.entries({ ...builtIn, night_desk: own })) {
    const [role] = await sql<{ id: string }[]>`
      insert into identity.roles (tenant_id, id, key, name, is_built_in) values (${tenantId}, gen_random_uuid(), ${key}, ${key}, ${key !== "night_desk"}) returning id`;
    const rows = grants.map(({ permission, scope }) => ({ tenant_id: tenantId, role_id: role?.id ?? "", permission, scope }));
    if (rows.length > 0) await sql`insert into identity.role_permissions ${sql(rows)}`;
  }
  return tenantId;
}

const inOrder = (granted: Granted): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(granted).map(([key, grants]) => [key, grants.map(({ permission, scope }) => `${permission} ${scope}`).toSorted()]),
  );

async function grantsOf(tenantId: string): Promise<Record<string, string[]>> {
  const rows = await sql<({ key: string } & Grant)[]>`
    select r.key, p.permission, p.scope from identity.roles r join identity.role_permissions p on p.tenant_id = r.tenant_id and p.role_id = r.id
     where r.tenant_id = ${tenantId}`;
  return inOrder(Object.fromEntries(Map.groupBy(rows, ({ key }) => key)));
}

/** Undoes all migrations since the baseline, and applies them again. */
async function upgrade(): Promise<void> {
  const count = migrationNames().length - 1;
  if (count === 0) return;
  for (const direction of ["down", "up"] as const) await migrate({ ownerUrl: database.ownerUrl, roles: testRoles, direction, count });
}

/** Grants the new permissions as the migration of that release would. */
async function grantNew(): Promise<void> {
  const grants = Object.fromEntries(
    Object.entries(present).map(([key, all]) => [
      key,
      Object.fromEntries(
        [...Map.groupBy(all.filter(isNew), ({ scope }) => scope)].map(([scope, some]) => [scope, some.map(({ permission }) => permission)]),
      ),
    ]),
  );
  await sql.begin(async (tx) => {
    await tx`set local role weft_owner`;
    await tx`call app.grant_to_built_in_roles(${tx.json(grants)})`;
  });
}

test("migrations give the built-in roles of a tenant from before the baseline the permissions that a new tenant's have", async () => {
  const old = await aTenant("old", grantsAtBaseline, []);
  await upgrade();
  const { night_desk: own, ...found } = await grantsOf(old);
  expect(own).toBeUndefined();
  expect(found, "For a permission that is new, add a migration that calls app.grant_to_built_in_roles.").toEqual(inOrder(present));
});

test("built-in roles of existing tenants get new permissions, and a tenant's own roles and choices stay", async () => {
  const own: Grant[] = [{ permission: "task.read", scope: "TEAM" }];
  const chosen: Grant[] = [{ permission: "schedule.read", scope: "TENANT" }];
  const existing = await aTenant("existing", before, own);
  const fresh = await aTenant("fresh", present, own);
  const choosing = await aTenant("choosing", before, chosen);
  const without: Granted = { ...present, viewer: present["viewer"]?.filter(({ permission }) => permission !== "sla.read") ?? [] };
  const revoking = await aTenant("revoking", without, own);
  await grantNew();
  const expected: Record<string, string[]> = { ...inOrder(present), night_desk: ["task.read TEAM"] };
  expect(await grantsOf(existing)).toEqual(expected);
  expect(await grantsOf(fresh)).toEqual(expected);
  // A role of its own has the permission already, so the tenant has decided which roles have it.
  const found = await grantsOf(choosing);
  expect(found["night_desk"]).toEqual(["schedule.read TENANT"]);
  expect(found["viewer"]).toEqual(expected["viewer"]?.filter((one) => one !== "schedule.read TENANT"));
  expect(await grantsOf(revoking)).toEqual({ ...inOrder(without), night_desk: ["task.read TEAM"] });
  const versions = await sql<{ key: string; version: number }[]>`
    select key, version from identity.roles where tenant_id = ${existing} and key in ('viewer', 'requester', 'night_desk') order by key`;
  expect(versions.map(({ key, version }) => `${key} ${version}`)).toEqual(["night_desk 1", "requester 1", "viewer 2"]);
  // Repeating it changes nothing.
  await grantNew();
  expect(await grantsOf(existing)).toEqual(expected);
});

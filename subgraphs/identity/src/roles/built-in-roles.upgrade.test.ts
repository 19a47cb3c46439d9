import { migrate } from "@weft/drizzle";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { testRoles } from "@weft/testkit/postgres/database-urls";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Grant } from "../rights/grant.js";
import { builtInRoles } from "./built-in-roles.js";

/** The migration that first granted later permissions to existing tenants. Earlier ones granted `configuration.*` and `task.assign`. */
const first = "0046";

/** Permissions that built-in roles had in the first build. This list never changes: for a new permission, add a migration. */
const original = new Set(
  `tenant.read tenant.update user.read user.create user.update role.read role.update team.read team.update definition.read definition.create
  definition.publish workflow.read workflow.start workflow.fire workflow.cancel task.read task.claim task.complete task.assign request.read request.create
  request.update request.submit request.cancel request.assign requestType.read requestType.create building.read building.create building.update asset.read
  asset.create asset.update vendor.read vendor.create vendor.update vendor.deactivate project.read project.create audit.read audit.verify
  notification.read`.split(/\s+/),
);

/** Permissions that other built-in roles had in the first build, but not this one. */
const granted: Readonly<Record<string, string>> = { vendor_user: "project.read" };

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
const before: Granted = Object.fromEntries(
  Object.entries(present).map(([key, grants]) => [
    key,
    grants.filter(
      ({ permission }) =>
        (original.has(permission) && permission !== granted[key]) || (key === "admin" && permission.startsWith("configuration.")),
    ),
  ]),
);

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

async function upgrade(): Promise<void> {
  const [later] = await sql<
    { count: number }[]
  >`select count(*)::int as count from app_migrations.schema_migrations where name >= ${first}`;
  for (const direction of ["down", "up"] as const)
    await migrate({ ownerUrl: database.ownerUrl, roles: testRoles, direction, count: later?.count ?? 0 });
}

test("built-in roles of a tenant from before get the permissions that a new tenant's have, and a tenant's own roles and choices stay", async () => {
  const own: Grant[] = [{ permission: "task.read", scope: "TEAM" }];
  const chosen: Grant[] = [{ permission: "schedule.read", scope: "TENANT" }];
  const old = await aTenant("old", before, own);
  const fresh = await aTenant("fresh", present, own);
  const choosing = await aTenant("choosing", before, chosen);
  const without: Granted = { ...present, viewer: present["viewer"]?.filter(({ permission }) => permission !== "sla.read") ?? [] };
  const revoking = await aTenant("revoking", without, own);
  await upgrade();
  const expected: Record<string, string[]> = { ...inOrder(present), night_desk: ["task.read TEAM"] };
  expect(await grantsOf(old), "For a permission that is new, add a migration that calls app.grant_to_built_in_roles.").toEqual(expected);
  expect(await grantsOf(fresh)).toEqual(expected);
  // A role of its own has the permission already, so the tenant has decided which roles have it.
  const found = await grantsOf(choosing);
  expect(found["night_desk"]).toEqual(["schedule.read TENANT"]);
  expect(found["viewer"]).toEqual(expected["viewer"]?.filter((one) => one !== "schedule.read TENANT"));
  expect(await grantsOf(revoking)).toEqual({ ...inOrder(without), night_desk: ["task.read TEAM"] });
  const versions = await sql<{ key: string; version: number }[]>`
    select key, version from identity.roles where tenant_id = ${old} and key in ('viewer', 'requester', 'night_desk') order by key`;
  expect(versions.map(({ key, version }) => `${key} ${version}`)).toEqual(["night_desk 1", "requester 4", "viewer 8"]);
  // Repeating it changes nothing.
  await upgrade();
  expect(await grantsOf(old)).toEqual(expected);
});

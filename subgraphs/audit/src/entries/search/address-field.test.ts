import { asTenant } from "@weft/platform/db";
import { decodeId } from "@weft/shared/ids";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: TestWeft;
beforeAll(async () => {
  weft = await startTestWeft({ settings: { WEFT_TRUSTED_PROXIES: "127.0.0.1" } });
});
afterAll(() => weft.stop());

const [office, home] = ["192.0.2.7", "2001:db8::7"];

/** Creates a building from an address. */
async function build({ token }: TestUser, code: string, address: string): Promise<void> {
  const query = "mutation ($code: String!) { createBuilding(input: { code: $code, name: $code }) { building { id } } }";
  const response = await fetch(`${weft.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}`, "x-forwarded-for": address },
    body: JSON.stringify({ query, variables: { code } }),
  });
  expect(await response.json()).toMatchObject({ data: { createBuilding: { building: {} } } });
}

const created = { action: { eq: "building.create" } };
const recently = { at: { gte: "2026-01-01T00:00:00Z" } };

/** Returns the codes of the buildings whose creation a filter finds. */
async function found(user: TestUser, filter: object): Promise<readonly string[]> {
  const query = "query ($filter: AuditEntryFilter) { auditEntries(first: 50, filter: $filter) { edges { node { after } } } }";
  const { auditEntries } = await user.run<{ auditEntries: { edges: { node: { after: { code: string } } }[] } }>(query, {
    filter: { ...created, ...filter },
  });
  return auditEntries.edges.map(({ node }) => node.after.code).toSorted();
}

/** A tenant in which two users have created buildings: from the office, and from home. */
async function twoBuilders(): Promise<{ readonly tenant: TestTenant; readonly olga: TestUser }> {
  const tenant = await weft.tenant();
  const olga = await tenant.user("operations");
  await build(tenant.admin, "ADMIN-OFFICE", office);
  await build(tenant.admin, "ADMIN-HOME", home);
  await build(olga, "OLGA-OFFICE", office);
  return { tenant, olga };
}

test("an address finds the entries of all actors who acted from it, and no others", async () => {
  const { tenant } = await twoBuilders();
  expect(await found(tenant.admin, { ...recently, address: { eq: office } })).toEqual(["ADMIN-OFFICE", "OLGA-OFFICE"]);
  expect(await found(tenant.admin, { ...recently, address: { in: [home, "192.0.2.8"] } })).toEqual(["ADMIN-HOME"]);
  expect(await found(tenant.admin, { ...recently, address: { eq: "192.0.2.8" } })).toEqual([]);
});

test("an address can be combined with an actor, negated, and nested", async () => {
  const { tenant, olga } = await twoBuilders();
  expect(await found(tenant.admin, { actorId: { eq: olga.id }, address: { eq: office } })).toEqual(["OLGA-OFFICE"]);
  expect(await found(tenant.admin, { ...recently, not: { address: { eq: office } } })).toEqual(["ADMIN-HOME"]);
  expect(await found(tenant.admin, { ...recently, or: [{ address: { eq: home } }, { actorId: { eq: olga.id } }] })).toEqual([
    "ADMIN-HOME",
    "OLGA-OFFICE",
  ]);
});

test("an address finds nothing of other organizations", async () => {
  await twoBuilders();
  const other = await weft.tenant();
  await build(other.admin, "OTHER", office);
  expect(await found(other.admin, { ...recently, address: { eq: office } })).toEqual(["OTHER"]);
});

test("an address finds nothing of a person whose key was destroyed", async () => {
  const { tenant, olga } = await twoBuilders();
  const { databases, keyring } = weft.weft.services;
  await asTenant(databases.app, { tenantId: tenant.id }, "write", (tx) => keyring.destroy(tx, tenant.id, decodeId("user", olga.id)));
  expect(await found(tenant.admin, { ...recently, address: { eq: office } })).toEqual(["ADMIN-OFFICE"]);
});

test("entries from an address can be counted", async () => {
  const { tenant } = await twoBuilders();
  const query = "query ($filter: AuditEntryFilter) { auditEntryCounts(filter: $filter) { entries } }";
  const { auditEntryCounts } = await tenant.admin.run<{ auditEntryCounts: { entries: number }[] }>(query, {
    filter: { ...created, address: { eq: office } },
  });
  expect(auditEntryCounts.reduce((sum, { entries }) => sum + entries, 0)).toBe(2);
});

test("an address alone, which would read the whole trail, and more than 20 addresses are refused", async () => {
  const { admin } = await weft.tenant();
  const query = "query ($filter: AuditEntryFilter) { auditEntries(filter: $filter) { totalCount } }";
  const problemsOf = async (filter: object): Promise<unknown> =>
    (await admin.send(query, { filter })).errors?.map(({ extensions }) => extensions?.["problems"]);
  expect(await problemsOf({ address: { eq: office } })).toMatchObject([[{ path: "filter.address" }]]);
  const many = Array.from({ length: 21 }, (_, n) => `192.0.2.${n}`);
  expect(await problemsOf({ ...recently, address: { in: many } })).toMatchObject([[{ path: "filter.address" }]]);
});

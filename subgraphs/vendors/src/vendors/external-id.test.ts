import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let tenant: TestTenant;

beforeAll(async () => {
  weft = await sharedWeft();
  tenant = await weft.tenant();
});

const createVendor = "mutation ($input: CreateVendorInput!) { createVendor(input: $input) { vendor { id externalId } } }";
const updateVendor = "mutation ($input: UpdateVendorInput!) { updateVendor(input: $input) { vendor { id externalId version } } }";

interface Shown {
  readonly id: string;
  readonly externalId: string | null;
}

const created = async (user: TestUser, code: string, externalId?: string | null): Promise<Shown> =>
  (await user.run<{ createVendor: { vendor: Shown } }>(createVendor, { input: { code, name: code, externalId } })).createVendor.vendor;
const updated = (user: TestUser, input: Record<string, unknown>) => user.run(updateVendor, { input });

test("is set, replaced and removed by the mutations of a vendor, and audited", async () => {
  const { admin } = tenant;
  const { id, externalId } = await created(admin, "SET-1", "ERP-1");
  expect(externalId).toBe("ERP-1");
  expect(await updated(admin, { id, externalId: "ERP-2" })).toEqual({ updateVendor: { vendor: { id, externalId: "ERP-2", version: 2 } } });
  expect(await updated(admin, { id, name: "Renamed" })).toEqual({ updateVendor: { vendor: { id, externalId: "ERP-2", version: 3 } } });
  expect((await created(admin, "SET-2", "ERP-1")).externalId).toBe("ERP-1");
  expect(await updated(admin, { id, externalId: null })).toEqual({ updateVendor: { vendor: { id, externalId: null, version: 4 } } });
  expect((await created(admin, "SET-3", null)).externalId).toBe(null);
  const query = "query ($id: ID!) { vendor(id: $id) { auditTrail(first: 20) { edges { node { action } } } } }";
  const trail = await admin.run<{ vendor: { auditTrail: { edges: { node: { action: string } }[] } } }>(query, { id });
  expect(trail.vendor.auditTrail.edges.filter(({ node }) => node.action === "vendor.setExternalId")).toHaveLength(3);
});

test("of one vendor is refused for another vendor of the tenant", async () => {
  const { admin } = tenant;
  const first = await created(admin, "ONE-1", "ONE");
  const second = await created(admin, "ONE-2", "TWO");
  for (const [query, input] of [
    [createVendor, { code: "ONE-3", name: "Three", externalId: "ONE" }],
    [updateVendor, { id: second.id, externalId: "ONE" }],
  ] as const) {
    const { extensions } = await admin.refused(query, { input });
    expect(extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [{ path: "input.externalId", message: 'The external ID "ONE" is already taken. Choose another one.' }],
    });
    expect(JSON.stringify(extensions)).not.toContain(first.id);
  }
  for (const externalId of ["", " ", "x".repeat(201)])
    expect(await admin.refusal(updateVendor, { input: { id: second.id, externalId } })).toBe("BAD_USER_INPUT");
  // Other lists and other tenants have IDs of their own.
  const building = 'mutation { createBuilding(input: { code: "ONE", name: "One", externalId: "ONE" }) { building { externalId } } }';
  expect(await admin.run(building)).toEqual({ createBuilding: { building: { externalId: "ONE" } } });
  expect((await created((await weft.tenant()).admin, "ONE-1", "ONE")).externalId).toBe("ONE");
});

test("is a filter of vendors", async () => {
  const own = await weft.tenant();
  for (const [code, externalId] of [
    ["F-1", "A"],
    ["F-2", "B"],
    ["F-3", null],
  ] as const)
    await created(own.admin, code, externalId);
  const found = async (user: TestUser, externalId: Record<string, unknown>): Promise<unknown> => {
    const query = "query ($filter: VendorFilter) { vendors(filter: $filter) { totalCount edges { node { code } } } }";
    const { vendors } = await user.run<{ vendors: { totalCount: number; edges: { node: { code: string } }[] } }>(query, {
      filter: { externalId },
    });
    expect(vendors.totalCount).toBe(vendors.edges.length);
    return vendors.edges.map(({ node }) => node.code);
  };
  expect(await found(own.admin, { eq: "A" })).toEqual(["F-1"]);
  expect(await found(own.admin, { eq: "a" })).toEqual([]);
  expect(await found(own.admin, { in: ["A", "B", "C"] })).toEqual(["F-1", "F-2"]);
  expect(await found(own.admin, { isNull: false })).toEqual(["F-1", "F-2"]);
  expect(await found(own.admin, { isNull: true })).toEqual(["F-3"]);
  expect(await found((await weft.tenant()).admin, { eq: "A" })).toEqual([]);
});

test("is neither read nor used as a filter by users of the vendor", async () => {
  const { id, user } = await tenant.vendor("Northwind");
  await updated(tenant.admin, { id, externalId: "SECRET-1" });
  expect(await user.run("query ($id: ID!) { vendor(id: $id) { name } }", { id })).toEqual({ vendor: { name: "Northwind" } });
  expect(await user.refusal("query ($id: ID!) { vendor(id: $id) { externalId } }", { id })).toBe("FORBIDDEN");
  expect(await user.refusal('{ vendors(filter: { externalId: { eq: "SECRET-1" } }) { totalCount } }')).toBe("FORBIDDEN");
  expect(await user.refusal(updateVendor, { input: { id, externalId: "MINE" } })).toBe("FORBIDDEN");
  expect(await user.refusal("query ($id: ID!) { vendor(id: $id) { auditTrail(first: 1) { totalCount } } }", { id })).toBe("FORBIDDEN");
});

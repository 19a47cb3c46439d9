import { beforeAll, describe, expect, it } from "vitest";
import { sharedWeft, type TestUser, type SharedWeft } from "@weft/testkit";

const createVendor =
  "mutation Create($input: CreateVendorInput!) { createVendor(input: $input) { vendor { id code name email categories status version } } }";
const updateVendor =
  "mutation Update($input: UpdateVendorInput!) { updateVendor(input: $input) { vendor { name email phone categories version } } }";
const deactivateVendor = "mutation Off($input: VersionedIdInput!) { deactivateVendor(input: $input) { vendor { status version } } }";
const vendors = `query Vendors($filter: VendorFilter, $orderBy: VendorOrder, $first: Int, $after: String) {
  vendors(filter: $filter, orderBy: $orderBy, first: $first, after: $after) { edges { node { id name } } pageInfo { hasNextPage endCursor } totalCount }
}`;
const vendor = "query One($id: ID!) { vendor(id: $id) { id name } }";

interface Vendors {
  vendors: { edges: { node: { id: string; name: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string }; totalCount: number };
}

let kit: SharedWeft;
beforeAll(async () => {
  kit = await sharedWeft();
});

const made = async (who: TestUser, input: Record<string, unknown>): Promise<string> =>
  (await who.run<{ createVendor: { vendor: { id: string } } }>(createVendor, { input })).createVendor.vendor.id;
const names = async (who: TestUser, variables: Record<string, unknown> = {}) =>
  (await who.run<Vendors>(vendors, variables)).vendors.edges.map(({ node }) => node.name);
const paths = async (who: TestUser, query: string, input: Record<string, unknown>) => {
  const { extensions } = await who.refused(query, { input });
  expect(extensions?.code).toBe("BAD_USER_INPUT");
  return ((extensions?.["problems"] ?? []) as { path: string }[]).map(({ path }) => path);
};

describe("vendors", () => {
  it("are created, changed under the version that was read, and deactivated", async () => {
    const { admin } = await kit.tenant();
    const id = await made(admin, { code: "NW", name: "Northwind", email: "office@northwind.example", categories: ["hvac"] });
    expect(
      await admin.run(updateVendor, { input: { id, name: "Northwind Lifts", email: null, phone: "+1 555 0100", expectedVersion: 1 } }),
    ).toEqual({
      updateVendor: { vendor: { name: "Northwind Lifts", email: null, phone: "+1 555 0100", categories: ["hvac"], version: 2 } },
    });
    const stale = await admin.refused(updateVendor, { input: { id, name: "Late", expectedVersion: 1 } });
    expect(stale.extensions).toMatchObject({ code: "CONFLICT", currentVersion: 2 });
    const off = { deactivateVendor: { vendor: { status: "INACTIVE", version: 3 } } };
    expect(await admin.run(deactivateVendor, { input: { id, expectedVersion: 2 } })).toEqual(off);
    expect(await admin.run(deactivateVendor, { input: { id } })).toEqual(off);
  });

  it("return the path of each error", async () => {
    const { admin } = await kit.tenant();
    const id = await made(admin, { code: "NW", name: "Northwind" });
    expect(await paths(admin, createVendor, { code: "NW", name: "Again" })).toEqual(["input.code"]);
    expect(await paths(admin, createVendor, { code: " ", name: "x".repeat(201), email: "nobody", categories: ["ok", ""] })).toEqual([
      "input.code",
      "input.name",
      "input.email",
      "input.categories.1",
    ]);
    expect(await paths(admin, updateVendor, { id })).toEqual(["input"]);
    expect(await paths(admin, updateVendor, { id: admin.id, name: "x" })).toEqual(["input.id"]);
  });

  it("are created once per idempotency key", async () => {
    const { admin } = await kit.tenant();
    const input = { code: "NW", name: "Northwind", idempotencyKey: "once" };
    const ids = await Promise.all(Array.from({ length: 5 }, () => made(admin, input)));
    expect(new Set(ids).size).toBe(1);
    expect(await admin.refusal(createVendor, { input: { ...input, name: "Other" } })).toBe("CONFLICT");
  });

  it("are filtered, searched, ordered and paginated", async () => {
    const { admin } = await kit.tenant();
    await made(admin, { code: "C", name: "Cooling", categories: ["hvac", "water"] });
    await made(admin, { code: "A", name: "Alarms", categories: ["fire"] });
    const boilers = await made(admin, { code: "B", name: "Boilers", categories: ["hvac"] });
    await admin.run(deactivateVendor, { input: { id: boilers } });
    expect(await names(admin)).toEqual(["Alarms", "Boilers", "Cooling"]);
    expect(await names(admin, { filter: { status: { eq: "ACTIVE" } } })).toEqual(["Alarms", "Cooling"]);
    expect(await names(admin, { filter: { category: { eq: "hvac" } } })).toEqual(["Boilers", "Cooling"]);
    expect(await names(admin, { filter: { search: { contains: "boil" } } })).toEqual(["Boilers"]);
    expect(await names(admin, { orderBy: { field: "CREATED_AT", direction: "DESC" } })).toEqual(["Boilers", "Alarms", "Cooling"]);
    const first = await admin.run<Vendors>(vendors, { first: 2 });
    expect(first.vendors).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } });
    expect(await names(admin, { after: first.vendors.pageInfo.endCursor })).toEqual(["Cooling"]);
  });

  it("have an audit entry for each write", async () => {
    const { admin } = await kit.tenant();
    const id = await made(admin, { code: "NW", name: "Northwind" });
    await admin.run(updateVendor, { input: { id, name: "Northwind Lifts" } });
    await admin.run(deactivateVendor, { input: { id } });
    const trail = await admin.run<{ vendor: { auditTrail: { edges: { node: { action: string } }[] } } }>(
      "query Trail($id: ID!) { vendor(id: $id) { auditTrail(first: 10) { edges { node { action } } } } }",
      { id },
    );
    expect(trail.vendor.auditTrail.edges.map(({ node }) => node.action).toSorted()).toEqual([
      "vendor.create",
      "vendor.deactivate",
      "vendor.update",
    ]);
  });

  it("are changed only by users with the permission", async () => {
    const tenant = await kit.tenant();
    const id = await made(tenant.admin, { code: "NW", name: "Northwind" });
    const viewer = await tenant.user("viewer");
    expect(await viewer.run(vendor, { id })).toMatchObject({ vendor: { name: "Northwind" } });
    expect(await viewer.refusal(createVendor, { input: { code: "X", name: "X" } })).toBe("FORBIDDEN");
    expect(await viewer.refusal(updateVendor, { input: { id, name: "X" } })).toBe("FORBIDDEN");
    expect(await viewer.refusal(deactivateVendor, { input: { id } })).toBe("FORBIDDEN");
  });
});

describe("a vendor's user", () => {
  it("sees their own vendor and no other", async () => {
    const tenant = await kit.tenant();
    const own = await tenant.vendor("Northwind");
    const other = await made(tenant.admin, { code: "OTHER", name: "Other" });
    expect(await names(own.user)).toEqual(["Northwind"]);
    expect((await own.user.run<Vendors>(vendors, {})).vendors.totalCount).toBe(1);
    expect(await own.user.refusal(vendor, { id: other })).toBe("NOT_FOUND");
    expect(await own.user.run("{ me { vendor { id name } } }")).toEqual({ me: { vendor: { id: own.id, name: "Northwind" } } });
  });
});

describe("another tenant", () => {
  it("sees and changes none of our vendors", async () => {
    const [ours, theirs] = [await kit.tenant(), await kit.tenant()];
    const id = await made(ours.admin, { code: "NW", name: "Northwind" });
    expect(await theirs.admin.refusal(vendor, { id })).toBe("NOT_FOUND");
    expect(await theirs.admin.refusal(updateVendor, { input: { id, name: "Mine" } })).toBe("NOT_FOUND");
    expect(await theirs.admin.refusal(deactivateVendor, { input: { id } })).toBe("NOT_FOUND");
    expect(await names(theirs.admin)).toEqual([]);
    await made(theirs.admin, { code: "NW", name: "Theirs" });
  });
});

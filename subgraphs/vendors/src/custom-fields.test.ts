import { loadExampleDefinition, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const change = "mutation ($input: UpdateCustomFieldsInput!) { updateCustomFields(input: $input) { customFieldSchema { version } } }";
const createVendor = "mutation ($input: CreateVendorInput!) { createVendor(input: $input) { vendor { id fields } } }";
const updateVendor = "mutation ($input: UpdateVendorInput!) { updateVendor(input: $input) { vendor { id fields version } } }";
const readVendor = "query ($id: ID!) { vendor(id: $id) { fields form { schema data } } }";
const listVendors =
  "query ($filter: VendorFilter, $orderBy: VendorOrder) { vendors(filter: $filter, orderBy: $orderBy, first: 100) { totalCount edges { node { code } } } }";
const createProject = "mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id fields } } }";
const listProjects = `query ($filter: ProjectFilter, $orderBy: ProjectOrder, $first: Int, $after: String) {
  projects(filter: $filter, orderBy: $orderBy, first: $first, after: $after) { pageInfo { endCursor hasNextPage } edges { node { code } } } }`;

const schema = {
  properties: {
    rating: { type: "integer", index: true },
    region: { type: "string", index: true, visibleToVendors: true },
  },
};

interface Projects {
  readonly projects: {
    readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
    readonly edges: readonly { readonly node: { readonly code: string } }[];
  };
}

let weft: SharedWeft;
let sql: postgres.Sql;
let tenant: TestTenant;
let admin: TestUser;

beforeAll(async () => {
  weft = await sharedWeft();
  sql = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  tenant = await weft.tenant();
  admin = tenant.admin;
  for (const kind of ["VENDOR", "PROJECT"]) await admin.run(change, { input: { kind, schema } });
});
afterAll(async () => {
  await sql.end();
});

const codes = async (user: TestUser, variables: Record<string, unknown>): Promise<string[]> => {
  const { vendors } = await user.run<{ vendors: { edges: { node: { code: string } }[] } }>(listVendors, variables);
  return vendors.edges.map(({ node }) => node.code);
};

describe("custom fields of vendors", () => {
  test("are validated, changed, filtered and ordered", async () => {
    const { admin: user } = await weft.tenant();
    await user.run(change, { input: { kind: "VENDOR", schema } });
    for (const [code, rating] of [
      ["A", 3],
      ["B", 5],
      ["C", undefined],
    ] as const) {
      const fields = rating === undefined ? {} : { rating };
      await user.run(createVendor, { input: { code, name: `Vendor ${code}`, fields } });
    }
    expect(await codes(user, { filter: { fields: [{ name: "rating", gte: 4 }] } })).toEqual(["B"]);
    expect(await codes(user, { orderBy: { field: "FIELD", name: "rating", direction: "DESC" } })).toEqual(["C", "B", "A"]);
    const error = await user.refused(createVendor, { input: { code: "D", name: "D", fields: { rating: 1.5 } } });
    expect(error.extensions?.["problems"]).toMatchObject([{ path: "input.fields.rating" }]);
    const { vendors } = await user.run<{ vendors: { edges: { node: { id: string } }[] } }>(
      "{ vendors(first: 1) { edges { node { id } } } }",
    );
    const id = vendors.edges[0]?.node.id;
    const { updateVendor: updated } = await user.run<{ updateVendor: { vendor: object } }>(updateVendor, {
      input: { id, fields: { region: "west" } },
    });
    expect(updated.vendor).toMatchObject({ fields: { rating: 3, region: "west" }, version: 2 });
  });

  test("are shown to the vendor's users, and usable in their lists, only if the schema says so", async () => {
    const { id, user } = await tenant.vendor();
    await admin.run(updateVendor, { input: { id, fields: { rating: 1, region: "east" } } });
    const { vendor } = await user.run<{ vendor: { fields: object; form: { schema: { properties: object }; data: object } } }>(readVendor, {
      id,
    });
    expect(vendor.fields).toEqual({ region: "east" });
    expect(Object.keys(vendor.form.schema.properties)).toEqual(["region"]);
    expect(vendor.form.data).toEqual({ region: "east" });
    expect((await codes(user, { filter: { fields: [{ name: "region", eq: "east" }] } })).length).toBe(1);
    expect((await codes(user, { orderBy: { field: "FIELD", name: "region", direction: "ASC" } })).length).toBe(1);
    const asked = { filter: { fields: [{ name: "rating", eq: 1 }] } };
    const unknown = { filter: { fields: [{ name: "qqqqqq", eq: 1 }] } };
    const messages = await Promise.all([asked, unknown].map(async (variables) => (await user.refused(listVendors, variables)).message));
    expect(messages[0]?.replace("rating", "qqqqqq")).toBe(messages[1]);
    expect(await user.refusal(listVendors, { orderBy: { field: "FIELD", name: "rating" } })).toBe("BAD_USER_INPUT");
    const staff = await admin.run<{ vendor: { fields: object } }>(readVendor, { id });
    expect(staff.vendor.fields).toEqual({ rating: 1, region: "east" });
  });
});

test("users of a vendor who could change it are refused encrypted fields, whether they have values or not", async () => {
  const own = await weft.tenant();
  const properties = { ...schema.properties, taxId: { type: "string", encrypted: true } };
  await own.admin.run(change, { input: { kind: "VENDOR", schema: { properties } } });
  const { id, user } = await own.vendor();
  const roles = '{ roles(filter: { key: { eq: "vendor_user" } }, first: 1) { edges { node { id permissions { permission scope } } } } }';
  const found = await own.admin.run<{ roles: { edges: { node: { id: string; permissions: object[] } }[] } }>(roles);
  const role = found.roles.edges[0]?.node;
  await own.admin.run("mutation ($input: SetRolePermissionsInput!) { setRolePermissions(input: $input) { role { id } } }", {
    input: { roleId: role?.id, permissions: [...(role?.permissions ?? []), { permission: "vendor.update", scope: "ASSIGNED" }] },
  });
  const set = (fields: object) => ({ input: { id, fields } });
  const messages: string[] = [];
  for (const taxId of ["DE-1", null]) {
    await own.admin.run(updateVendor, set({ taxId }));
    for (const given of ["DE-2", null]) messages.push((await user.refused(updateVendor, set({ taxId: given }))).message);
    expect(await own.admin.run(readVendor, { id })).toMatchObject({ vendor: { fields: taxId === null ? {} : { taxId } } });
  }
  expect(new Set(messages)).toEqual(new Set(["Users of a vendor are not allowed to write encrypted custom fields."]));
});

describe("custom fields of projects", () => {
  test("are validated, filtered and ordered page by page", async () => {
    await tenant.definition(await loadExampleDefinition("project"));
    for (const [code, rating] of [
      ["P1", 2],
      ["P2", 1],
      ["P3", undefined],
    ] as const)
      await admin.run(createProject, { input: { code, name: code, fields: rating === undefined ? {} : { rating } } });
    const all: string[] = [];
    let after: string | null = null;
    do {
      const { projects }: Projects = await admin.run<Projects>(listProjects, {
        orderBy: { field: "FIELD", name: "rating" },
        first: 1,
        after,
      });
      all.push(...projects.edges.map(({ node }) => node.code));
      after = projects.pageInfo.hasNextPage ? projects.pageInfo.endCursor : null;
    } while (after !== null);
    expect(all).toEqual(["P2", "P1", "P3"]);
    const { projects } = await admin.run<Projects>(listProjects, { filter: { fields: [{ name: "rating", isNull: true }] } });
    expect(projects.edges.map(({ node }) => node.code)).toEqual(["P3"]);
    expect(await admin.refusal(createProject, { input: { code: "P4", name: "P4", fields: { rating: "high" } } })).toBe("BAD_USER_INPUT");
  });
});

describe("encrypted custom fields", () => {
  test("of vendors and projects are read, and found by their exact value", async () => {
    const other = await weft.tenant();
    const { admin: user } = other;
    await other.definition(await loadExampleDefinition("project"));
    const encrypted = { properties: { taxId: { type: "string", encrypted: true, index: true } } };
    for (const kind of ["VENDOR", "PROJECT"]) await user.run(change, { input: { kind, schema: encrypted } });
    for (const [code, taxId] of [
      ["A", "DE-100"],
      ["B", "DE-200"],
    ]) {
      const input = { code, name: code, fields: { taxId } };
      expect(await user.run(createVendor, { input })).toMatchObject({ createVendor: { vendor: { fields: { taxId } } } });
      expect(await user.run(createProject, { input })).toMatchObject({ createProject: { project: { fields: { taxId } } } });
    }
    const filter = { fields: [{ name: "taxId", eq: "DE-200" }] };
    expect(await codes(user, { filter })).toEqual(["B"]);
    const { projects } = await user.run<Projects>(listProjects, { filter, first: 10 });
    expect(projects.edges.map(({ node }) => node.code)).toEqual(["B"]);
    const rows = await sql`select fields->'taxId' as plain from vendors.vendors where tenant_id = ${other.id}
      union all select fields->'taxId' from vendors.projects where tenant_id = ${other.id}`;
    expect(rows).toHaveLength(4);
    for (const { plain } of rows)
      expect(plain).toEqual({ $sealed: expect.stringMatching(/^sec:v1:/) as string, $index: expect.any(String) as string });
  });
});

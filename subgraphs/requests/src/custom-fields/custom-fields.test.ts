import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { Ajv } from "ajv";
import { beforeAll, describe, expect, test } from "vitest";

const schema = {
  properties: {
    floorArea: { type: "number", minimum: 0, title: "Floor area", index: true },
    zone: { type: "string", enum: ["north", "south"], index: true, visibleToVendors: true },
    isListed: { type: "boolean", index: true },
    notes: { type: "string", maxLength: 20 },
    energyClass: { type: "string", default: "C" },
  },
};

const change = `mutation ($input: UpdateCustomFieldsInput!) { updateCustomFields(input: $input) { customFieldSchema {
  id kind schema version form { schema uiSchema data } versions { version message schema } } } }`;
const schemas = "{ customFieldSchemas { kind version } }";
const preview = `query ($input: PreviewCustomFieldsInput!, $first: Int, $cursor: String) {
  previewCustomFields(input: $input, first: $first, cursor: $cursor) { objects examined nextCursor misfits { id problems { path message } } } }`;
const create = "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id fields version } } }";
const update = "mutation ($input: UpdateBuildingInput!) { updateBuilding(input: $input) { building { id fields version } } }";
const list = `query ($filter: BuildingFilter, $orderBy: BuildingOrder, $first: Int, $after: String) {
  buildings(filter: $filter, orderBy: $orderBy, first: $first, after: $after) { totalCount pageInfo { endCursor hasNextPage } edges { node { code } } } }`;

interface Changed {
  readonly updateCustomFields: {
    readonly customFieldSchema: {
      readonly version: number;
      readonly schema: { readonly properties: object };
      readonly form: { readonly schema: object; readonly data: object };
      readonly versions: readonly { readonly version: number; readonly message: string | null; readonly schema: object }[];
    };
  };
}
type Written = Record<"createBuilding" | "updateBuilding", { building: { id: string; fields: object; version: number } }>;
interface Listed {
  readonly buildings: {
    readonly totalCount: number;
    readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
    readonly edges: readonly { readonly node: { readonly code: string } }[];
  };
}

let weft: SharedWeft;
let tenant: TestTenant;
let admin: TestUser;

beforeAll(async () => {
  weft = await sharedWeft();
  tenant = await weft.tenant();
  admin = tenant.admin;
  await admin.run(change, { input: { kind: "BUILDING", schema } });
});

const problemsOf = async (user: TestUser, operation: string, variables: Record<string, unknown>): Promise<unknown> =>
  (await user.refused(operation, variables)).extensions?.["problems"];

async function building(user: TestUser, code: string, fields?: object): Promise<string> {
  const { createBuilding } = await user.run<Written>(create, { input: { code, name: `Building ${code}`, ...(fields && { fields }) } });
  return createBuilding.building.id;
}

async function codes(user: TestUser, variables: Record<string, unknown>): Promise<string[]> {
  const { buildings } = await user.run<Listed>(list, { first: 100, ...variables });
  expect(buildings.totalCount).toBe(buildings.edges.length);
  return buildings.edges.map(({ node }) => node.code);
}

/** A tenant with buildings of different values. */
async function withBuildings(): Promise<TestUser> {
  const { admin: user } = await weft.tenant();
  await user.run(change, { input: { kind: "BUILDING", schema } });
  await building(user, "A", { floorArea: 900.5, zone: "south", isListed: true });
  await building(user, "B", { floorArea: 12, zone: "north", isListed: false });
  await building(user, "C");
  await building(user, "D", { floorArea: 12, zone: "south" });
  return user;
}

describe("the schema of custom fields", () => {
  test("is kept in the order in which it was written, with every version and its message", async () => {
    const { admin: user } = await weft.tenant();
    await user.run(change, { input: { kind: "VENDOR", schema: { properties: { b: { type: "string" } } }, message: "First" } });
    const second = { properties: { zebra: { type: "string" }, b: { type: "string" }, apple: { type: "number" } } };
    const { updateCustomFields } = await user.run<Changed>(change, { input: { kind: "VENDOR", schema: second, expectedVersion: 1 } });
    const { customFieldSchema: found } = updateCustomFields;
    expect(Object.keys(found.schema.properties)).toEqual(["zebra", "b", "apple"]);
    expect(found.versions.map(({ version, message }) => [version, message])).toEqual([
      [2, null],
      [1, "First"],
    ]);
    expect(await user.run(schemas)).toEqual({ customFieldSchemas: [{ kind: "VENDOR", version: 2 }] });
  });

  test("is not overwritten by somebody who read an older version", async () => {
    const { admin: user } = await weft.tenant();
    const input = { kind: "BUILDING", schema, expectedVersion: 0 };
    await user.run(change, { input });
    const { extensions } = await user.refused(change, { input });
    expect(extensions).toMatchObject({ code: "CONFLICT", currentVersion: 1 });
  });

  test("is refused with every problem at its path", async () => {
    const bad = {
      properties: {
        "not a name": { type: "string" },
        size: { type: "numbr" },
        tags: { type: "array", items: { type: "string" }, index: true },
        loud: { type: "string", index: "yes" },
        level: { type: "integer", default: "high" },
        formula: { type: "string", $ref: "#/x" },
      },
      additionalProperties: true,
    };
    const problems = (await problemsOf(admin, change, { input: { kind: "BUILDING", schema: bad } })) as { path: string }[];
    expect(problems.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        "input.schema.additionalProperties",
        'input.schema.properties["not a name"]',
        "input.schema.properties.size.type",
        "input.schema.properties.loud.index",
        'input.schema.properties.formula["$ref"]',
      ]),
    );
    const unordered = { properties: { tags: { type: "array", items: { type: "string" }, index: true } } };
    expect(await problemsOf(admin, change, { input: { kind: "BUILDING", schema: unordered } })).toMatchObject([
      { path: "input.schema.properties.tags.index" },
    ]);
    const unfit = { properties: { level: { type: "integer", default: "high" } } };
    expect(await problemsOf(admin, change, { input: { kind: "BUILDING", schema: unfit } })).toMatchObject([
      { path: "input.schema.properties.level.default" },
    ]);
  });

  test("is changed by users who can change the configuration, and read by those who can read its objects", async () => {
    const operations = await tenant.user("operations");
    expect(await operations.refusal(change, { input: { kind: "BUILDING", schema } })).toBe("FORBIDDEN");
    expect(await operations.run(schemas)).toMatchObject({ customFieldSchemas: [{ kind: "BUILDING" }] });
    const { user } = await tenant.vendor();
    expect(await user.refusal(schemas)).toBe("FORBIDDEN");
  });

  test("delivers a form whose answers the API accepts, and whose refusals it shares", async () => {
    const { admin: user } = await weft.tenant();
    const { updateCustomFields } = await user.run<Changed>(change, { input: { kind: "BUILDING", schema } });
    const { form } = updateCustomFields.customFieldSchema;
    expect(form.data).toEqual({ energyClass: "C" });
    const accepts = new Ajv().compile(form.schema);
    for (const [at, fields] of [
      { floorArea: 3 },
      { floorArea: -1 },
      { zone: "west" },
      { color: "red" },
      { notes: "x".repeat(21) },
    ].entries()) {
      const { errors } = await user.send(create, { input: { code: `F${at}`, name: "Form", fields } });
      expect(errors === undefined).toBe(accepts(fields));
    }
  });

  test("leaves an audit entry with the schema before and after", async () => {
    const { admin: user } = await weft.tenant();
    await user.run(change, { input: { kind: "BUILDING", schema } });
    await user.run(change, { input: { kind: "BUILDING", schema: { properties: { zone: { type: "string" } } } } });
    const found = await user.run<{
      auditEntries: { edges: { node: { before: { version: number } | null; after: { version: number } } }[] };
    }>(`{ auditEntries(filter: { action: { eq: "customFieldSchema.update" } }) { edges { node { before after } } } }`);
    expect(found.auditEntries.edges.map(({ node }) => [node.before?.version, node.after.version])).toEqual([[1, 2]]);
  });
});

describe("values of custom fields", () => {
  test("are validated, with defaults, and changed one by one", async () => {
    const { createBuilding } = await admin.run<Written>(create, {
      input: { code: "V1", name: "Values", fields: { floorArea: 10, zone: "north" } },
    });
    const { id, fields } = createBuilding.building;
    expect(fields).toEqual({ energyClass: "C", floorArea: 10, zone: "north" });
    const { updateBuilding } = await admin.run<Written>(update, { input: { id, fields: { zone: null, notes: "Old" } } });
    expect(updateBuilding.building.fields).toEqual({ energyClass: "C", floorArea: 10, notes: "Old" });
    expect(await problemsOf(admin, update, { input: { id, fields: { floorArea: "wide", color: "red", zone: "west" } } })).toMatchObject([
      { path: "input.fields.floorArea" },
      { path: "input.fields.color" },
      { path: "input.fields.zone" },
    ]);
  });

  test("are refused where the tenant has no custom fields", async () => {
    const { admin: user } = await weft.tenant();
    expect(await problemsOf(user, create, { input: { code: "N", name: "None", fields: { zone: "north" } } })).toMatchObject([
      { path: "input.fields" },
    ]);
  });

  test("appear in the audit trail before and after a change", async () => {
    const id = await building(admin, "V2", { zone: "north" });
    await admin.run(update, { input: { id, fields: { zone: "south" } } });
    const { building: found } = await admin.run<{ building: { auditTrail: { edges: { node: { before: object; after: object } }[] } } }>(
      "query ($id: ID!) { building(id: $id) { auditTrail(first: 1) { edges { node { before after } } } } }",
      { id },
    );
    expect(found.auditTrail.edges[0]?.node).toMatchObject({
      before: { fields: { zone: "north", energyClass: "C" }, fieldsVersion: 1 },
      after: { fields: { zone: "south", energyClass: "C" } },
    });
  });

  test("that a newer schema refuses stay, are previewed, and must fit at the next change of fields", async () => {
    const { admin: user } = await weft.tenant();
    await user.run(change, { input: { kind: "BUILDING", schema } });
    const ids = [await building(user, "P1", { floorArea: 5 }), await building(user, "P2", { floorArea: 50 }), await building(user, "P3")];
    const stricter = {
      properties: { floorArea: { type: "number", minimum: 10 }, energyClass: { type: "string" } },
      required: ["floorArea"],
    };
    const input = { kind: "BUILDING", schema: stricter };
    const misfits: { id: string; problems: { path: string }[] }[] = [];
    let cursor: string | null = null;
    do {
      const page: { previewCustomFields: { objects: number; misfits: typeof misfits; nextCursor: string | null } } = await user.run(
        preview,
        { input, first: 2, cursor },
      );
      expect(page.previewCustomFields.objects).toBe(3);
      misfits.push(...page.previewCustomFields.misfits);
      cursor = page.previewCustomFields.nextCursor;
    } while (cursor !== null);
    expect(misfits).toMatchObject([
      { id: ids[0], problems: [{ path: "fields.floorArea" }] },
      { id: ids[2], problems: [{ path: "fields.floorArea" }] },
    ]);
    await user.run(change, { input });
    await user.run(update, { input: { id: ids[0], name: "Renamed" } });
    expect(await problemsOf(user, update, { input: { id: ids[0], fields: { energyClass: "A" } } })).toMatchObject([
      { path: "input.fields.floorArea" },
    ]);
    await user.run(update, { input: { id: ids[0], fields: { floorArea: 11 } } });
  });
});

describe("lists by custom fields", () => {
  test("are filtered by numbers, texts and Booleans, and by the absence of a value", async () => {
    const user = await withBuildings();
    const found = (...fields: object[]) => codes(user, { filter: { fields } });
    expect(await found({ name: "floorArea", gte: 12 })).toEqual(["A", "B", "D"]);
    expect(await found({ name: "floorArea", gt: 12 })).toEqual(["A"]);
    expect(await found({ name: "floorArea", in: [900.5, 7] })).toEqual(["A"]);
    expect(await found({ name: "zone", eq: "south" })).toEqual(["A", "D"]);
    expect(await found({ name: "zone", contains: "OUT" })).toEqual(["A", "D"]);
    expect(await found({ name: "zone", startsWith: "n" })).toEqual(["B"]);
    expect(await found({ name: "zone", ne: "south" })).toEqual(["B"]);
    expect(await found({ name: "isListed", eq: true })).toEqual(["A"]);
    expect(await found({ name: "isListed", isNull: true })).toEqual(["C", "D"]);
    expect(await found({ name: "zone", eq: "south" }, { name: "floorArea", lt: 100 })).toEqual(["D"]);
    expect(await codes(user, { filter: { not: { fields: [{ name: "zone", isNull: false }] } } })).toEqual(["C"]);
  });

  test("are ordered by a field, page by page, with objects without a value last in ascending order", async () => {
    const user = await withBuildings();
    const paged = async (name: string, direction: string): Promise<string[]> => {
      const all: string[] = [];
      let after: string | null = null;
      do {
        const { buildings }: Listed = await user.run<Listed>(list, { orderBy: { field: "FIELD", name, direction }, first: 1, after });
        all.push(...buildings.edges.map(({ node }) => node.code));
        after = buildings.pageInfo.hasNextPage ? buildings.pageInfo.endCursor : null;
      } while (after !== null);
      return all;
    };
    expect(await paged("floorArea", "ASC")).toEqual(["B", "D", "A", "C"]);
    expect(await paged("floorArea", "DESC")).toEqual(["C", "A", "D", "B"]);
    expect(await paged("zone", "ASC")).toEqual(["B", "A", "D", "C"]);
    expect(
      await codes(user, {
        filter: { fields: [{ name: "zone", eq: "south" }] },
        orderBy: { field: "FIELD", name: "floorArea", direction: "DESC" },
      }),
    ).toEqual(["A", "D"]);
  });

  test("follow the values at once, and a field that is indexed later has the values of all objects", async () => {
    const user = await withBuildings();
    const { buildings } = await user.run<{ buildings: { edges: { node: { id: string; code: string } }[] } }>(
      "{ buildings(first: 100) { edges { node { id code } } } }",
    );
    const id = buildings.edges.find(({ node }) => node.code === "C")?.node.id;
    await user.run(update, { input: { id, fields: { floorArea: 1, notes: "found" } } });
    expect(await codes(user, { filter: { fields: [{ name: "floorArea", lt: 2 }] } })).toEqual(["C"]);
    expect(await user.refusal(list, { filter: { fields: [{ name: "notes", eq: "found" }] } })).toBe("BAD_USER_INPUT");
    const { zone: _, ...others } = schema.properties;
    const later = { properties: { ...others, notes: { type: "string", index: true }, zone: { type: "string" } } };
    await user.run(change, { input: { kind: "BUILDING", schema: later } });
    expect(await codes(user, { filter: { fields: [{ name: "notes", eq: "found" }] } })).toEqual(["C"]);
    expect(await user.refusal(list, { filter: { fields: [{ name: "zone", eq: "south" }] } })).toBe("BAD_USER_INPUT");
  });

  test("refuse unknown fields at their path, and orders without a name", async () => {
    const filter = { or: [{ fields: [{ name: "florArea", gt: 1 }] }] };
    expect(await problemsOf(admin, list, { filter, orderBy: { field: "FIELD", name: "notes" } })).toEqual([
      { path: "filter.or.0.fields.0.name", message: expect.stringContaining('Did you mean "floorArea"?') as string },
      { path: "orderBy.name", message: expect.stringContaining('"notes"') as string },
    ]);
    expect(await problemsOf(admin, list, { orderBy: { field: "FIELD" } })).toMatchObject([{ path: "orderBy.name" }]);
    expect(await problemsOf(admin, list, { orderBy: { field: "CODE", name: "zone" } })).toMatchObject([{ path: "orderBy.name" }]);
    expect(await problemsOf(admin, list, { filter: { fields: [{ name: "zone" }] } })).toMatchObject([{ path: "filter.fields.0" }]);
  });
});

describe("another tenant", () => {
  test("has its own fields, and finds nothing by those of others", async () => {
    const { admin: user } = await weft.tenant();
    expect(await user.run(schemas)).toEqual({ customFieldSchemas: [] });
    expect(await user.refusal(list, { filter: { fields: [{ name: "zone", eq: "north" }] } })).toBe("BAD_USER_INPUT");
    await user.run(change, { input: { kind: "BUILDING", schema: { properties: { zone: { type: "string", index: true } } } } });
    expect(await codes(user, { filter: { fields: [{ name: "zone", eq: "north" }] } })).toEqual([]);
  });
});

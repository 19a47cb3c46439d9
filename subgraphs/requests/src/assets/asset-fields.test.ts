import { aMaintenanceTenant, sharedWeft, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

const change = `mutation ($input: UpdateCustomFieldsInput!) {
  updateCustomFields(input: $input) { customFieldSchema { kind typeKey version } } }`;
const schemas = "{ customFieldSchemas { kind typeKey version } }";
const preview = `query ($input: PreviewCustomFieldsInput!) {
  previewCustomFields(input: $input) { objects examined misfits { id problems { path } } } }`;
const create = "mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { id fields form { schema } } } }";
const update = "mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { type fields version } } }";
const list = `query ($filter: AssetFilter, $orderBy: AssetOrder) {
  assets(filter: $filter, orderBy: $orderBy, first: 100) { totalCount edges { node { tag } } } }`;

const elevator = {
  properties: {
    load: { type: "number", minimum: 0, index: true },
    maker: { type: "string", index: true },
    doors: { type: "integer" },
  },
};
const crane = { properties: { load: { type: "integer", index: true }, reach: { type: "number", index: true } } };
const sign = { properties: { load: { type: "string", index: true } } };

interface Created {
  readonly createAsset: { readonly asset: { readonly id: string; readonly fields: object; readonly form: object | null } };
}

let weft: SharedWeft;

beforeAll(async () => {
  weft = await sharedWeft();
});

interface Place {
  readonly admin: TestUser;
  readonly asset: (type: string, tag: string, fields?: object) => Promise<Created["createAsset"]["asset"]>;
  readonly tags: (variables: Record<string, unknown>) => Promise<string[]>;
  readonly problemsOf: (operation: string, variables: Record<string, unknown>) => Promise<unknown>;
}

/** A tenant whose elevators, cranes and signs have fields of their own. */
async function aPlace(): Promise<Place> {
  const tenant = await weft.tenant();
  const { admin } = tenant;
  const { createBuilding } = await admin.run<{ createBuilding: { building: { id: string } } }>(
    'mutation { createBuilding(input: { code: "B", name: "B" }) { building { id } } }',
  );
  for (const [typeKey, schema] of Object.entries({ elevator, crane, sign }))
    await admin.run(change, { input: { kind: "ASSET", typeKey, schema } });
  return {
    admin,
    async asset(type, tag, fields) {
      const input = { buildingId: createBuilding.building.id, tag, name: tag, type, ...(fields && { fields }) };
      return (await admin.run<Created>(create, { input })).createAsset.asset;
    },
    async tags(variables) {
      const { assets } = await admin.run<{ assets: { totalCount: number; edges: { node: { tag: string } }[] } }>(list, variables);
      expect(assets.totalCount).toBe(assets.edges.length);
      return assets.edges.map(({ node }) => node.tag);
    },
    problemsOf: async (operation, variables) => (await admin.refused(operation, variables)).extensions?.["problems"],
  };
}

describe("custom fields of assets", () => {
  test("depend on the type: each has a schema with versions of its own", async () => {
    const { admin, asset, problemsOf } = await aPlace();
    await admin.run(change, { input: { kind: "ASSET", typeKey: "crane", schema: crane, expectedVersion: 1 } });
    expect(await admin.run(schemas)).toEqual({
      customFieldSchemas: [
        { kind: "ASSET", typeKey: "crane", version: 2 },
        { kind: "ASSET", typeKey: "elevator", version: 1 },
        { kind: "ASSET", typeKey: "sign", version: 1 },
      ],
    });
    expect((await asset("crane", "C1", { load: 5, reach: 30.5 })).fields).toEqual({ load: 5, reach: 30.5 });
    expect(await asset("boiler", "N1")).toMatchObject({ fields: {}, form: null });
    expect(await asset("elevator", "E1", { doors: 2 })).toMatchObject({ form: { schema: { properties: { doors: { type: "integer" } } } } });
    const input = { buildingId: "", tag: "X", name: "X", type: "crane", fields: { load: 1.5, doors: 2 } };
    const { assets } = await admin.run<{ assets: { edges: { node: { building: { id: string } } }[] } }>(
      "{ assets(first: 1) { edges { node { building { id } } } } }",
    );
    const buildingId = assets.edges[0]?.node.building.id;
    expect(await problemsOf(create, { input: { ...input, buildingId } })).toMatchObject([
      { path: "input.fields.load" },
      { path: "input.fields.doors" },
    ]);
    expect(await problemsOf(create, { input: { ...input, buildingId, type: "boiler" } })).toEqual([
      { path: "input.fields", message: expect.stringContaining('ASSET of the type "boiler"') as string },
    ]);
  });

  test("need a type, which objects of other kinds do not have", async () => {
    const { problemsOf } = await aPlace();
    for (const operation of [change, preview]) {
      expect(await problemsOf(operation, { input: { kind: "ASSET", schema: crane } })).toMatchObject([{ path: "input.typeKey" }]);
      expect(await problemsOf(operation, { input: { kind: "ASSET", typeKey: "", schema: crane } })).toMatchObject([
        { path: "input.typeKey" },
      ]);
      expect(await problemsOf(operation, { input: { kind: "BUILDING", typeKey: "crane", schema: crane } })).toMatchObject([
        { path: "input.typeKey" },
      ]);
    }
  });

  test("follow the asset to another type: what it also has stays if it fits, the rest goes, and lists know at once", async () => {
    const { admin, asset, tags, problemsOf } = await aPlace();
    const { id } = await asset("elevator", "E1", { load: 1.5, maker: "Otis" });
    expect(await problemsOf(update, { input: { id, type: "crane" } })).toMatchObject([{ path: "input.fields.load" }]);
    const moved = await admin.run<{ updateAsset: { asset: object } }>(update, { input: { id, type: "crane", fields: { load: 2 } } });
    expect(moved.updateAsset.asset).toEqual({ type: "crane", fields: { load: 2 }, version: 2 });
    expect(await tags({ filter: { fields: [{ name: "load", eq: 2 }] } })).toEqual(["E1"]);
    expect(await tags({ filter: { fields: [{ name: "maker", eq: "Otis" }] } })).toEqual([]);
    expect(await tags({ filter: { type: { eq: "crane" } }, orderBy: { field: "FIELD", name: "reach", direction: "ASC" } })).toEqual(["E1"]);
    await admin.run(update, { input: { id, type: "boiler" } });
    expect(await tags({ filter: { fields: [{ name: "load", eq: 2 }] } })).toEqual([]);
  });

  test("are examined and indexed by type", async () => {
    const { admin, asset, tags } = await aPlace();
    const heavy = await asset("elevator", "E1", { load: 900, doors: 2 });
    await asset("elevator", "E2", { load: 100, doors: 1 });
    await asset("crane", "C1", { load: 900 });
    const schema = { properties: { load: { type: "number", maximum: 500 }, doors: { type: "integer", index: true } } };
    const input = { kind: "ASSET", typeKey: "elevator", schema };
    expect(await admin.run(preview, { input })).toEqual({
      previewCustomFields: { objects: 2, examined: 2, misfits: [{ id: heavy.id, problems: [{ path: "fields.load" }] }] },
    });
    await admin.run(change, { input });
    expect(await tags({ filter: { fields: [{ name: "doors", gte: 2 }] } })).toEqual(["E1"]);
    expect(await tags({ filter: { fields: [{ name: "load", gte: 0 }] } })).toEqual(["C1"]);
  });

  test("are filtered by across types, and ordered by within types that have the field in common", async () => {
    const { asset, tags, problemsOf } = await aPlace();
    await asset("elevator", "E1", { load: 900 });
    await asset("elevator", "E2");
    await asset("crane", "C1", { load: 400 });
    await asset("sign", "S1", { load: "light" });
    await asset("boiler", "N1");
    expect(await tags({ filter: { fields: [{ name: "load", gte: 400 }] } })).toEqual(["C1", "E1"]);
    expect(await tags({ filter: { fields: [{ name: "load", eq: "light" }] } })).toEqual(["S1"]);
    const orderBy = { field: "FIELD", name: "load", direction: "ASC" };
    expect(await tags({ filter: { type: { eq: "elevator" } }, orderBy })).toEqual(["E1", "E2"]);
    expect(await tags({ filter: { and: [{ type: { in: ["crane", "elevator"] } }] }, orderBy })).toEqual(["C1", "E1", "E2"]);
    for (const filter of [
      null,
      { type: { ne: "sign" } },
      { not: { type: { eq: "sign" } } },
      { type: { in: ["crane", "sign"] } },
      { type: { in: ["crane", "boiler"] } },
    ])
      expect(await problemsOf(list, { filter, orderBy })).toMatchObject([{ path: "orderBy.name" }]);
  });

  test("are shown to users of a vendor only where the type's schema says so", { tags: "slow" }, async () => {
    const maintenance = await aMaintenanceTenant(weft);
    await maintenance.request("assigned");
    const { admin, assetId, vendor } = maintenance;
    const { user } = vendor;
    const asset = "query ($id: ID!) { asset(id: $id) { type fields form { schema } } }";
    const { asset: found } = await admin.run<{ asset: { type: string } }>(asset, { id: assetId });
    const schema = {
      properties: { code: { type: "string", index: true, visibleToVendors: true }, price: { type: "number", index: true } },
    };
    await admin.run(change, { input: { kind: "ASSET", typeKey: found.type, schema } });
    await admin.run(update, { input: { id: assetId, fields: { code: "K7", price: 12 } } });
    const seen = await user.run<{ asset: { fields: object; form: { schema: { properties: object } } } }>(asset, { id: assetId });
    expect(seen.asset.fields).toEqual({ code: "K7" });
    expect(Object.keys(seen.asset.form.schema.properties)).toEqual(["code"]);
    const shown = async (name: string) => user.send(list, { filter: { fields: [{ name, isNull: false }] } });
    expect(await shown("code")).toMatchObject({ data: { assets: { totalCount: 1 } } });
    expect(await shown("price")).toMatchObject({ errors: [{ extensions: { code: "BAD_USER_INPUT" } }] });
  });
});

describe("another tenant", () => {
  test("has no fields of the same type", async () => {
    const { asset } = await aPlace();
    await asset("elevator", "E1", { load: 900 });
    const { admin } = await weft.tenant();
    expect(await admin.run(schemas)).toEqual({ customFieldSchemas: [] });
    expect(await admin.refusal(list, { filter: { fields: [{ name: "load", gte: 0 }] } })).toBe("BAD_USER_INPUT");
  });
});

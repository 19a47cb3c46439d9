import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
let olga: TestUser;
let buildingId: string;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await weft.tenant("Acme");
  ({ buildingId } = await acme.maintenance());
  olga = await acme.user("operations");
});

const columns = "id key name icon position status hasUniqueSerialNumbers version";
const create = `mutation ($input: CreateAssetTypeInput!) { createAssetType(input: $input) { assetType { ${columns} } } }`;
const update = `mutation ($input: UpdateAssetTypeInput!) { updateAssetType(input: $input) { assetType { ${columns} } } }`;
const deactivate = "mutation ($input: VersionedIdInput!) { deactivateAssetType(input: $input) { assetType { status version } } }";
const activate = "mutation ($input: VersionedIdInput!) { reactivateAssetType(input: $input) { assetType { status version } } }";
const createAsset = "mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { id type assetType { name } } } }";
const updateAsset = "mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { id } } }";

async function typeWith(key: string, values: object = {}): Promise<string> {
  const input = { key, name: key, ...values };
  return (await olga.run<{ createAssetType: { assetType: { id: string } } }>(create, { input })).createAssetType.assetType.id;
}

async function assetOf(type: string, values: object = {}): Promise<string> {
  const input = { buildingId, tag: `T-${crypto.randomUUID().slice(0, 8)}`, name: "An asset", type, ...values };
  return (await olga.run<{ createAsset: { asset: { id: string } } }>(createAsset, { input })).createAsset.asset.id;
}

const problemsOf = async (operation: string, input: object): Promise<unknown> =>
  (await olga.refused(operation, { input })).extensions?.["problems"];

describe("asset types", () => {
  test("have a name, an icon and a position, and change with their versions", async () => {
    const id = await typeWith("escalator", { name: "Escalators", icon: "stairs", position: 3 });
    const { updateAssetType } = await olga.run<{ updateAssetType: { assetType: object } }>(update, {
      input: { id, name: "Moving stairs", icon: null, expectedVersion: 1 },
    });
    expect(updateAssetType.assetType).toEqual({
      id,
      key: "escalator",
      name: "Moving stairs",
      icon: null,
      position: 3,
      status: "ACTIVE",
      hasUniqueSerialNumbers: false,
      version: 2,
    });
    expect(await olga.refusal(update, { input: { id, name: "Late", expectedVersion: 1 } })).toBe("CONFLICT");
    expect(await problemsOf(create, { key: "escalator", name: "Again" })).toMatchObject([{ path: "input.key" }]);
  });

  test("are added by the first asset of a new type, once", async () => {
    // In some tries, both find none at the same moment.
    for (let round = 0; round < 100; round++) {
      const type = round === 0 ? "water boiler" : `boiler-${round}`;
      await Promise.all([assetOf(type), assetOf(type), assetOf(type)]);
    }
    const { assetTypes } = await olga.run<{ assetTypes: object }>(
      '{ assetTypes(filter: { key: { eq: "water boiler" } }) { totalCount edges { node { name } } } }',
    );
    expect(assetTypes).toEqual({ totalCount: 1, edges: [{ node: { name: "water boiler" } }] });
  });

  test("that are inactive take no new assets, and keep those that they have", async () => {
    const id = await typeWith("telex");
    const asset = await assetOf("telex");
    const other = await assetOf("fax");
    expect(await olga.run(deactivate, { input: { id } })).toEqual({
      deactivateAssetType: { assetType: { status: "INACTIVE", version: 2 } },
    });
    expect(await olga.run(deactivate, { input: { id } })).toMatchObject({ deactivateAssetType: { assetType: { version: 2 } } });
    const message = 'The asset type "telex" is inactive. Choose another one, or reactivate it with reactivateAssetType.';
    expect(await problemsOf(createAsset, { buildingId, tag: "TLX", name: "Telex", type: "telex" })).toEqual([
      { path: "input.type", message },
    ]);
    expect(await problemsOf(updateAsset, { id: other, type: "telex" })).toEqual([{ path: "input.type", message }]);
    await olga.run(updateAsset, { input: { id: asset, type: "telex", name: "Old telex" } });
    expect(await olga.run(activate, { input: { id } })).toMatchObject({ reactivateAssetType: { assetType: { status: "ACTIVE" } } });
    await assetOf("telex");
  });

  test("can require unique serial numbers, of assets that exist too", { tags: "slow" }, async () => {
    const id = await typeWith("meter", { hasUniqueSerialNumbers: true });
    const first = await assetOf("meter", { serialNumber: "S1" });
    const message = 'Another asset of the type "meter" has the serial number "S1".';
    expect(await problemsOf(createAsset, { buildingId, tag: "M", name: "Meter", type: "meter", serialNumber: "S1" })).toEqual([
      { path: "input.serialNumber", message },
    ]);
    const elsewhere = await assetOf("sensor", { serialNumber: "S1" });
    expect(await problemsOf(updateAsset, { id: elsewhere, type: "meter" })).toEqual([{ path: "input.serialNumber", message }]);
    await olga.run(update, { input: { id, hasUniqueSerialNumbers: false } });
    await olga.run(updateAsset, { input: { id: elsewhere, type: "meter" } });
    expect(await problemsOf(update, { id, hasUniqueSerialNumbers: true })).toMatchObject([{ path: "input.hasUniqueSerialNumbers" }]);
    await olga.run(updateAsset, { input: { id: first, serialNumber: "S2" } });
    await olga.run(update, { input: { id, hasUniqueSerialNumbers: true } });
    expect(await problemsOf(updateAsset, { id: first, serialNumber: "S1" })).toEqual([{ path: "input.serialNumber", message }]);
  });

  test.each(["KEY", "NAME", "POSITION", "CREATED_AT"])("are paged by %s without gaps", async (field) => {
    const page = `query ($after: String) { assetTypes(first: 2, after: $after, orderBy: { field: ${field} }) {
      totalCount pageInfo { endCursor hasNextPage } edges { node { key } } } }`;
    interface Pages {
      assetTypes: { totalCount: number; pageInfo: { endCursor: string; hasNextPage: boolean }; edges: { node: { key: string } }[] };
    }
    const seen: string[] = [];
    let after: string | null = null;
    let total = 0;
    do {
      const { assetTypes }: Pages = await olga.run<Pages>(page, { after });
      seen.push(...assetTypes.edges.map(({ node }) => node.key));
      total = assetTypes.totalCount;
      after = assetTypes.pageInfo.hasNextPage ? assetTypes.pageInfo.endCursor : null;
    } while (after !== null);
    expect(new Set(seen).size).toBe(total);
    expect(seen).toHaveLength(total);
  });

  test("are changed only with the permission, and not from another tenant", async () => {
    const id = await typeWith("own");
    const requester = await acme.user("requester");
    expect(await requester.refusal(create, { input: { key: "x", name: "X" } })).toBe("FORBIDDEN");
    expect(await requester.run("query ($id: ID!) { assetType(id: $id) { key } }", { id })).toEqual({ assetType: { key: "own" } });
    const globex = await weft.tenant("Globex");
    expect(await globex.admin.refusal("query ($id: ID!) { assetType(id: $id) { key } }", { id })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal(update, { input: { id, name: "Mine" } })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal(deactivate, { input: { id } })).toBe("NOT_FOUND");
  });
});

test(
  "a new key that resembles an existing one is refused as a typing mistake, until somebody creates the type on purpose",
  { tags: "slow" },
  async () => {
    const tenant = await weft.tenant();
    const { buildingId } = await tenant.maintenance();
    const create = "mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { type } } }";
    const asset = (tag: string, type: string) => ({ input: { buildingId, tag, name: tag, type } });
    const error = await tenant.admin.refused(create, asset("E-2", "elevatr"));
    expect(error.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.type" }] });
    expect(error.message).toContain('There is no asset type "elevatr". Did you mean "elevator"?');
    await tenant.admin.run('mutation { createAssetType(input: { key: "elevatr", name: "Elevatr" }) { assetType { id } } }');
    expect(await tenant.admin.run(create, asset("E-2", "elevatr"))).toEqual({ createAsset: { asset: { type: "elevatr" } } });
    for (const type of ["pump-1", "pump-2", "boiler", "cooler"])
      expect(await tenant.admin.run(create, asset(type, type))).toEqual({ createAsset: { asset: { type } } });
  },
);

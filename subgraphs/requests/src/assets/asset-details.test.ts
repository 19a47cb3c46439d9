import { aMaintenanceTenant, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
let olga: TestUser;
let place: Awaited<ReturnType<TestTenant["maintenance"]>>;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await weft.tenant("Acme");
  place = await acme.maintenance();
  olga = await acme.user("operations");
});

const columns = `id tag type serialNumber manufacturer model purchasedOn purchaseCost purchaseCurrency warrantyUntil version
  owner { __typename ... on User { id } ... on Team { id } } custodian { id } parent { id } assetType { key name status }`;
const create = `mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { ${columns} } } }`;
const update = `mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { ${columns} } } }`;
const remove = "mutation ($input: VersionedIdInput!) { deleteAsset(input: $input) { id } }";
const restore = "mutation ($input: VersionedIdInput!) { restoreAsset(input: $input) { asset { id tag version } } }";

interface Asset {
  readonly id: string;
  readonly version: number;
}

let made = 0;
async function asset(values: object = {}, by = olga): Promise<Asset> {
  const input = { buildingId: place.buildingId, tag: `D-${(made += 1)}`, name: "Pump", type: "pump", ...values };
  return (await by.run<{ createAsset: { asset: Asset } }>(create, { input })).createAsset.asset;
}

const problemsOf = async (operation: string, input: object): Promise<unknown> =>
  (await olga.refused(operation, { input })).extensions?.["problems"];

describe("details of an asset", () => {
  test("say where it comes from, who owns it, and who is in charge of it", async () => {
    const values = { serialNumber: "SN-1", manufacturer: "Grundfos", model: "CR 3", warrantyUntil: "2030-06-30" };
    const purchase = { purchasedOn: "2026-01-15", purchaseCost: "1250.50", purchaseCurrency: "EUR" };
    const made = await asset({ ...values, ...purchase, ownerId: acme.admin.id, custodianId: olga.id });
    const people = { owner: { __typename: "User", id: acme.admin.id }, custodian: { id: olga.id } };
    expect(made).toMatchObject({ ...values, ...purchase, ...people, assetType: { key: "pump", name: "pump" } });
    const cleared = { purchaseCost: null, purchaseCurrency: null, ownerId: null, custodianId: null, serialNumber: null };
    const { updateAsset } = await olga.run<{ updateAsset: { asset: object } }>(update, { input: { id: made.id, ...cleared } });
    expect(updateAsset.asset).toMatchObject({ purchaseCost: null, owner: null, custodian: null, serialNumber: null, model: "CR 3" });
  });

  test("are refused with the place of each problem", async () => {
    const input = { buildingId: place.buildingId, tag: "BAD", name: "Pump", type: "pump" };
    expect(await problemsOf(create, { ...input, purchaseCost: "1.234", purchaseCurrency: "euro" })).toMatchObject([
      { path: "input.purchaseCost" },
      { path: "input.purchaseCurrency" },
    ]);
    expect(await problemsOf(create, { ...input, purchaseCost: "12" })).toMatchObject([{ path: "input.purchaseCurrency" }]);
    expect(await problemsOf(create, { ...input, warrantyUntil: "2026-02-30" })).toMatchObject([{ path: "input.warrantyUntil" }]);
    expect(await problemsOf(create, { ...input, ownerId: place.buildingId })).toMatchObject([{ path: "input.ownerId" }]);
    const globex = await weft.tenant("Globex");
    expect(await problemsOf(create, { ...input, ownerId: globex.admin.id, custodianId: globex.admin.id })).toEqual([
      { path: "input.ownerId", message: `No user with the ID ${globex.admin.id} exists.` },
      { path: "input.custodianId", message: `No user with the ID ${globex.admin.id} exists.` },
    ]);
    const { id } = await asset();
    expect(await problemsOf(update, { id, purchaseCurrency: "EUR" })).toMatchObject([{ path: "input.purchaseCurrency" }]);
  });

  test("are found by words, days and people, and the asset by its tag", async () => {
    const made = await asset({ tag: "QR-77", model: "Zephyrus", warrantyUntil: "2027-03-31", ownerId: acme.admin.id });
    const found = async (filter: object): Promise<string[]> => {
      const query = "query ($filter: AssetFilter) { assets(filter: $filter) { totalCount edges { node { id } } } }";
      const { assets } = await olga.run<{ assets: { totalCount: number; edges: { node: { id: string } }[] } }>(query, { filter });
      expect(assets.totalCount).toBe(assets.edges.length);
      return assets.edges.map(({ node }) => node.id);
    };
    expect(await found({ search: { contains: "zephyr pump" } })).toEqual([made.id]);
    expect(await found({ warrantyUntil: { gte: "2027-03-01", lte: "2027-03-31" } })).toEqual([made.id]);
    expect(await found({ owner: { eq: acme.admin.id }, tag: { eq: "QR-77" } })).toEqual([made.id]);
    await olga.run(update, { input: { id: made.id, model: "Boreas" } });
    expect(await found({ search: { contains: "zephyr" } })).toEqual([]);
    const byTag = "query ($tag: String!) { assetByTag(tag: $tag) { id } }";
    expect(await olga.run(byTag, { tag: "QR-77" })).toEqual({ assetByTag: { id: made.id } });
    expect(await olga.run(byTag, { tag: "QR-78" })).toEqual({ assetByTag: null });
    const bad = await olga.refused('{ assets(filter: { warrantyUntil: { gt: "soon" } }) { totalCount } }');
    expect(bad.message).toBe('filter.warrantyUntil.gt: "soon" is not a valid date. Use YYYY-MM-DD.');
  });

  test("are found by any part of their tag and serial number as they are now", async () => {
    const made = await asset({ tag: "Tür/0815-A", serialNumber: "SN 4711%x" });
    const found = async (filter: object): Promise<string[]> => {
      const query = "query ($filter: AssetFilter) { assets(filter: $filter, first: 100) { edges { node { id } } } }";
      const { assets } = await olga.run<{ assets: { edges: { node: { id: string } }[] } }>(query, { filter });
      return assets.edges.map(({ node }) => node.id);
    };
    for (const contains of ["/0815-a", "tür/", "815", "R/08"]) expect(await found({ tag: { contains } }), contains).toEqual([made.id]);
    for (const contains of ["n 47", "1%X", "SN 4711%x"]) expect(await found({ serialNumber: { contains } }), contains).toEqual([made.id]);
    expect(await found({ tag: { contains: "4711" } })).toEqual([]);
    expect(await found({ serialNumber: { contains: "7_1" } })).toEqual([]);
    const withoutPart = await found({ not: { serialNumber: { contains: "4711" } } });
    expect(withoutPart.length).toBeGreaterThan(0);
    expect(withoutPart).not.toContain(made.id);
    await olga.run(update, { input: { id: made.id, tag: "B-2", serialNumber: null } });
    expect(await found({ tag: { contains: "0815" } })).toEqual([]);
    expect(await found({ tag: { contains: "b-2" } })).toEqual([made.id]);
    expect(await found({ serialNumber: { contains: "4711" } })).toEqual([]);
  });

  test.each(["TAG", "NAME", "TYPE", "STATUS", "CREATED_AT", "UPDATED_AT"])("are paged by %s without gaps", async (field) => {
    const page = `query ($after: String) { assets(first: 3, after: $after, orderBy: { field: ${field}, direction: DESC }) {
      totalCount pageInfo { endCursor hasNextPage } edges { node { id } } } }`;
    interface Pages {
      assets: { totalCount: number; pageInfo: { endCursor: string; hasNextPage: boolean }; edges: { node: { id: string } }[] };
    }
    const seen: string[] = [];
    let after: string | null = null;
    let total = 0;
    do {
      const { assets }: Pages = await olga.run<Pages>(page, { after });
      seen.push(...assets.edges.map(({ node }) => node.id));
      total = assets.totalCount;
      after = assets.pageInfo.hasNextPage ? assets.pageInfo.endCursor : null;
    } while (after !== null);
    expect(new Set(seen).size).toBe(total);
    expect(seen).toHaveLength(total);
  });

  test("of a purchase, its owner and its custodian are hidden from users of a vendor, in filters too", async () => {
    const initech = await aMaintenanceTenant(weft);
    const { assetId, admin, vendor } = initech;
    const { user } = vendor;
    await admin.run(update, { input: { id: assetId, purchaseCost: "99.00", purchaseCurrency: "EUR", ownerId: admin.id } });
    await initech.request("assigned");
    const fields = "id tag purchaseCost purchaseCurrency owner { __typename } custodian { id }";
    const { data } = await user.send(`query ($id: ID!) { asset(id: $id) { ${fields} } }`, { id: assetId });
    expect(data?.["asset"]).toMatchObject({ id: assetId, purchaseCost: null, purchaseCurrency: null, owner: null, custodian: null });
    for (const filter of ["purchaseCost: { gt: 1 }", `owner: { eq: "${admin.id}" }`, 'purchasedOn: { gt: "2020-01-01" }'])
      expect(await user.refusal(`{ assets(filter: { ${filter} }) { totalCount } }`)).toBe("FORBIDDEN");
    expect(await user.run("{ assets { totalCount edges { node { id } } } }")).toEqual({
      assets: { totalCount: 1, edges: [{ node: { id: assetId } }] },
    });
  });
});

describe("the hierarchy of assets", () => {
  test("shows parents and children, and moves a part to another asset", async () => {
    const [first, second] = [await asset(), await asset()];
    const part = await asset({ parentId: first.id });
    const shown = "query ($id: ID!) { asset(id: $id) { parent { id } children { totalCount edges { node { id } } } } }";
    expect(await olga.run(shown, { id: first.id })).toEqual({
      asset: { parent: null, children: { totalCount: 1, edges: [{ node: { id: part.id } }] } },
    });
    await olga.run(update, { input: { id: part.id, parentId: second.id } });
    expect(await olga.run(shown, { id: first.id })).toMatchObject({ asset: { children: { totalCount: 0 } } });
    expect(await olga.run(shown, { id: part.id })).toMatchObject({ asset: { parent: { id: second.id } } });
  });

  test("has no cycles, also if two users try to close one at the same time", async () => {
    const whole = await asset();
    const part = await asset({ parentId: whole.id });
    for (const parent of [whole, part])
      expect(await problemsOf(update, { id: whole.id, parentId: parent.id })).toMatchObject([{ path: "input.parentId" }]);
    const [left, right] = [await asset(), await asset()];
    const answers = await Promise.all([
      olga.send(update, { input: { id: left.id, parentId: right.id } }),
      acme.admin.send(update, { input: { id: right.id, parentId: left.id } }),
    ]);
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1);
  });

  test("has at most ten levels, counted above and below", async () => {
    const chain = [await asset()];
    for (let level = 2; level <= 9; level += 1) chain.push(await asset({ parentId: chain.at(-1)?.id }));
    const pair = await asset();
    await asset({ parentId: pair.id });
    expect(await problemsOf(update, { id: pair.id, parentId: chain.at(-1)?.id })).toEqual([
      { path: "input.parentId", message: "The hierarchy would have 11 levels. At most 10 are allowed." },
    ]);
    await asset({ parentId: chain.at(-1)?.id });
  });
});

describe("deleting an asset", () => {
  test("hides it everywhere, frees its tag, and can be undone", async () => {
    const { id, version } = await asset({ tag: "GONE" });
    await olga.run(remove, { input: { id, expectedVersion: version } });
    expect(await olga.refusal("query ($id: ID!) { asset(id: $id) { id } }", { id })).toBe("NOT_FOUND");
    expect(await olga.refusal("query ($id: ID!) { node(id: $id) { id } }", { id })).toBe("NOT_FOUND");
    expect(await olga.run('{ assetByTag(tag: "GONE") { id } assets(filter: { search: { contains: "GONE" } }) { totalCount } }')).toEqual({
      assetByTag: null,
      assets: { totalCount: 0 },
    });
    expect(await olga.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
    const request = { typeKey: "maintenance", data: { summary: "Drips", estimate: 1 }, assetId: id };
    const createRequest = "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }";
    expect(await acme.admin.refusal(createRequest, { input: request })).toBe("BAD_USER_INPUT");
    const { deletedAssets } = await olga.run<{ deletedAssets: { edges: { node: object }[] } }>(
      "{ deletedAssets { edges { node { id tag version deletedBy { id } } } } }",
    );
    expect(deletedAssets.edges[0]?.node).toEqual({ id, tag: "GONE", version: 2, deletedBy: { id: olga.id } });
    const successor = await asset({ tag: "GONE" });
    expect(await problemsOf(restore, { id })).toMatchObject([{ path: "input.tag" }]);
    await olga.run(update, { input: { id: successor.id, tag: "GONE-2" } });
    expect(await olga.run(restore, { input: { id } })).toEqual({ restoreAsset: { asset: { id, tag: "GONE", version: 3 } } });
    expect(await olga.refusal(restore, { input: { id } })).toBe("NOT_FOUND");
    expect(await acme.admin.run("query ($id: ID!) { asset(id: $id) { auditTrail { edges { node { action } } } } }", { id })).toMatchObject({
      asset: { auditTrail: { edges: containing(["asset.create", "asset.delete", "asset.restore"]) } },
    });
  });

  test("is refused while it has open requests or children, with their numbers", async () => {
    const { id } = await asset({ tag: "BUSY" });
    await asset({ parentId: id });
    const input = { typeKey: "maintenance", data: { summary: "Drips", estimate: 1 }, assetId: id };
    await acme.admin.run("mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }", { input });
    const error = await olga.refused(remove, { input: { id } });
    expect(error.extensions).toMatchObject({ code: "CONFLICT", dependents: { children: 1, openRequests: 1 } });
    expect(error.message).toBe(
      'The asset "BUSY" cannot be deleted while it has 1 child asset and 1 open request. Delete, move, close, cancel, or pause them first.',
    );
  });

  test("and a request about it at the same time: never both", async () => {
    const input = { typeKey: "maintenance", data: { summary: "Drips", estimate: 1 } };
    for (let round = 0; round < 5; round += 1) {
      const { id } = await asset();
      const answers = await Promise.all([
        olga.send(remove, { input: { id } }),
        acme.admin.send("mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }", {
          input: { ...input, assetId: id },
        }),
      ]);
      expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1);
      const codes = answers.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions?.code));
      expect(["CONFLICT", "BAD_USER_INPUT"]).toContain(codes[0]);
    }
  });

  test("requires the permission, and does not tell another tenant that the asset exists", async () => {
    const { id } = await asset();
    const requester = await acme.user("requester");
    expect(await requester.refusal(remove, { input: { id } })).toBe("FORBIDDEN");
    expect(await requester.refusal("{ deletedAssets { totalCount } }")).toBe("FORBIDDEN");
    const globex = await weft.tenant("Globex");
    expect(await globex.admin.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
    await olga.run(remove, { input: { id } });
    expect(await globex.admin.refusal(restore, { input: { id } })).toBe("NOT_FOUND");
  });
});

/** Expects edges of audit entries with these actions, among others. */
const containing = (actions: readonly string[]): unknown =>
  expect.arrayContaining(actions.map((action) => ({ node: { action } }))) as unknown;

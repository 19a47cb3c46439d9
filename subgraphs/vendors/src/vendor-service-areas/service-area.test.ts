import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

const areaFields = "serviceAreas { regions buildings { id code } }";
const setAreas = `mutation ($input: SetVendorServiceAreasInput!) { setVendorServiceAreas(input: $input) { vendor { version ${areaFields} } } }`;
const found = "query ($filter: VendorFilter) { vendors(filter: $filter) { edges { node { id } } } }";

let weft: SharedWeft;
let acme: TestTenant;
beforeAll(async () => {
  weft = await sharedWeft();
  acme = await weft.tenant();
});

let made = 0;
async function aBuilding(tenant: TestTenant, more: object = {}): Promise<string> {
  const { createBuilding } = await tenant.admin.run<{ createBuilding: { building: { id: string } } }>(
    "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }",
    { input: { code: `B-${(made += 1)}`, name: "Building", ...more } },
  );
  return createBuilding.building.id;
}
const set = (who: TestUser, id: string, input: object) => who.run(setAreas, { input: { id, ...input } });
async function vendorsIn(who: TestUser, filter: object): Promise<string[]> {
  const { vendors } = await who.run<{ vendors: { edges: { node: { id: string } }[] } }>(found, { filter });
  return vendors.edges.map(({ node }) => node.id);
}

describe("service areas of a vendor", () => {
  test("are regions without duplicates, and buildings", async () => {
    const { id } = await acme.vendor();
    const buildingId = await aBuilding(acme);
    const input = {
      regions: [" Greater   London", "greater london", "Île-de-France"],
      buildingIds: [buildingId, buildingId],
      expectedVersion: 1,
    };
    expect(await set(acme.admin, id, input)).toMatchObject({
      setVendorServiceAreas: {
        vendor: { version: 2, serviceAreas: { regions: ["Greater London", "Île-de-France"], buildings: [{ id: buildingId }] } },
      },
    });
    expect(await acme.admin.refusal(setAreas, { input: { id, ...input } })).toBe("CONFLICT");
    expect(await set(acme.admin, id, {})).toMatchObject({
      setVendorServiceAreas: { vendor: { serviceAreas: { regions: [], buildings: [] } } },
    });
  });

  test("find vendors by region, building, the building's region, and category", async () => {
    const tenant = await weft.tenant();
    const [north, south, elsewhere] = [await tenant.vendor(), await tenant.vendor(), await tenant.vendor()];
    const [inNorth, single] = [await aBuilding(tenant, { region: "ÎLE  du Nord" }), await aBuilding(tenant)];
    await set(tenant.admin, north.id, { regions: ["Île du Nord"] });
    await set(tenant.admin, south.id, { regions: ["Sud"], buildingIds: [single] });
    expect(await vendorsIn(tenant.admin, { region: { eq: "île  DU nord" } })).toEqual([north.id]);
    expect((await vendorsIn(tenant.admin, { region: { in: ["Sud", "ÎLE DU NORD"] } })).toSorted()).toEqual([north.id, south.id].toSorted());
    expect(await vendorsIn(tenant.admin, { region: { contains: "du" } })).toEqual([north.id]);
    expect(await vendorsIn(tenant.admin, { building: { eq: inNorth } })).toEqual([north.id]);
    expect(await vendorsIn(tenant.admin, { building: { eq: single } })).toEqual([south.id]);
    // Letters of which JavaScript and PostgreSQL have different lowercase forms, and a letter in its decomposed form.
    const regions = ["İstanbul", "ΑΘΗΝΑΣ", "Ile-de-Fra\u0302nce"];
    await set(tenant.admin, elsewhere.id, { regions });
    for (const region of regions) expect(await vendorsIn(tenant.admin, { region: { eq: region } })).toEqual([elsewhere.id]);
    for (const region of regions) {
      const buildingId = await aBuilding(tenant, { region });
      expect(await vendorsIn(tenant.admin, { building: { eq: buildingId } })).toEqual([elsewhere.id]);
    }
    await set(tenant.admin, elsewhere.id, {});
    await tenant.admin.run('mutation ($id: ID!) { updateVendor(input: { id: $id, categories: ["hvac"] }) { vendor { id } } }', {
      id: south.id,
    });
    expect(await vendorsIn(tenant.admin, { category: { eq: "hvac" }, building: { in: [inNorth, single] } })).toEqual([south.id]);
    expect(await vendorsIn(tenant.admin, { not: { region: { contains: "" } } })).toEqual([elsewhere.id]);
  });

  test("are refused with the place of each problem, and only to users who can change the vendor", async () => {
    const { id, user } = await acme.vendor();
    const globex = await weft.tenant();
    const foreign = await aBuilding(globex);
    const problems = async (input: object) => (await acme.admin.refused(setAreas, { input: { id, ...input } })).extensions?.["problems"];
    expect(await problems({ regions: ["North", " "] })).toMatchObject([{ path: "input.regions.1" }]);
    expect(await problems({ buildingIds: [await aBuilding(acme), foreign] })).toEqual([
      { path: "input.buildingIds.1", message: `No building with the ID ${foreign} exists.` },
    ]);
    expect(await problems({ regions: Array.from({ length: 101 }, (_, n) => `R${n}`) })).toMatchObject([{ path: "input.regions" }]);
    expect(await user.refusal(setAreas, { input: { id } })).toBe("FORBIDDEN");
    expect(await globex.admin.refusal(setAreas, { input: { id } })).toBe("NOT_FOUND");
  });

  test("show users of the vendor the regions, and only those buildings that they can see", async () => {
    const { id, user } = await acme.vendor();
    await set(acme.admin, id, { regions: ["North"], buildingIds: [await aBuilding(acme)] });
    expect(await user.run(`query ($id: ID!) { vendor(id: $id) { ${areaFields} } }`, { id })).toEqual({
      vendor: { serviceAreas: { regions: ["North"], buildings: [] } },
    });
  });

  test("are read with the contacts and rates of all vendors of a page in the same number of statements", { tags: "slow" }, async () => {
    const tenant = await weft.tenant();
    const buildingId = await aBuilding(tenant);
    for (let n = 0; n < 3; n += 1) {
      const { id } = await tenant.vendor();
      await set(tenant.admin, id, { regions: ["North"], buildingIds: [buildingId] });
    }
    const page = `query ($first: Int) { vendors(first: $first) { edges { node { contacts { id } rates { unit } ${areaFields} } } } }`;
    const statementsOf = (first: number) => weft.statementCount(() => tenant.admin.run(page, { first }));
    await statementsOf(1);
    expect(await statementsOf(3)).toBe(await statementsOf(1));
  });
});

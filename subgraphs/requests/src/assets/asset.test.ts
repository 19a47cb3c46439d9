import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
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

const columns = "id tag name type status installedOn version building { id }";
const create = `mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { ${columns} } } }`;
const update = `mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { ${columns} } } }`;

async function asset(tag: string): Promise<string> {
  const input = { buildingId: place.buildingId, tag, name: "Boiler", type: "boiler" };
  const { createAsset } = await olga.run<{ createAsset: { asset: { id: string } } }>(create, { input });
  return createAsset.asset.id;
}

describe("assets", () => {
  test("are in a building from the start", async () => {
    const input = { buildingId: place.buildingId, tag: "BLR-1", name: "Boiler", type: "boiler", installedOn: "2024-02-29" };
    const { createAsset } = await olga.run<{ createAsset: { asset: object } }>(create, { input });
    expect(createAsset.asset).toMatchObject({
      tag: "BLR-1",
      status: "OPERATIONAL",
      installedOn: "2024-02-29",
      version: 1,
      building: { id: place.buildingId },
    });
  });

  test("accept only days of the calendar", async () => {
    const input = { buildingId: place.buildingId, tag: "BLR-2", name: "Boiler", type: "boiler", installedOn: "2023-02-29" };
    const error = await olga.refused(create, { input });
    expect(error.message).toBe('input.installedOn: "2023-02-29" is not a valid date. Use YYYY-MM-DD.');
  });

  test("move to another building, and appear in its list", async () => {
    const id = await asset("MOVE-1");
    const { createBuilding } = await olga.run<{ createBuilding: { building: { id: string } } }>(
      'mutation { createBuilding(input: { code: "NEW", name: "New" }) { building { id } } }',
    );
    await olga.run(update, { input: { id, buildingId: createBuilding.building.id, status: "MAINTENANCE" } });
    const { building } = await olga.run<{ building: object }>(
      "query ($id: ID!) { building(id: $id) { assets { edges { node { id status } } } } }",
      { id: createBuilding.building.id },
    );
    expect(building).toEqual({ assets: { edges: [{ node: { id, status: "MAINTENANCE" } }] } });
  });

  test("can only be added to active buildings; one that is in a building when it closes stays, and can be changed", async () => {
    const closing = await olga.run<{ createBuilding: { building: { id: string } } }>(
      'mutation { createBuilding(input: { code: "SHUT", name: "Shut" }) { building { id } } }',
    );
    const buildingId = closing.createBuilding.building.id;
    const staying = await asset("STAY-1");
    await olga.run(update, { input: { id: staying, buildingId } });
    await olga.run("mutation ($id: ID!) { updateBuilding(input: { id: $id, status: INACTIVE }) { building { id } } }", { id: buildingId });
    const problem = {
      path: "input.buildingId",
      message: 'The building "SHUT" is inactive. Choose another one, or activate it with updateBuilding.',
    };
    const made = await olga.refused(create, { input: { buildingId, tag: "SHUT-1", name: "Boiler", type: "boiler" } });
    expect(made.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [problem] });
    const moved = await olga.refused(update, { input: { id: await asset("SHUT-2"), buildingId } });
    expect(moved.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [problem] });
    await olga.run(update, { input: { id: staying, buildingId, name: "Old boiler" } });
  });

  test("are refused with all their problems at once", async () => {
    const input = {
      buildingId: "bld_00000000000000000000000000",
      tag: " ",
      name: "",
      type: " ",
      installedOn: "2026-02-30",
      purchaseCost: "1.234",
      ownerId: "here",
      custodianId: place.buildingId,
    };
    const { extensions } = await olga.refused(create, { input });
    const fields = ["tag", "name", "installedOn", "purchaseCost", "purchaseCurrency", "buildingId", "ownerId", "custodianId", "type"];
    expect(extensions?.["problems"]).toMatchObject(fields.map((field) => ({ path: `input.${field}` })));
  });

  test("are not updated without a change, and the refusal names what can be changed", async () => {
    const { extensions } = await olga.refused(update, { input: { id: await asset("STILL") } });
    expect(extensions?.["problems"]).toMatchObject([
      { message: expect.stringMatching(/at least one of .*name.*custodianId.*\.$/) as unknown },
    ]);
  });

  test("have tags that are unique in the tenant", async () => {
    await asset("SAME");
    const error = await olga.refused(create, { input: { buildingId: place.buildingId, tag: "SAME", name: "Other", type: "pump" } });
    expect(error.extensions?.["problems"]).toMatchObject([{ path: "input.tag" }]);
  });

  test("report a conflict for an old version", async () => {
    const id = await asset("OLD");
    await olga.run(update, { input: { id, name: "Newer" } });
    expect(await olga.refusal(update, { input: { id, name: "Late", expectedVersion: 1 } })).toBe("CONFLICT");
  });

  test("are filtered by building and status", async () => {
    await asset("FILTER");
    const list = "query ($filter: AssetFilter) { assets(filter: $filter, first: 100) { edges { node { tag } } } }";
    const { assets } = await olga.run<{ assets: { edges: { node: { tag: string } }[] } }>(list, {
      filter: { building: { eq: place.buildingId }, status: { eq: "OPERATIONAL" }, tag: { contains: "filt" } },
    });
    expect(assets.edges.map(({ node }) => node.tag)).toEqual(["FILTER"]);
  });
});

describe("another tenant", () => {
  test("neither reads nor changes an asset, nor moves one into a building of Acme", async () => {
    const id = await asset("OWN");
    const globex = await weft.tenant("Globex");
    expect(await globex.admin.refusal("query ($id: ID!) { asset(id: $id) { id } }", { id })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal(update, { input: { id, name: "Mine" } })).toBe("NOT_FOUND");
    const error = await globex.admin.refused(create, { input: { buildingId: place.buildingId, tag: "X", name: "X", type: "x" } });
    expect(error.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.buildingId" }] });
  });
});

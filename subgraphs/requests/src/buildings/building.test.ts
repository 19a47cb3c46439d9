import { aMaintenanceTenant, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
let olga: TestUser;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await weft.tenant("Acme");
  olga = await acme.user("operations");
});

const create =
  "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id code name address status version } } }";
const update =
  "mutation ($input: UpdateBuildingInput!) { updateBuilding(input: $input) { building { id code name address status version } } }";
const list =
  "query ($filter: BuildingFilter, $orderBy: BuildingOrder) { buildings(filter: $filter, orderBy: $orderBy, first: 100) { edges { node { code } } totalCount } }";

async function building(code: string): Promise<string> {
  const { createBuilding } = await olga.run<{ createBuilding: { building: { id: string } } }>(create, {
    input: { code, name: `Building ${code}` },
  });
  return createBuilding.building.id;
}

describe("buildings", () => {
  test("are created in use, with the given values", async () => {
    const { createBuilding } = await olga.run<{ createBuilding: { building: object } }>(create, {
      input: { code: "HQ", name: "Headquarters", address: "1 Main Street" },
    });
    expect(createBuilding.building).toMatchObject({
      code: "HQ",
      name: "Headquarters",
      address: "1 Main Street",
      status: "ACTIVE",
      version: 1,
    });
  });

  test("have an address, a position, and a time zone, which null clears", async () => {
    const place = {
      address: "c/o Acme\nBahnhofstrasse 1",
      postalCode: "8001",
      city: "Zürich",
      region: "ZH",
      country: "CH",
      position: { latitude: 47.3769, longitude: 8.5417 },
      timeZone: "Europe/Zurich",
    };
    const columns = "id address postalCode city region country position { latitude longitude } timeZone";
    const { createBuilding } = await olga.run<{ createBuilding: { building: { id: string } } }>(
      `mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { ${columns} } } }`,
      { input: { code: "ZRH", name: "Zürich", ...place } },
    );
    const { id } = createBuilding.building;
    expect(createBuilding.building).toEqual({ id, ...place });
    const changed = await olga.run<{ updateBuilding: object }>(
      `mutation ($input: UpdateBuildingInput!) { updateBuilding(input: $input) { building { ${columns} } } }`,
      { input: { id, city: "Zurich", country: null, position: null, timeZone: null } },
    );
    const cleared = { country: null, position: null, timeZone: null };
    expect(changed.updateBuilding).toEqual({ building: { id, ...place, city: "Zurich", ...cleared } });
  });

  test("refuse countries, positions, and time zones that do not exist", async () => {
    const problems = async (more: object) => {
      const { extensions } = await olga.refused(create, { input: { code: "NOWHERE", name: "Nowhere", ...more } });
      return extensions?.["problems"];
    };
    expect(await problems({ country: "ch", position: { latitude: 91, longitude: -181 } })).toEqual([
      { path: "input.country", message: '"ch" is not a country code. Use two capital letters of ISO 3166-1, for example CH.' },
      { path: "input.position.latitude", message: "91 is not a latitude. Use degrees between -90 and 90." },
      { path: "input.position.longitude", message: "-181 is not a longitude. Use degrees between -180 and 180." },
    ]);
    expect(await problems({ code: " ", country: "ZZ", timeZone: "Here", fields: { unknown: 1 } })).toMatchObject(
      ["input.code", "input.country", "input.timeZone", "input.fields"].map((path) => ({ path })),
    );
    expect(await problems({ country: "ZZ" })).toMatchObject([{ path: "input.country" }]);
    expect(await problems({ timeZone: "Europe/Nowhere" })).toMatchObject([{ path: "input.timeZone" }]);
  });

  test("are found by words of their code, name, and address", async () => {
    const tenant = await weft.tenant("Search");
    const input = { code: "DEPOT", name: "Old depot", address: "Harbour Road 5", postalCode: "20457", city: "Hamburg", country: "DE" };
    await tenant.admin.run(create, { input });
    await tenant.admin.run(create, { input: { code: "MILL", name: "Mill", city: "Hamburg" } });
    const found = async (filter: object) => {
      const { buildings } = await tenant.admin.run<{ buildings: { edges: { node: { code: string } }[]; totalCount: number } }>(list, {
        filter,
      });
      expect(buildings.totalCount).toBe(buildings.edges.length);
      return buildings.edges.map(({ node }) => node.code);
    };
    expect(await found({ search: { contains: "hamburg" } })).toEqual(["DEPOT", "MILL"]);
    expect(await found({ search: { contains: "hamburg harbour 20457" } })).toEqual(["DEPOT"]);
    expect(await found({ search: { contains: "hamburg bakery" } })).toEqual([]);
    expect(await found({ city: { eq: "Hamburg" }, country: { isNull: true } })).toEqual(["MILL"]);
  });

  test("are found by custom fields, but not by users of a vendor who cannot see the field", { tags: "slow" }, async () => {
    const tenant = await aMaintenanceTenant(weft);
    const properties = { heating: { type: "string", visibleToVendors: true }, alarm: { type: "string" } };
    await tenant.admin.run(
      "mutation ($input: UpdateCustomFieldsInput!) { updateCustomFields(input: $input) { customFieldSchema { version } } }",
      { input: { kind: "BUILDING", schema: { properties } } },
    );
    await tenant.admin.run(update, { input: { id: tenant.buildingId, fields: { heating: "geothermal", alarm: "secretphrase" } } });
    await tenant.request("assigned");
    const found = async (user: TestUser, contains: string) =>
      (await user.run<{ buildings: { totalCount: number } }>(list, { filter: { search: { contains } } })).buildings.totalCount;
    expect(await found(tenant.admin, "headquarters geothermal secretphrase")).toBe(1);
    expect(await found(tenant.vendor.user, "headquarters")).toBe(1);
    expect(await found(tenant.vendor.user, "secretphrase")).toBe(0);
  });

  test("have codes that are unique in the tenant, and each tenant has its own", async () => {
    await building("TWICE");
    const error = await olga.refused(create, { input: { code: "TWICE", name: "Again" } });
    expect(error.message).toBe('input.code: The building code "TWICE" is already taken. Choose another one.');
    const globex = await weft.tenant("Globex");
    await globex.admin.run(create, { input: { code: "TWICE", name: "Elsewhere" } });
  });

  test("change only the given fields, and report a conflict for an old version", async () => {
    const id = await building("CHG");
    const { updateBuilding } = await olga.run<{ updateBuilding: { building: object } }>(update, {
      input: { id, expectedVersion: 1, status: "INACTIVE" },
    });
    expect(updateBuilding.building).toMatchObject({ status: "INACTIVE", version: 2, name: "Building CHG" });
    const error = await olga.refused(update, { input: { id, expectedVersion: 1, name: "Late" } });
    expect(error.extensions).toMatchObject({ code: "CONFLICT", currentVersion: 2 });
  });

  test("refuse empty and overlong texts, all of them at once", async () => {
    const error = await olga.refused(create, { input: { code: " ", name: "x".repeat(201) } });
    expect(error.extensions?.["problems"]).toMatchObject([{ path: "input.code" }, { path: "input.name" }]);
  });

  test("are listed by filter and order", async () => {
    const tenant = await weft.tenant("Lists");
    for (const code of ["C", "A", "B"]) await tenant.admin.run(create, { input: { code, name: code === "B" ? "Barn" : "House" } });
    const codes = async (variables: object) => {
      const { buildings } = await tenant.admin.run<{ buildings: { edges: { node: { code: string } }[] } }>(
        list,
        variables as Record<string, unknown>,
      );
      return buildings.edges.map(({ node }) => node.code);
    };
    expect(await codes({})).toEqual(["A", "B", "C"]);
    expect(await codes({ filter: { name: { contains: "hou" } }, orderBy: { field: "CODE", direction: "DESC" } })).toEqual(["C", "A"]);
  });

  test("write an audit entry with the values before and after", async () => {
    const id = await building("AUD");
    await olga.run(update, { input: { id, name: "Renamed" } });
    const { building: found } = await acme.admin.run<{ building: { auditTrail: { edges: { node: { action: string } }[] } } }>(
      "query ($id: ID!) { building(id: $id) { auditTrail(first: 10) { edges { node { action } } } } }",
      { id },
    );
    expect(found.auditTrail.edges.map(({ node }) => node.action)).toEqual(["building.update", "building.create"]);
  });
});

describe("another tenant", () => {
  test("neither reads nor changes a building", async () => {
    const id = await building("OWN");
    const globex = await weft.tenant("Globex");
    expect(await globex.admin.refusal("query ($id: ID!) { building(id: $id) { id } }", { id })).toBe("NOT_FOUND");
    expect(await globex.admin.refusal(update, { input: { id, name: "Mine" } })).toBe("NOT_FOUND");
    expect(await globex.admin.run(list)).toEqual({ buildings: { edges: [], totalCount: 0 } });
  });
});

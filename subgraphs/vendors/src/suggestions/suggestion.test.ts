import {
  acceptVendorDocument,
  aMaintenanceTenant,
  type MaintenanceTenant,
  newVendorDocument,
  requireVendorDocuments,
  sharedWeft,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

const suggest = `query ($input: SuggestVendorsInput!, $first: Int! = 10) { suggestVendors(input: $input, first: $first) { categories neededOn
  candidates { score vendor { name } reasons { criterion points message } } excluded { vendor { name } reasons { reason message } } } }`;
const setAvailability = "mutation ($input: SetVendorAvailabilityInput!) { setVendorAvailability(input: $input) { vendor { id } } }";
const createVendor = "mutation ($input: CreateVendorInput!) { createVendor(input: $input) { vendor { id } } }";

interface Suggestions {
  suggestVendors: {
    categories: string[];
    neededOn: string;
    candidates: { score: number; vendor: { name: string }; reasons: { criterion: string; points: number; message: string }[] }[];
    excluded: { vendor: { name: string }; reasons: { reason: string; message: string }[] }[];
  };
}

let kit: SharedWeft;
let acme: MaintenanceTenant;
beforeAll(async () => {
  kit = await sharedWeft();
  acme = await aMaintenanceTenant(kit);
});

async function aVendor(name: string, categories: string[], input: Record<string, unknown> = {}, who = acme.admin): Promise<string> {
  const { createVendor: created } = await who.run<{ createVendor: { vendor: { id: string } } }>(createVendor, {
    input: { code: name, name, categories },
  });
  const { id } = created.vendor;
  if (Object.keys(input).length > 0) await who.run(setAvailability, { input: { id, ...input } });
  return id;
}

async function setAreas(id: string, areas: Record<string, unknown>, who = acme.admin): Promise<void> {
  const mutation = "mutation ($input: SetVendorServiceAreasInput!) { setVendorServiceAreas(input: $input) { vendor { id } } }";
  await who.run(mutation, { input: { id, ...areas } });
}

async function setRates(id: string, rates: readonly object[], who = acme.admin): Promise<void> {
  await who.run("mutation ($input: SetVendorRatesInput!) { setVendorRates(input: $input) { vendor { id } } }", { input: { id, rates } });
}

/** The points and the sentence of a criterion. Empty if it does not count. */
const reasonsFor = (reasons: readonly { criterion: string; points: number; message: string }[], wanted: string) =>
  reasons.flatMap(({ criterion, points, message }) => (criterion === wanted ? [points, message] : []));

const suggested = async ({ first = 10, ...input }: Record<string, unknown>, who = acme.operations) =>
  (await who.run<Suggestions>(suggest, { input, first })).suggestVendors;

/** A Monday and a Sunday that are far away. */
const monday = "2031-03-03";
const sunday = "2031-03-02";

test("vendors are ranked by categories and capacity, and others are excluded with the reason", async () => {
  const busy = await aVendor("Busy", ["hvac"], { maxOpen: 2 });
  await aVendor("Both", ["HVAC", "water"]);
  await aVendor("Painter", ["paint"]);
  await acme.assign(await acme.request(), { vendorId: busy });
  await aVendor("Away", ["hvac"], { absences: [{ fromDay: monday, untilDay: "2031-03-09", reason: "Secret" }] });
  await aVendor("Full", ["hvac"], { maxOpen: 0 });
  const blocked = await aVendor("Blocked", ["hvac"]);
  await acme.admin.run('mutation ($id: ID!) { blockVendor(input: { id: $id, reason: "Fraud" }) { vendor { id } } }', { id: blocked });
  const { candidates, excluded, neededOn } = await suggested({ categories: ["Hvac", "water"], neededOn: monday, first: 100 });
  expect(neededOn).toBe(monday);
  expect(candidates).toEqual([
    {
      score: 100,
      vendor: { name: "Both" },
      reasons: [
        { criterion: "CATEGORY", points: 100, message: "Has the categories HVAC, water." },
        { criterion: "CAPACITY", points: 100, message: "Has 0 open assignments, without a limit." },
      ],
    },
    {
      score: 50,
      vendor: { name: "Busy" },
      reasons: [
        { criterion: "CATEGORY", points: 50, message: "Has the category hvac." },
        { criterion: "CAPACITY", points: 50, message: "Has 1 open assignment of at most 2." },
      ],
    },
  ]);
  const why = new Map(excluded.map(({ vendor, reasons }) => [vendor.name, reasons]));
  expect(why.get("Away")).toEqual([{ reason: "ABSENCE", message: `The vendor is absent from ${monday} until 2031-03-09.` }]);
  expect(why.get("Full")).toEqual([{ reason: "CAPACITY", message: "The vendor has 0 open assignments, and its limit maxOpen is 0." }]);
  expect(why.get("Blocked")).toEqual([{ reason: "STATUS", message: "The vendor has the status BLOCKED." }]);
  expect(why.get("Painter")).toEqual([{ reason: "CATEGORY", message: "The vendor has none of the categories hvac or water." }]);
});

test("a day without working hours excludes vendors, except by their own calendar", async () => {
  await aVendor("Always", ["alarm"], { calendar: "always" });
  await aVendor("Office", ["alarm"]);
  const { candidates, excluded } = await suggested({ categories: ["alarm"], neededOn: sunday });
  expect(candidates.map(({ vendor }) => vendor.name)).toEqual(["Always"]);
  expect(excluded.find(({ vendor }) => vendor.name === "Office")?.reasons).toEqual([
    { reason: "CLOSED", message: `The vendor does not work on ${sunday}.` },
  ]);
});

test("a request gives its type and tags as categories, and the performance counts", async () => {
  await aVendor("Leaks", ["leak"]);
  const { id: closed } = await acme.request("closed");
  await acme.requester.run("mutation ($id: ID!) { rateVendor(input: { requestId: $id, stars: 5 }) { rating { id } } }", { id: closed });
  const { id: requestId } = await acme.request();
  const triage = "mutation ($input: TriageRequestInput!) { triageRequest(input: $input) { request { id } } }";
  await acme.operations.run(triage, { input: { id: requestId, tags: ["Leak"] } });
  const { categories, candidates } = await suggested({ requestId, neededOn: monday, first: 100 });
  expect(categories).toEqual(expect.arrayContaining(["leak", "maintenance"]));
  const of = (name: string) => candidates.find(({ vendor }) => vendor.name === name);
  expect(of("Leaks")?.reasons).toContainEqual({ criterion: "CATEGORY", points: 100, message: "Has the category leak." });
  const measured = candidates.filter(({ reasons }) => reasons.some(({ criterion }) => criterion === "PERFORMANCE"));
  expect(measured).toHaveLength(1);
  expect(measured[0]?.reasons.at(-1)?.points).toBeGreaterThan(90);
});

test("vendors of the building or its region come before others", async () => {
  const { admin } = await kit.tenant();
  const { createBuilding } = await admin.run<{ createBuilding: { building: { id: string } } }>(
    "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }",
    { input: { code: "K", name: "Kent office", address: "1 Road", region: " West  KENT " } },
  );
  const { id: buildingId } = createBuilding.building;
  await setAreas(await aVendor("Elsewhere", ["hvac"], {}, admin), { regions: ["Devon"] }, admin);
  await setAreas(await aVendor("Region", ["hvac"], {}, admin), { regions: ["west kent"] }, admin);
  await setAreas(await aVendor("Building", ["hvac"], {}, admin), { regions: ["Devon"], buildingIds: [buildingId] }, admin);
  const areas = async (input: Record<string, unknown>) => {
    const { candidates } = await suggested({ categories: ["hvac"], neededOn: monday, ...input }, admin);
    return candidates.map(({ vendor, reasons }) => [vendor.name, ...reasonsFor(reasons, "AREA")]);
  };
  expect(await areas({ buildingId })).toEqual([
    ["Building", 100, "Works in the building."],
    ["Region", 100, "Works in the region of the building."],
    ["Elsewhere", 0, "Works neither in the building nor in its region."],
  ]);
  expect(await areas({})).toEqual([["Building"], ["Elsewhere"], ["Region"]]);
});

test("the building of a request does not count for users who cannot see it", async () => {
  await setAreas(await aVendor("Near", ["lift"]), { buildingIds: [acme.buildingId] });
  const { id: requestId } = await acme.request();
  const grants = ["vendor.read", "request.read"].map((permission) => ({ permission, scope: "TENANT" }));
  const role = { key: "planner", name: "Planner", permissions: grants };
  await acme.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", { input: role });
  const areas = async (who: TestUser) => {
    const { candidates } = await suggested({ requestId, categories: ["lift"], neededOn: monday }, who);
    return candidates.flatMap(({ reasons }) => reasonsFor(reasons, "AREA"));
  };
  expect(await areas(acme.operations)).toEqual([100, "Works in the building."]);
  expect(await areas(await acme.tenant.user("planner"))).toEqual([]);
});

test("vendors with rates below the median of the candidates come first, by the rates that are valid on the day of the work", async () => {
  const { admin } = await kit.tenant();
  const hourly = (amount: number, more: object = {}) => ({ unit: "HOUR", amount: { amount, currency: "EUR" }, ...more });
  const withRates = async (name: string, rates: object[], limits = {}) =>
    setRates(await aVendor(name, ["hvac"], limits, admin), rates, admin);
  await withRates("Own rate", [hourly(9_000), hourly(2_500, { category: "HVAC" }), hourly(1, { category: "paint" })]);
  await withRates("Other categories", [hourly(5_000), hourly(1, { category: "paint" })]);
  await withRates("New rate", [hourly(1, { validUntil: sunday }), hourly(10_000, { validFrom: monday })]);
  await withRates("Dollars", [{ unit: "VISIT", amount: { amount: 1, currency: "USD" } }]);
  await withRates("Past rate", [hourly(1, { validUntil: sunday })]);
  await withRates("Excluded", [hourly(1)], { maxOpen: 0 });
  const { candidates } = await suggested({ categories: ["hvac"], neededOn: monday }, admin);
  expect(candidates.map(({ vendor, reasons }) => [vendor.name, ...reasonsFor(reasons, "PRICE")])).toEqual([
    ["Own rate", 75, "Charges 25.00 EUR an hour; the median of the candidates is 50.00 EUR."],
    ["Dollars", 50, "Charges 0.01 USD a visit; the median of the candidates is 0.01 USD."],
    ["Other categories", 50, "Charges 50.00 EUR an hour; the median of the candidates is 50.00 EUR."],
    ["New rate", 0, "Charges 100.00 EUR an hour; the median of the candidates is 50.00 EUR."],
    ["Past rate", 0, "Has no rate for this work."],
  ]);
});

test("the input has a request or categories", async () => {
  const paths = async ({ first = 10, ...input }: Record<string, unknown>) => {
    const { extensions } = await acme.operations.refused(suggest, { input, first });
    expect(extensions?.code).toBe("BAD_USER_INPUT");
    return ((extensions?.["problems"] ?? []) as { path: string }[]).map(({ path }) => path);
  };
  const { id: requestId } = await acme.request();
  expect(await paths({})).toEqual(["input"]);
  const { categories } = await suggested({ requestId, categories: ["Hvac"], buildingId: acme.buildingId });
  expect(categories).toEqual(["hvac"]);
  expect(await paths({ categories: [] })).toEqual(["input.categories"]);
  expect(await paths({ categories: ["hvac"], neededOn: "soon" })).toEqual(["input.neededOn"]);
  expect(await paths({ categories: ["hvac"], first: 0 })).toEqual(["first"]);
  const vendors = "{ vendor { documents(first: 100) { totalCount } } }";
  const deep = `query ($input: SuggestVendorsInput!) { suggestVendors(input: $input, first: 100) { candidates ${vendors} excluded ${vendors} } }`;
  expect(await acme.operations.refusal(deep, { input: { categories: ["hvac"] } })).toBe("QUERY_LIMIT_EXCEEDED");
  const theirs = await aMaintenanceTenant(kit);
  expect(await paths({ categories: ["hvac"], buildingId: theirs.buildingId })).toEqual(["input.buildingId"]);
  expect(await theirs.operations.refusal(suggest, { input: { requestId } })).toBe("NOT_FOUND");
  const stranger = await acme.tenant.user("requester");
  expect(await stranger.refusal(suggest, { input: { requestId } })).toBe("FORBIDDEN");
  expect(await acme.vendor.user.refusal(suggest, { input: { categories: ["hvac"] } })).toBe("FORBIDDEN");
});

test("another tenant's vendors are never suggested, and the number of statements is that of one vendor", { tags: "slow" }, async () => {
  const { admin } = await kit.tenant();
  await aVendor("One", ["hvac"], { maxOpen: 5 }, admin);
  const count = () => kit.statementCount(() => suggested({ categories: ["hvac"], first: 100, neededOn: monday }, admin));
  const before = await count();
  for (let n = 0; n < 9; n++) {
    const id = await aVendor(`More ${n}`, ["hvac"], { maxOpen: 5 }, admin);
    await setRates(id, [{ unit: "HOUR", amount: { amount: 5_000 + n, currency: "EUR" } }], admin);
    await setAreas(id, { regions: ["Kent"] }, admin);
  }
  const { candidates, excluded } = await suggested({ categories: ["hvac"], first: 100, neededOn: monday }, admin);
  expect(candidates).toHaveLength(10);
  expect(excluded).toEqual([]);
  expect(await count()).toBe(before);
  const availability = "{ vendors { edges { node { availability { maxOpen absences { fromDay } load { open } } } } } }";
  const listed = await kit.statements(async () => void (await admin.run(availability)));
  expect(listed.filter((text) => /findAvailability|findAbsences|readVendorLoads/.test(text))).toHaveLength(3);
});

test("vendors that lack a required document are excluded until it is accepted", async () => {
  const { admin } = await kit.tenant();
  const id = await aVendor("Uninsured", ["roof"], {}, admin);
  await requireVendorDocuments(admin, [{ kind: "INSURANCE" }]);
  const { candidates, excluded } = await suggested({ categories: ["roof"], neededOn: monday }, admin);
  expect(candidates).toEqual([]);
  expect(excluded.map(({ vendor, reasons }) => [vendor.name, reasons])).toEqual([
    ["Uninsured", [{ reason: "DOCUMENTS", message: "The vendor gets no new work: its required document INSURANCE is missing." }]],
  ]);
  await acceptVendorDocument(admin, await newVendorDocument(admin, { vendorId: id }));
  expect((await suggested({ categories: ["roof"], neededOn: monday }, admin)).candidates.map(({ vendor }) => vendor.name)).toEqual([
    "Uninsured",
  ]);
});

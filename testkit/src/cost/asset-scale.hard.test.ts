import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { assignToBuilding } from "../isolation/fixture.js";
import { type AssetPlaces, fillAssets, fillLabels } from "./filled-records.js";
import { settle } from "./sliced.js";
import type { TestTenant } from "../test-tenant.js";
import { startTestWeft, type TestWeft } from "../test-weft.js";
import { touchedPages } from "./touched-pages.js";

/** Compares the cost of lists of many and few assets, in pages that PostgreSQL touches. */
let kit: TestWeft;
let owner: postgres.Sql;
let app: postgres.Sql;
let auth: postgres.Sql;
const companies: { readonly tenant: TestTenant; readonly places: AssetPlaces }[] = [];

beforeAll(async () => {
  kit = await startTestWeft({ alone: "It fills the database." });
  owner = postgres(kit.database.ownerUrl, { max: 1, onnotice: () => {} });
  app = postgres(kit.database.appUrl, { max: 1 });
  auth = postgres(kit.database.authUrl, { max: 1 });
  for (const count of [4_000, 40_000]) {
    const tenant = await kit.tenant();
    companies.push({ tenant, places: await fillAssets(owner, tenant.id, count) });
    await fillLabels(owner, tenant.id);
  }
  await settle(owner);
}, 120_000);
afterAll(async () => {
  await Promise.all([owner.end(), app.end(), auth.end()]);
  await kit.stop();
});

const by = (given: string) => () => given;
const filter = (given: string) => () => `filter: { ${given} }`;
const search = (text: string) => filter(`search: { contains: "${text}" }`);

const lists: Readonly<Record<string, (places: AssetPlaces) => string>> = {
  "by tag": by("orderBy: { field: TAG }"),
  "by name": by("orderBy: { field: NAME, direction: DESC }"),
  "by type": by("orderBy: { field: TYPE }"),
  "by status": by("orderBy: { field: STATUS, direction: DESC }"),
  "by age": by("orderBy: { field: CREATED_AT, direction: DESC }"),
  "by change": by("orderBy: { field: UPDATED_AT, direction: DESC }"),
  "with a tag": filter('tag: { eq: "T-00000777" }'),
  "of a rare type": filter('type: { eq: "rare" }'),
  "of a type that none has": filter('type: { eq: "unknown" }'),
  "in a rare status": filter("status: { eq: OUT_OF_SERVICE }"),
  "in a status that none has": filter("status: { eq: DECOMMISSIONED }"),
  "in the status of most": filter("status: { eq: OPERATIONAL }"),
  "of a building with few": ({ building }) => `filter: { building: { eq: "${building}" } }`,
  "with a serial number": filter('serialNumber: { eq: "SN-777" }'),
  "whose tag contains a text that few have": filter('tag: { contains: "000777" }'),
  "whose tag contains a text that none has": filter('tag: { contains: "x" }'),
  "whose serial number contains a text that few have": filter('serialNumber: { contains: "n-3777" }'),
  "whose serial number contains a text that none has": filter('serialNumber: { contains: "-x" }'),
  "of a rare manufacturer": filter('manufacturer: { eq: "Rare" }'),
  "of a rare model": filter('model: { eq: "R1" }'),
  "of an owner": ({ person }) => `filter: { owner: { eq: "${person}" } }`,
  "of a custodian": ({ person }) => `filter: { custodian: { eq: "${person}" } }`,
  "that are parts of one": ({ parent }) => `filter: { parent: { eq: "${parent}" } }`,
  "whose warranty ends early": filter('warrantyUntil: { lt: "1991-01-01" }'),
  "installed early": filter('installedOn: { lt: "1991-01-01" }'),
  "bought early": filter('purchasedOn: { lt: "1991-01-01" }'),
  "with a word that all have": search("asset"),
  "with a word that a tenth has": search("hydraulic"),
  "with a word that twenty have": search("antique"),
  "with a word that none has": search("unheard"),
};

test("assets of a user who is limited to a building with few cost no more pages if there are ten times as many", async () => {
  const found: number[] = [];
  for (const { tenant, places } of companies) {
    const permissions = [{ permission: "asset.read", scope: "BUILDING" }];
    await tenant.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
      input: { key: "caretaker", name: "Caretaker", permissions },
    });
    const caretaker = await tenant.user("caretaker");
    await assignToBuilding(tenant.admin, places.building, [caretaker.id]);
    for (const orderBy of ["{ field: TAG }", "{ field: CREATED_AT, direction: DESC }"]) {
      const run = () =>
        caretaker.run<{ assets: { edges: object[] } }>(`{ assets(first: 30, orderBy: ${orderBy}) { edges { node { id } } } }`);
      expect((await run()).assets.edges).toHaveLength(20);
      const touched = await touchedPages({ databases: kit.weft.services.databases, app, auth, tenantId: tenant.id }, run);
      found.push(touched["listAssets"] ?? Number.NaN);
    }
  }
  const [smallByTag = Number.NaN, smallByAge = Number.NaN, byTag, byAge] = found;
  expect(byTag, found.join()).toBeLessThanOrEqual(smallByTag * 2 + 60);
  expect(byAge, found.join()).toBeLessThanOrEqual(smallByAge * 2 + 60);
});

test.each(Object.entries(lists))("assets %s cost no more pages if there are ten times as many", async (_what, given) => {
  const found: number[] = [];
  for (const { tenant, places } of companies) {
    const run = () => tenant.admin.run(`{ assets(first: 20, ${given(places)}) { edges { node { id } } } }`);
    // After this, the viewer is cached.
    await run();
    const touched = await touchedPages({ databases: kit.weft.services.databases, app, auth, tenantId: tenant.id }, run);
    found.push(touched["listAssets"] ?? Number.NaN);
  }
  const [small = Number.NaN, large = Number.NaN] = found;
  // A list that reads all rows of the large company touches more than a thousand pages.
  expect(large, `${small} and ${large} pages`).toBeLessThanOrEqual(small * 2 + 60);
});

import { decodeId } from "@weft/shared/ids";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assignToBuilding } from "../isolation/fixture.js";
import { fillClocks, fillHeads, fillNumbers, fillRecords, fillTags, fillTimeline, fillWords, type RecordPlaces } from "./filled-records.js";
import { settle } from "./sliced.js";
import type { TestTenant } from "../test-tenant.js";
import type { TestUser } from "../test-user.js";
import { startTestWeft, type TestWeft } from "../test-weft.js";
import { touchedPages } from "./touched-pages.js";

/** Compares the cost of lists of many and few requests and audit entries, in pages that PostgreSQL touches. `pnpm bench lists` measures the times. */
let kit: TestWeft;
let owner: postgres.Sql;
let app: postgres.Sql;
let auth: postgres.Sql;
const companies: { readonly tenant: TestTenant; readonly places: RecordPlaces; readonly caretaker: TestUser }[] = [];

beforeAll(async () => {
  kit = await startTestWeft({ alone: "It fills the database." });
  owner = postgres(kit.database.ownerUrl, { max: 1, onnotice: () => {} });
  app = postgres(kit.database.appUrl, { max: 1 });
  auth = postgres(kit.database.authUrl, { max: 1 });
  for (const count of [4_000, 40_000]) {
    const tenant = await kit.tenant();
    await fillHeads(owner, tenant.id, count);
    await fillClocks(owner, tenant.id, count);
    await fillWords(owner, tenant.id, count);
    const places = await fillRecords(owner, tenant.id, { count, reader: decodeId("user", tenant.admin.id) });
    await fillNumbers(owner, tenant.id);
    await fillTimeline(owner, tenant.id, { count: count / 4, author: decodeId("user", tenant.admin.id) });
    companies.push({ tenant, places, caretaker: await newCaretaker(tenant, places.building) });
  }
  await settle(owner);
}, 300_000);
afterAll(async () => {
  await Promise.all([owner.end(), app.end(), auth.end()]);
  await kit.stop();
});

/** Creates a user who is limited to a building. */
async function newCaretaker(tenant: TestTenant, building: string): Promise<TestUser> {
  const permissions = ["request.read", "workflow.read"].map((permission) => ({ permission, scope: "BUILDING" }));
  await tenant.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
    input: { key: "caretaker", name: "Caretaker", permissions },
  });
  const caretaker = await tenant.user("caretaker");
  await assignToBuilding(tenant.admin, building, [caretaker.id]);
  return caretaker;
}

const requests = (given: string) => ({ statement: "listRequests", query: `{ requests(first: 20, ${given}) { edges { node { id } } } }` });
const count = (given: string) => ({ statement: "countRequests", query: `{ requests(first: 1, ${given}) { totalCount } }` });
const search = (text: string) => requests(`filter: { search: { contains: "${text}" } }`);
/** Requests are read by age until twenty match a condition that a tenth of them meet: that costs some pages for each of two hundred, of however many. */
const ofATenth = (given: string) => ({ ...requests(given), margin: 400 });
const timeline = (request: string, given: string) => ({
  statement: "listTimelines",
  query: `{ request(id: "${request}") { timeline(${given}) { edges { node { event } } } } }`,
});
const entries = (given: string) => ({ statement: "findEntries", query: `{ auditEntries(first: 20, ${given}) { edges { node { id } } } }` });
const notifications = (given: string) => ({
  statement: "listNotifications",
  query: `{ notifications(first: 20, ${given}) { edges { node { id } } } }`,
});
const anHourAfter = (time: string): string => new Date(Date.parse(time) + 3_600_000).toISOString();

interface Listed {
  readonly statement: string;
  readonly query: string;
  /** Number of pages that the large company may cost more, in addition to twice those of the small one. */
  readonly margin?: number;
}
type ListFor = (places: RecordPlaces) => Listed;

const lists: Readonly<Record<string, ListFor>> = {
  "requests of a type that has none": () => requests('filter: { typeKey: { eq: "unused" } }'),
  "requests of a type that does not exist": () => requests('filter: { typeKey: { eq: "unknown" } }'),
  "requests by state": () => requests("orderBy: { field: STATE }"),
  "requests in a rare state": () => requests('filter: { state: { eq: "rare" } }'),
  "requests in a state of many": () => requests('filter: { state: { eq: "triage" } }'),
  "requests by change": () => requests("orderBy: { field: UPDATED_AT, direction: DESC }"),
  "requests with a word that all have": () => search("repairs"),
  "requests with a word that a tenth has": () => ofATenth('filter: { search: { contains: "kitchens" } }'),
  "requests with a word that twenty have": () => search("chimney repair"),
  "requests with a word that none has": () => search("unheard"),
  "requests whose number contains a text that one has": () => requests('filter: { number: { contains: "x-4" } }'),
  "requests whose number contains a text that none has": () => requests('filter: { number: { contains: "-x" } }'),
  "requests whose number contains a text that all have": () => requests('filter: { number: { contains: "-" } }'),
  "requests whose number contains digits that a tenth has": () => ofATenth('filter: { number: { contains: "7" } }'),
  "the number of requests in a rare state": () => count('filter: { state: { eq: "rare" } }'),
  "requests that are late": () => requests("filter: { sla: { status: { eq: BREACHED } } }"),
  "requests with a warning": () => requests("filter: { sla: { status: { eq: WARNING } } }"),
  "requests with a target soon": () => requests(`filter: { sla: { dueAt: { lt: "${new Date().toISOString()}" } } }`),
  "requests by the next target": () => ({ ...requests("orderBy: { field: SLA_DUE_AT }"), statement: "listRequestsByDue" }),
  "requests by the last target": () => ({
    ...requests("orderBy: { field: SLA_DUE_AT, direction: DESC }"),
    statement: "listRequestsWithoutDue",
  }),
  "urgent requests": () => requests("filter: { priority: { eq: URGENT } }"),
  "requests of the priority of nearly all": () => requests("filter: { priority: { eq: NORMAL } }"),
  "requests by priority": () => requests("orderBy: { field: PRIORITY, direction: DESC }"),
  "requests with a high impact": () => requests("filter: { impact: { eq: HIGH } }"),
  "requests that are due": () => requests('filter: { dueAt: { lt: "2999-01-01T00:00:00Z" } }'),
  "requests by due date": () => requests("orderBy: { field: DUE_AT }"),
  "requests that a user watches": ({ reader }) => requests(`filter: { watcher: { eq: "${reader}" } }`),
  "the number of urgent requests": () => count("filter: { priority: { eq: URGENT } }"),
  "a page of a request's timeline": ({ request }) => timeline(request, "first: 20"),
  "the first entries of a request's timeline": ({ request }) => timeline(request, "last: 20"),
  "audit entries of a rare action": () => entries('filter: { action: { eq: "requestType.create" } }'),
  "audit entries of an action that never happened": () => entries('filter: { action: { eq: "vendor.create" } }'),
  "audit entries of a rare type": () => entries("filter: { entityType: { eq: REQUEST_TYPE } }"),
  "unread notifications": () => notifications("filter: { isRead: { eq: false } }"),
  "audit entries before a time long ago": ({ middle }) => entries(`filter: { at: { lt: "${middle}" } }`),
  "audit entries of a rare action before a time long ago": ({ middle }) =>
    entries(`filter: { action: { eq: "requestType.create" }, at: { lt: "${middle}" } }`),
  "audit entries since a time long ago": ({ middle }) => entries(`filter: { at: { gte: "${middle}" } }`),
  "the first audit entries since a time long ago": ({ middle }) => ({
    statement: "findEntries",
    query: `{ auditEntries(last: 20, filter: { at: { gte: "${middle}" } }) { edges { node { id } } } }`,
  }),
  "audit entries of an hour long ago": ({ middle }) => entries(`filter: { at: { gte: "${middle}", lt: "${anHourAfter(middle)}" } }`),
};

// Counts read what they count, but from an index alone: some 200 entries a page.
test("counts of requests read a small part of the pages of their rows", async () => {
  const large = companies[1];
  if (!large) throw new Error("The large company is missing.");
  for (const filter of [
    'state: { eq: "done" }',
    'state: { ne: "done" }',
    'typeKey: { eq: "type-1" }',
    'createdAt: { lt: "2999-01-01T00:00:00Z" }',
  ]) {
    const run = () => large.tenant.admin.run(count(`filter: { ${filter} }`).query);
    await run();
    const touched = await touchedPages({ databases: kit.weft.services.databases, app, auth, tenantId: large.tenant.id }, run);
    expect(touched["countRequests"], filter).toBeLessThan(1_500);
  }
});

// 88 requests have a word that begins with part171: they are collected, and the other word is looked up for each.
test("a search for two words reads some pages for each request that has the rarer one", async () => {
  const large = companies[1];
  if (!large) throw new Error("The large company is missing.");
  const run = () => large.tenant.admin.run(search("repair part171").query);
  await run();
  const touched = await touchedPages({ databases: kit.weft.services.databases, app, auth, tenantId: large.tenant.id }, run);
  expect(touched["listRequests"]).toBeLessThan(88 * 20);
});

/** Verifies that the statement of a list touches about as many pages in the large company as in the small one. */
async function assertEqualCost(listFor: ListFor): Promise<void> {
  const found: { readonly pages: number; readonly margin: number }[] = [];
  for (const { tenant, places } of companies) {
    const { statement, query, margin = 60 } = listFor(places);
    const run = () => tenant.admin.run(query);
    // After this, the viewer is cached.
    await run();
    const touched = await touchedPages({ databases: kit.weft.services.databases, app, auth, tenantId: tenant.id }, run);
    found.push({ pages: touched[statement] ?? Number.NaN, margin });
  }
  const [small, large] = found;
  if (small === undefined || large === undefined) throw new Error("A company is missing.");
  // A list that reads all rows of the large company touches more than a thousand pages.
  expect(large.pages, `${small.pages} and ${large.pages} pages`).toBeLessThanOrEqual(small.pages * 2 + large.margin);
}

test.each(Object.entries(lists))("%s cost no more pages if there are ten times as many", (_what, listFor) => assertEqualCost(listFor));

describe("requests with tags", () => {
  beforeAll(async () => {
    for (const { tenant } of companies) await fillTags(owner, tenant.id);
    await settle(owner);
  }, 60_000);

  const tagged: Readonly<Record<string, ListFor>> = {
    "requests with a tag that twenty have": () => requests('filter: { tags: { has: "roof" } }'),
    "requests with a tag that a tenth has": () => ofATenth('filter: { tags: { has: "heating" } }'),
    "requests with a tag that none has": () => requests('filter: { tags: { has: "unheard" } }'),
    "the number of requests with a tag that twenty have": () => count('filter: { tags: { has: "roof" } }'),
  };
  test.each(Object.entries(tagged))("%s cost no more pages if there are ten times as many", (_what, listFor) => assertEqualCost(listFor));
});

const workflowsBy = (field: string) => ({
  statement: "selectInstancePage",
  query: `{ workflowInstances(first: 30, orderBy: { field: ${field} }) { edges { node { id } } } }`,
});
const requestsBy = (field: string) => ({
  statement: "listRequests",
  query: `{ requests(first: 30, orderBy: { field: ${field} }) { edges { node { id } } } }`,
});

/** Lists of the twenty requests and workflows of a building. */
const listsOfBuilding: Readonly<Record<string, { readonly statement: string; readonly query: string }>> = {
  "requests by age": requestsBy("CREATED_AT"),
  "requests by change": requestsBy("UPDATED_AT"),
  "requests by state": requestsBy("STATE"),
  "requests by priority": requestsBy("PRIORITY"),
  "requests by due date": requestsBy("DUE_AT"),
  "requests by the next target": { ...requestsBy("SLA_DUE_AT"), statement: "listRequestsByDue" },
  "requests without a target": { ...requestsBy("SLA_DUE_AT"), statement: "listRequestsWithoutDue" },
  "requests with a word that all have": {
    statement: "listRequests",
    query: '{ requests(first: 30, filter: { search: { contains: "repairs" } }) { edges { node { id } } } }',
  },
  "the number of requests": { statement: "countRequests", query: "{ requests(first: 1) { edges { node { id } } totalCount } }" },
  "workflows by age": workflowsBy("CREATED_AT"),
  "workflows by change": workflowsBy("UPDATED_AT"),
  "workflows by state": workflowsBy("STATE"),
  "the number of workflows": {
    statement: "countInstances",
    query: "{ workflowInstances(first: 1) { edges { node { id } } totalCount } }",
  },
};

test.each(Object.entries(listsOfBuilding))(
  "%s of a user who is limited to a building with few cost no more pages if there are ten times as many",
  async (_what, { statement, query }) => {
    const found: number[] = [];
    for (const { tenant, caretaker } of companies) {
      const run = () => caretaker.run<Record<string, { edges: object[]; totalCount?: number }>>(query);
      const [list] = Object.values(await run());
      expect(list?.totalCount ?? list?.edges.length).toBe(20);
      const touched = await touchedPages({ databases: kit.weft.services.databases, app, auth, tenantId: tenant.id }, run);
      found.push(touched[statement] ?? Number.NaN);
    }
    const [small = Number.NaN, large = Number.NaN] = found;
    expect(large, `${small} and ${large} pages`).toBeLessThanOrEqual(small * 2 + 60);
  },
);

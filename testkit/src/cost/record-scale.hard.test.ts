import { decodeId } from "@weft/shared";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fillClocks, fillHeads, fillRecords, type RecordPlaces } from "./filled-records.js";
import { settle } from "./sliced.js";
import type { TestTenant } from "../test-tenant.js";
import { startTestWeft, type TestWeft } from "../test-weft.js";
import { touchedPages } from "./touched-pages.js";

/** Compares the cost of lists of many and few requests and audit entries, in pages that PostgreSQL touches. `pnpm bench lists` measures the times. */
let kit: TestWeft;
let owner: postgres.Sql;
let app: postgres.Sql;
let auth: postgres.Sql;
const companies: { readonly tenant: TestTenant; readonly places: RecordPlaces }[] = [];

beforeAll(async () => {
  kit = await startTestWeft();
  owner = postgres(kit.database.ownerUrl, { max: 1, onnotice: () => {} });
  app = postgres(kit.database.appUrl, { max: 1 });
  auth = postgres(kit.database.authUrl, { max: 1 });
  for (const count of [4_000, 40_000]) {
    const tenant = await kit.tenant();
    await fillHeads(owner, tenant.id, count);
    await fillClocks(owner, tenant.id, count);
    const places = await fillRecords(owner, tenant.id, { count, reader: decodeId("user", tenant.admin.id) });
    companies.push({ tenant, places });
  }
  await settle(owner);
}, 120_000);
afterAll(async () => {
  await Promise.all([owner.end(), app.end(), auth.end()]);
  await kit.stop();
});

const requests = (given: string) => ({ statement: "listRequests", query: `{ requests(first: 20, ${given}) { edges { node { id } } } }` });
/**
 * The planner may look up each of the twenty requests once per request type, which are six: that costs about four hundred pages more, however many
 * requests there are.
 */
const requestsByClock = (given: string) => ({ ...requests(given), margin: 400 });
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

const lists: Readonly<Record<string, (places: RecordPlaces) => Listed>> = {
  "requests of a type that has none": () => requests('filter: { typeKey: { eq: "unused" } }'),
  "requests of a type that does not exist": () => requests('filter: { typeKey: { eq: "unknown" } }'),
  "requests by state": () => requests("orderBy: { field: STATE }"),
  "requests in a rare state": () => requests('filter: { state: { eq: "rare" } }'),
  "requests that are late": () => requestsByClock("filter: { sla: { status: { eq: BREACHED } } }"),
  "requests with a warning": () => requestsByClock("filter: { sla: { status: { eq: WARNING } } }"),
  "requests with a target soon": () => requestsByClock(`filter: { sla: { dueAt: { lt: "${new Date().toISOString()}" } } }`),
  "requests by the next target": () => ({ ...requests("orderBy: { field: SLA_DUE_AT }"), statement: "listRequestsByDue" }),
  "requests by the last target": () => ({
    ...requests("orderBy: { field: SLA_DUE_AT, direction: DESC }"),
    statement: "listRequestsWithoutDue",
  }),
  "audit entries of a rare action": () => entries('filter: { action: { eq: "requestType.create" } }'),
  "audit entries of an action that never happened": () => entries('filter: { action: { eq: "vendor.create" } }'),
  "audit entries of a rare type": () => entries("filter: { entityType: { eq: REQUEST_TYPE } }"),
  "unread notifications": () => notifications("filter: { isRead: { eq: false } }"),
  "audit entries of an hour long ago": ({ middle }) => entries(`filter: { at: { gte: "${middle}", lt: "${anHourAfter(middle)}" } }`),
};

test.each(Object.entries(lists))("%s cost no more pages if there are ten times as many", async (_what, listFor) => {
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
});

import { decodeId } from "@weft/shared/ids";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fillTasks } from "./filled-tasks.js";
import { settle } from "./sliced.js";
import type { TestTenant } from "../test-tenant.js";
import type { TestUser } from "../test-user.js";
import { startTestWeft, type TestWeft } from "../test-weft.js";
import { touchedPages } from "./touched-pages.js";

/** Compares the cost of queues with many and few waiting tasks, in pages that PostgreSQL touches. `pnpm bench queues` measures the times. */
let kit: TestWeft;
let owner: postgres.Sql;
let app: postgres.Sql;
let auth: postgres.Sql;

interface Company {
  readonly tenant: TestTenant;
  readonly people: Readonly<Record<string, TestUser>>;
}
const companies: Company[] = [];

beforeAll(async () => {
  kit = await startTestWeft({ alone: "It fills the database." });
  owner = postgres(kit.database.ownerUrl, { max: 1, onnotice: () => {} });
  app = postgres(kit.database.appUrl, { max: 1 });
  auth = postgres(kit.database.authUrl, { max: 1 });
  for (const count of [10_000, 100_000]) {
    const tenant = await kit.tenant();
    const team = decodeId("team", await tenant.team("reviewers"));
    const clerk = await tenant.assignee({ teams: ["reviewers"] });
    const people = { approver: await tenant.user("approver"), clerk, manager: await tenant.user("workflow_manager") };
    await fillTasks(owner, tenant.id, { count, clerk: decodeId("user", clerk.id), team });
    companies.push({ tenant, people });
  }
  await settle(owner);
}, 300_000);
afterAll(async () => {
  await Promise.all([owner.end(), app.end(), auth.end()]);
  await kit.stop();
});

const page = (given: string) =>
  `{ tasks(${given}, first: 20) { pageInfo { hasNextPage endCursor } edges { node { id title dueAt priority } } } }`;
const pages = ["OFFERED_TO_ME", "TEAM", "UNASSIGNED", "OVERDUE", "MINE", "NO_CANDIDATES"].flatMap((queue) =>
  ["CREATED_AT, direction: ASC", "CREATED_AT, direction: DESC", "DUE_AT, direction: ASC", "PRIORITY, direction: DESC"].map(
    (order) => [queue, order] as const,
  ),
);

describe("compared with ten thousand tasks, a hundred thousand", () => {
  test.each(["approver", "clerk", "manager"])("cost %s no more pages than the depth of an index", async (person) => {
    for (const [queue, order] of pages) {
      const query = page(`queue: ${queue}, orderBy: { field: ${order} }`);
      const [small = 0, large = 0] = await costs(person, query, "selectTaskPage");
      // Without an index, ten times as many tasks would mean ten times as many pages. If few tasks are overdue, they are collected and sorted; if
      // many are, reading by age finds the first ones sooner.
      expect(large, `${queue} by ${order}: ${small} and ${large}`).toBeLessThanOrEqual(small * 2.5 + 50);
    }
  });

  test.each(["approver", "clerk", "manager"])("make the badges of %s cost what they count, at most a thousand each", async (person) => {
    const [, large = 0] = await costs(person, "{ taskCounts { mine offeredToMe team unassigned overdue noCandidates } }", "countQueues");
    expect(large).toBeLessThanOrEqual(6000);
  });
});

/** Returns the pages that the statement touches in each company. */
async function costs(person: string, query: string, statement: string): Promise<number[]> {
  const found = [];
  for (const { tenant, people } of companies) {
    const run = () => people[person]?.run(query) ?? Promise.reject(new Error(`There is no ${person}.`));
    // After this, the viewer is cached.
    await run();
    const touched = await touchedPages({ databases: kit.weft.services.databases, app, auth, tenantId: tenant.id }, run);
    found.push(touched[statement] ?? Number.POSITIVE_INFINITY);
  }
  return found;
}

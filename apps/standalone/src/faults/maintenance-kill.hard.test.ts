import { demoPassword } from "@weft/shared/demo";
import { brokenInvariants, TestUser, until } from "@weft/testkit";
import type { OwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { startSeededPostgres } from "@weft/testkit/postgres/seeded-postgres";
import { type StandaloneProcess, standaloneProcess } from "@weft/testkit/processes/standalone-process";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawn } from "@weft/testkit/sizes";

// A maintenance plan continues where a killed worker stopped: each planned time has one request.

const HOURS = 6;
const createPlan = `mutation ($input: CreateMaintenancePlanInput!) {
  createMaintenancePlan(input: $input) { plan { id nextOccurrences(first: ${HOURS}) { plannedAt } } } }`;
const readPlan =
  "query ($id: ID!) { maintenancePlan(id: $id) { occurrences(first: 100) { edges { node { plannedAt status request { id } } } } } }";

interface Occurrence {
  readonly plannedAt: string;
  readonly status: string;
  readonly request: { readonly id: string } | null;
}

let database: OwnPostgres;
let sql: postgres.Sql;
let ownerUrl: string;
let weft: StandaloneProcess;
let admin: TestUser;

beforeAll(async () => {
  database = await startSeededPostgres({ max_connections: "100" });
  ownerUrl = Object.assign(new URL(database.url), { pathname: "/weft" }).href;
  weft = await standaloneProcess({ program: "server", settings: { DATABASE_OWNER_URL: ownerUrl } });
  await weft.start();
  sql = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
  admin = await TestUser.login(weft.url, "admin@acme.com", demoPassword("admin@acme.com"));
}, 300_000);

afterAll(async () => {
  await sql.end();
  await weft.remove();
  await database.remove();
}, 120_000);

test.each(
  drawn(
    [
      "app.lockDuePlan:2",
      "maintenance.created:2",
      "maintenance.recorded:3",
      "app.keepMaintenanceProgress>app.commit:2",
      "app.keepMaintenanceProgress>app.committed:2",
    ],
    { of: 6 },
  ),
)("continues after it is killed at %s: each planned time has one request", { timeout: 120_000 }, async (point) => {
  const name = `Hourly, killed at ${point}`;
  const template = { typeKey: "maintenance", data: { summary: "Inspection", estimate: 1 } };
  const input = { name, every: "PT1H", missedRuns: "RUN_ALL", template };
  const { createMaintenancePlan: made } = await admin.run<{
    createMaintenancePlan: { plan: { id: string; nextOccurrences: { plannedAt: string }[] } };
  }>(createPlan, { input });
  const { id, nextOccurrences } = made.plan;
  weft.arm(point);
  // As if it had been created that much earlier, and no worker had run since. The demo resets its clock at each start.
  const shift = HOURS * 3_600_000 + 1_000;
  await sql`
    with shift as (select ${shift} * interval '1 millisecond' as by)
    update requests.maintenance_plans set planned_since = planned_since - by, next_planned_at = next_planned_at - by,
           next_run_at = next_run_at - by, due_at = next_run_at - by
      from shift where name = ${name}`;
  await weft.ended();
  await weft.end("SIGKILL");
  await weft.start();
  const occurrences = await until(
    async () => {
      const { maintenancePlan } = await admin.run<{ maintenancePlan: { occurrences: { edges: { node: Occurrence }[] } } }>(readPlan, {
        id,
      });
      const all = maintenancePlan.occurrences.edges.map(({ node }) => node).toReversed();
      return all.length === HOURS ? all : null;
    },
    { what: "every occurrence has its request", deadlineMs: 60_000 },
  );
  expect(occurrences.map(({ plannedAt, status }) => `${plannedAt} ${status}`)).toEqual(
    nextOccurrences.map(({ plannedAt }) => `${new Date(Date.parse(plannedAt) - shift).toISOString()} GENERATED`),
  );
  expect(new Set(occurrences.map(({ request }) => request?.id)).size).toBe(HOURS);
  const [counts] = await sql<{ created: number; instances: number }[]>`
    select count(*) filter (where type = 'request.created')::int as created, count(*) filter (where type = 'workflow.started')::int as instances
      from events.log where request_id = ${id}`;
  expect(counts).toEqual({ created: HOURS, instances: HOURS });
  await admin.run("mutation ($input: PauseMaintenancePlanInput!) { pauseMaintenancePlan(input: $input) { plan { id } } }", {
    input: { id, reason: "Tested" },
  });
  expect(await brokenInvariants({ ownerUrl })).toEqual([]);
});

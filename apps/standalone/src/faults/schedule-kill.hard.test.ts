import { demoPassword } from "@weft/shared/demo";
import { brokenInvariants, TestUser, until } from "@weft/testkit";
import type { OwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { startSeededPostgres } from "@weft/testkit/postgres/seeded-postgres";
import { type StandaloneProcess, standaloneProcess } from "@weft/testkit/processes/standalone-process";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawn } from "@weft/testkit/sizes";

// A schedule continues where a killed worker stopped: each planned time has one run, and each run has one workflow.

const HOURS = 12;
const createSchedule = `mutation ($input: CreateScheduleInput!) { createSchedule(input: $input) { schedule { id nextRuns(first: ${HOURS}) { plannedAt } } } }`;
const readSchedule = `query ($id: ID!) { schedule(id: $id) { runs(first: 100) { edges { node { plannedAt status instance { id } } } } } }`;

interface Run {
  readonly plannedAt: string;
  readonly status: string;
  readonly instance: { readonly id: string } | null;
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
      "app.lockDueSchedule:3",
      "schedule.started:2",
      "schedule.recorded:4",
      "app.keepScheduleProgress:3",
      "app.keepScheduleProgress>app.commit:2",
      "app.keepScheduleProgress>app.committed:2",
    ],
    { of: 6 },
  ),
)("continues after it is killed at %s: each planned time has one run", { timeout: 120_000 }, async (point) => {
  const input = {
    name: "Hourly",
    definitionKey: "maintenance-request",
    every: "PT1H",
    missedRuns: "RUN_ALL",
    data: { summary: "Inspection of {{plannedDate}}", estimate: 1 },
  };
  const { createSchedule: made } = await admin.run<{
    createSchedule: { schedule: { id: string; nextRuns: { plannedAt: string }[] } };
  }>(createSchedule, { input });
  const { id, nextRuns } = made.schedule;
  weft.arm(point);
  // As if it had been created that much earlier, and no worker had run since. The demo resets its clock at each start.
  const shift = HOURS * 3_600_000 + 1_000;
  await sql`
    with shift as (select ${shift} * interval '1 millisecond' as by)
    update workflows.schedules set planned_since = planned_since - by, next_planned_at = next_planned_at - by, next_run_at = next_run_at - by, due_at = due_at - by
      from shift where name = 'Hourly'`;
  await weft.ended();
  await weft.end("SIGKILL");
  await weft.start();
  const runs = await until(
    async () => {
      const { schedule } = await admin.run<{ schedule: { runs: { edges: { node: Run }[] } } }>(readSchedule, { id });
      const all = schedule.runs.edges.map(({ node }) => node).toReversed();
      return all.length === HOURS && all.every(({ status }) => status === "RUNNING") ? all : null;
    },
    { what: "every run has started", deadlineMs: 60_000 },
  );
  expect(runs.map(({ plannedAt }) => plannedAt)).toEqual(
    nextRuns.map(({ plannedAt }) => new Date(Date.parse(plannedAt) - shift).toISOString()),
  );
  expect(new Set(runs.map(({ instance }) => instance?.id)).size).toBe(HOURS);
  const [counts] = await sql<{ started: number; instances: number }[]>`
    select count(*) filter (where type = 'schedule.run_started')::int as started, count(*) filter (where type = 'workflow.started')::int as instances
      from events.log where request_id = ${id}`;
  expect(counts).toEqual({ started: HOURS, instances: HOURS });
  await admin.run("mutation ($id: ID!) { deleteSchedule(input: { id: $id }) { id } }", { id });
  expect(await brokenInvariants({ ownerUrl })).toEqual([]);
});

import { demoPassword } from "@weft/shared/demo";
import { decodeId } from "@weft/shared/ids";
import { brokenInvariants, TestUser, until } from "@weft/testkit";
import type { OwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { startSeededPostgres } from "@weft/testkit/postgres/seeded-postgres";
import { type StandaloneProcess, standaloneProcess } from "@weft/testkit/processes/standalone-process";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawn } from "@weft/testkit/sizes";

// An event has one effect per trigger, wherever the process that acts on it is killed: when it occurs, and when it is replayed.

const MANY = 6;
const parcel = `weft: 1
key: parcel
name: Parcel
initial: sent
states:
  sent: { transitions: { receive: { to: received } } }
  received: { final: completed }
`;
const inspection = `weft: 1
key: inspection
name: Inspection
data: { type: object, required: [parcel], properties: { parcel: { type: string } } }
initial: waiting
states:
  waiting: { transitions: { pass: { to: passed } } }
  passed: { final: completed }
`;
const review = `weft: 1
key: review
name: Review
data: { type: object, required: [parcel], properties: { parcel: { type: string } } }
initial: waiting
states:
  waiting: { transitions: { pass: { to: passed } } }
  passed: { final: completed }
`;
const onParcel = { eventType: "workflow.started", condition: `payload.definitionKey == "parcel"` };

let database: OwnPostgres;
let ownerUrl: string;
let sql: postgres.Sql;
let weft: StandaloneProcess;
let admin: TestUser;

beforeAll(async () => {
  database = await startSeededPostgres({ max_connections: "100" });
  ownerUrl = Object.assign(new URL(database.url), { pathname: "/weft" }).href;
  weft = await standaloneProcess({ program: "server", settings: { DATABASE_OWNER_URL: ownerUrl } });
  await weft.start();
  sql = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
  admin = await TestUser.login(weft.url, "admin@acme.com", demoPassword("admin@acme.com"));
  for (const source of [parcel, inspection, review]) {
    const { createDefinition } = await admin.run<{ createDefinition: { definition: { id: string } } }>(
      "mutation ($source: String!) { createDefinition(input: { source: $source }) { definition { id } } }",
      { source },
    );
    await admin.run("mutation ($id: ID!) { publishDefinition(input: { id: $id, acceptWarnings: true }) { definition { id } } }", {
      id: createDefinition.definition.id,
    });
  }
  await createTrigger({
    name: "Inspect",
    ...onParcel,
    action: "START",
    definitionKey: "inspection",
    data: { parcel: "payload.instanceId" },
  });
  await createTrigger({ name: "Receive", ...onParcel, action: "FIRE", transition: "receive" });
}, 300_000);

afterAll(async () => {
  await sql.end();
  await weft.remove();
  await database.remove();
}, 120_000);

async function createTrigger(input: object): Promise<string> {
  const mutation = "mutation ($input: CreateTriggerInput!) { createTrigger(input: $input) { trigger { id } } }";
  const { createTrigger: created } = await admin.run<{ createTrigger: { trigger: { id: string } } }>(mutation, { input });
  return created.trigger.id;
}

async function startParcel(): Promise<string> {
  const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string } } }>(
    'mutation { startWorkflow(input: { definitionKey: "parcel", data: {} }) { instance { id } } }',
  );
  return startWorkflow.instance.id;
}

const isAtRest = async (): Promise<boolean> => {
  const [row] = await sql<{ count: number }[]>`
    select ((select count(*) from events.outbox) + (select count(*) from events.position_heads h
      join events.consumer_cursors c using (tenant_id) where c.position < h.position))::int as count`;
  return row?.count === 0;
};

test.each(
  drawn(
    [
      "app.insertTriggerRun:2",
      "triggers.act:3",
      "triggers.act>app.applyWrite:2",
      "app.writeTriggerRun:4",
      "triggers.acted:5",
      "triggers.acted>app.moveCursor:1",
      "triggers.acted>app.commit:1",
      "triggers.acted>app.committed:1",
    ],
    { of: 6 },
  ),
)("each event has one effect per trigger after a kill at %s", { timeout: 180_000 }, async (point) => {
  weft.arm(point);
  const ids: string[] = [];
  const start = async (): Promise<void> => void ids.push(await startParcel());
  // The process can be killed before all parcels are sent.
  for (let sent = 0; sent < MANY; sent++) await start().catch(() => undefined);
  await Promise.race([weft.ended(), until(isAtRest, { what: "it is done before it is killed", deadlineMs: 30_000 })]);
  await weft.end("SIGKILL");
  await weft.start();
  await until(isAtRest, { what: "the consumers have caught up", deadlineMs: 60_000 });
  expect(ids.length).toBeGreaterThan(0);
  const parcels = await sql<{ state: string; version: number; inspections: number; outcomes: string[] }[]>`
    select p.state, p.version,
      (select count(*) from workflows.instances i where i.definition_key = 'inspection'
        and exists (select from workflows.trigger_runs r where r.instance_id = i.id and r.event_id = e.id))::int as inspections,
      (select array_agg(concat_ws(': ', r.outcome, r.message) order by r.outcome) from workflows.trigger_runs r where r.event_id = e.id) as outcomes
    from workflows.instances p join events.log e on e.subject_id = p.id and e.type = 'workflow.started'
    where p.definition_key = 'parcel'`;
  expect(parcels.length).toBeGreaterThanOrEqual(ids.length);
  for (const one of parcels) expect(one).toEqual({ state: "received", version: 2, inspections: 1, outcomes: ["FIRED", "STARTED"] });
  const [inspections] = await sql<{ all: number; distinct: number }[]>`
    select count(*)::int as all, count(distinct data->>'parcel')::int as distinct from workflows.instances where definition_key = 'inspection'`;
  expect(inspections).toEqual({ all: parcels.length, distinct: parcels.length });
  expect(await brokenInvariants({ ownerUrl })).toEqual([]);
});

test.each(
  drawn(
    [
      "app.insertTriggerRun:2",
      "triggers.act:3",
      "triggers.acted>app.recordTriggerReplay:1",
      "triggers.acted>app.commit:1",
      "triggers.acted>app.committed:1",
    ],
    { of: 6 },
  ),
)("each past event has one effect when its replay is killed at %s", { timeout: 180_000 }, async (point) => {
  for (let sent = 0; sent < MANY; sent++) await startParcel();
  await until(isAtRest, { what: "the consumers have caught up", deadlineMs: 60_000 });
  const id = await createTrigger({
    name: point,
    ...onParcel,
    action: "START",
    definitionKey: "review",
    data: { parcel: "payload.instanceId" },
  });
  weft.arm(point);
  const replay = "mutation ($input: ReplayEventsToTriggerInput!) { replayEventsToTrigger(input: $input) { replay { id } } }";
  const period = { from: new Date(Date.now() - 3_600_000).toISOString(), to: new Date(Date.now() + 3_600_000).toISOString() };
  // The process can be killed before it answers.
  await admin.run(replay, { input: { triggerId: id, ...period } }).catch(() => undefined);
  await weft.ended();
  await weft.start();
  const triggerId = decodeId("trigger", id);
  const isCompleted = async (): Promise<boolean> =>
    (await sql`select from workflows.trigger_replays where trigger_id = ${triggerId} and status = 'COMPLETED'`).length === 1;
  await until(isCompleted, { what: "the replay is completed", deadlineMs: 60_000 });
  const [counts] = await sql<{ parcels: number; runs: number; reviews: number; distinct: number; recorded: number }[]>`
    select (select count(*) from workflows.instances where definition_key = 'parcel')::int as parcels,
      (select count(*) from workflows.trigger_runs where trigger_id = ${triggerId} and outcome = 'STARTED')::int as runs,
      (select run_count from workflows.trigger_replays where trigger_id = ${triggerId}) as recorded,
      count(*)::int as reviews, count(distinct i.data->>'parcel')::int as distinct
    from workflows.instances i join events.log e on e.subject_id = i.id and e.type = 'workflow.started'
    join workflows.trigger_runs r on r.event_id = e.cause_id and r.trigger_id = ${triggerId}
    where i.definition_key = 'review' and r.instance_id = i.id`;
  const parcels = counts?.parcels ?? 0;
  expect(parcels).toBeGreaterThanOrEqual(MANY);
  expect(counts).toEqual({ parcels, runs: parcels, reviews: parcels, distinct: parcels, recorded: parcels });
  expect(await brokenInvariants({ ownerUrl })).toEqual([]);
});

import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { testRoles } from "@weft/testkit/postgres/database-urls";
import { seedFullTenant, uuid } from "./full-tenant.fixture.js";
import { migrate, migrationNames } from "./migrate.js";

let database: TestDatabase;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await cloneDatabase();
  sql = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
});

afterAll(async () => {
  await sql.end();
  await database.drop();
});

const count = migrationNames().filter((name) => name >= "0199").length;
const step = (direction: "up" | "down") => migrate({ ownerUrl: database.ownerUrl, roles: testRoles, direction, count });

/** A definition as its author has written it, with a field of their own whose option is spelled like the status. */
const sourceOf = (word: string) => `key: d
inputs: { kind: { type: string, enum: [CANCELED, check] } }
steps:
  - id: check
    type: workflow
    retry: { on: WORKFLOW_${word.toUpperCase()}, attempts: 2 }
  - { id: later, type: wait, with: { event: run.${word} } }
  - { id: own, type: wait, with: { event: custom.run.canceled } }
scenarios:
  - name: Stops
    expect: { status: FAILED, steps: { check: FAILED, later: ${word.toUpperCase()}, "own": '${word.toUpperCase()}' } }
`;
const documentOf = (word: string) => ({
  inputs: { kind: { type: "string", enum: ["CANCELED", "check"] } },
  steps: [
    { retry: { on: `WORKFLOW_${word.toUpperCase()}` } },
    { with: { event: `run.${word}` } },
    { with: { event: "custom.run.canceled" } },
  ],
  scenarios: [{ expect: { status: "FAILED", steps: { check: "FAILED", later: word.toUpperCase(), own: word.toUpperCase() } } }],
});

test("an upgrade gives stored runs, events, subscriptions and definitions the spelling CANCELLED, and its undoing the former one", async () => {
  const { tenant, given, hidden, definition } = await seedFullTenant(sql, 1);
  await step("down");
  const stopped = given.task.replace(/^(.{8})-0000/, "$1-0020");
  const failed = hidden.task.replace(/^(.{8})-0000/, "$1-0020");
  const error = { code: "WORKFLOW_CANCELED", message: "d was canceled.", isFinal: true };
  await sql`update workflows.runs set status = 'CANCELED', ending = '{"status": "CANCELED", "step": null, "compensates": false}', finished_at = now()
    where id = ${stopped}`;
  await sql`update workflows.run_steps set status = 'CANCELED' where run_id = ${stopped}`;
  await sql`update workflows.runs set status = 'FAILED', ending = ${sql.json({ status: "FAILED", step: "s", error })}, finished_at = now() where id = ${failed}`;
  await sql`update workflows.run_steps set status = 'FAILED', error = ${sql.json(error)} where run_id = ${failed}`;
  await sql`update workflows.run_attempts set error = ${sql.json(error)} where run_id = ${failed}`;
  await sql`update workflows.step_waits set event = 'run.canceled', conditions = '{"payload": {"status": "CANCELED"}}' where run_id = ${failed}`;
  await sql`update events.log set type = 'run.canceled', payload = '{"status": "CANCELED"}' where id = ${given.event}`;
  await sql`update events.log set type = 'run.failed', payload = '{"status": "FAILED", "code": "WORKFLOW_CANCELED"}' where id = ${hidden.event}`;
  await sql`update events.webhooks set event_types = '{run.failed,run.canceled}', condition = 'payload.status in ["FAILED", "CANCELED"]'`;
  await sql`insert into events.webhook_deliveries (tenant_id, id, webhook_id, message_id, event_id, event_type, subject_id, has_payload, body, next_attempt_at)
    values (${tenant}, ${uuid(1, 900)}, ${uuid(1, 301)}, 'n', ${given.event}, 'run.canceled', ${given.instance}, true, 'sealed', now())`;
  await sql`update events.replays set event_types = '{run.canceled}'`;
  await sql`update workflows.triggers set event_type = 'run.canceled', condition = 'payload.status == ''CANCELED''', data = '{"title": "event.type == ''run.canceled''"}'`;
  await sql`update workflows.trigger_runs set event_type = 'run.canceled'`;
  await sql`update audit.notification_rules set event_types = '{run.canceled,custom.run.canceled}', title = '{{ event.type }} run.canceled',
    condition = 'payload.status == "CANCELED" || payload.code == "WORKFLOW_CANCELED"'`;
  await sql`update workflows.definitions set source = ${sourceOf("canceled")}, document = ${sql.json(documentOf("canceled"))}, status = 'PUBLISHED', environments = '{DEV,STAGING,PROD}'
    where id = ${definition}`;

  const stored = async () => {
    const statements = {
      runs: sql`select status, ending from workflows.runs where id in (${stopped}, ${failed}) order by id`,
      steps: sql`select status, error ->> 'code' as code from workflows.run_steps where run_id in (${stopped}, ${failed}) order by run_id`,
      attempts: sql`select error ->> 'code' as code from workflows.run_attempts where run_id = ${failed}`,
      waits: sql`select event, conditions from workflows.step_waits where run_id = ${failed}`,
      log: sql`select type, payload from events.log where id in (${given.event}, ${hidden.event}) order by id`,
      webhooks: sql`select event_types, condition from events.webhooks`,
      deliveries: sql`select event_type from events.webhook_deliveries where id = ${uuid(1, 900)}`,
      replays: sql`select event_types from events.replays`,
      triggers: sql`select event_type, condition, data from workflows.triggers`,
      triggerRuns: sql`select event_type from workflows.trigger_runs`,
      rules: sql`select event_types, condition, title from audit.notification_rules`,
      definitions: sql`select source, document from workflows.definitions where id = ${definition}`,
    };
    const rows = await Promise.all(Object.entries(statements).map(async ([name, rows]) => [name, [...(await rows)]] as const));
    return Object.fromEntries(rows);
  };
  const before = await stored();
  await step("up");
  expect(await stored()).toEqual({
    runs: [
      { status: "CANCELLED", ending: { status: "CANCELLED", step: null, compensates: false } },
      {
        status: "FAILED",
        ending: { status: "FAILED", step: "s", error: { code: "WORKFLOW_CANCELLED", message: "d was canceled.", isFinal: true } },
      },
    ],
    steps: [
      { status: "CANCELLED", code: null },
      { status: "FAILED", code: "WORKFLOW_CANCELLED" },
    ],
    attempts: [{ code: "WORKFLOW_CANCELLED" }],
    waits: [{ event: "run.cancelled", conditions: { payload: { status: "CANCELLED" } } }],
    log: [
      { type: "run.cancelled", payload: { status: "CANCELLED" } },
      { type: "run.failed", payload: { status: "FAILED", code: "WORKFLOW_CANCELLED" } },
    ],
    webhooks: [{ event_types: ["run.failed", "run.cancelled"], condition: 'payload.status in ["FAILED", "CANCELLED"]' }],
    deliveries: [{ event_type: "run.cancelled" }],
    replays: [{ event_types: ["run.cancelled"] }],
    triggers: [
      { event_type: "run.cancelled", condition: "payload.status == 'CANCELLED'", data: { title: "event.type == 'run.cancelled'" } },
    ],
    triggerRuns: [{ event_type: "run.cancelled" }],
    // Events of the tenant's own types can have a status that is spelled differently.
    rules: [
      {
        event_types: ["run.cancelled", "custom.run.canceled"],
        condition: 'payload.status == "CANCELED" || payload.code == "WORKFLOW_CANCELLED"',
        title: "{{ event.type }} run.cancelled",
      },
    ],
    definitions: [{ source: sourceOf("cancelled"), document: documentOf("cancelled") }],
  });
  // The payload was encrypted with the former spelling.
  const [delivery] =
    await sql`select body, payload_due_at is not null as "isDue" from events.webhook_deliveries where id = ${uuid(1, 900)}`;
  expect(delivery).toEqual({ body: null, isDue: true });
  const words = await sql<{ word: string }[]>`select word from workflows.run_words where run_id = ${failed}`;
  expect(words.map(({ word }) => word)).toContain("cancelled");

  await step("down");
  expect(await stored()).toEqual(before);
  await step("up");
});

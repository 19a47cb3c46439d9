import { randomUUID } from "node:crypto";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { type idsOf, seedFullTenant } from "./full-tenant.fixture.js";

let database: TestDatabase;
let owner: postgres.Sql;
let acme: ReturnType<typeof idsOf>;

beforeAll(async () => {
  database = await cloneDatabase();
  owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  acme = await seedFullTenant(owner, 1);
});

afterAll(async () => {
  await owner.end();
  await database.drop();
});

const at = "2026-02-01T10:00:00Z";

/** An event of a transition to the state `done`. */
const transitioned = (instanceId: string, status: string, related: object = {}) => ({
  id: randomUUID(),
  type: "workflow.transitioned",
  typeVersion: 1,
  subjectType: "instance",
  subjectId: instanceId,
  subjectVersion: 2,
  related,
  payload: { to: "done", status },
});

/** Runs a write as the tenant. Returns the types and the subjects' versions of its events, in the order of the relay. */
const eventsOf = (write: (tx: postgres.TransactionSql) => Promise<unknown>): Promise<readonly string[]> =>
  owner.begin(async (tx) => {
    await tx`select set_config('app.tenant_id', ${acme.tenant}, true), set_config('app.user_id', ${acme.staff}, true)`;
    const [last] = await tx<{ seq: string }[]>`select coalesce(max(seq), 0) as seq from events.outbox`;
    await write(tx);
    const rows = await tx<{ event: string }[]>`
      select l.type || ' ' || l.subject_version as event from events.outbox o join events.log l on l.tenant_id = o.tenant_id and l.id = o.event_id
       where o.seq > ${last?.seq ?? 0} order by o.seq`;
    return rows.map(({ event }) => event);
  });

test("the event of a transition precedes those of its consequences", async () => {
  const { tenant, asset, definition, staff, hidden } = acme;
  await owner`update requests.asset_types set lifecycle_definition_key = 'd', lifecycle_statuses = '{"done": "MAINTENANCE"}' where tenant_id = ${tenant}`;
  await owner`update workflows.instances set subject_type = 'asset', subject_id = ${asset} where id = ${hidden.instance}`;
  await owner`update requests.assets set instance_id = ${hidden.instance} where id = ${asset}`;
  const context = { tenantId: tenant, userId: staff, actorId: staff, requestId: "req-1" };
  const outcome = {
    expectedVersion: 1,
    occurredAt: at,
    instance: { id: hidden.instance, definitionId: definition, state: "done", status: "RUNNING", data: {}, version: 2, ownerId: staff },
    events: [transitioned(hidden.instance, "RUNNING", { asset })],
  };
  const events = await eventsOf(
    (tx) => tx`select engine.apply(${JSON.stringify(context)}::text::jsonb, ${JSON.stringify(outcome)}::text::jsonb)`,
  );
  expect(events).toEqual(["workflow.transitioned 2", "asset.updated 2"]);
});

test("the events of an instance are in the order of its versions, although another transition of the batch changes it, too", async () => {
  const { given, staff } = acme;
  const [project] = await owner<{ instance: string }[]>`
    update workflows.instances i set subject_type = 'project', subject_id = p.id from vendors.projects p
     where p.id = ${given.project} and i.id = p.instance_id returning i.id as instance`;
  const application = {
    content: {},
    items: { added: [], changed: [], removed: [] },
    tasks: { added: [], changed: [] },
    baseline: { name: "B", startAt: at, finishAt: at, workMinutes: 60, budgetAmount: 500, currency: "EUR", tasks: [] },
    project: { budgetAmount: 500, currency: "EUR", changed: ["budgetAmount"] },
    workflowData: { budget: 500 },
  };
  const [change] = await owner<{ id: string }[]>`
    update vendors.scope_changes set status = 'IN_APPROVAL', application = ${owner.json(application)} where project_id = ${given.project} returning id`;
  const ids = [given.instance, project?.instance ?? ""] as const;
  const batch = {
    changes: ids.map((_, index) => ({ n: index + 1, at, actorId: staff, requestId: "req-1" })),
    updates: [
      { n: 1, state: "done", status: "COMPLETED", finishedAt: at, closedAt: at },
      { n: 2, state: "done", status: "RUNNING" },
    ],
    events: [
      { n: 1, ...transitioned(ids[0], "COMPLETED", { scopeChange: change?.id }) },
      { n: 2, ...transitioned(ids[1], "RUNNING", { project: given.project }) },
    ],
  };
  const events = await eventsOf((tx) => tx`select engine.apply_batch(${[...ids]}::uuid[], '{1,1}', ${JSON.stringify(batch)}::text::jsonb)`);
  expect(events).toEqual([
    "workflow.transitioned 2",
    "workflow.transitioned 2",
    "project.updated 2",
    "workflow.data_changed 3",
    "projectBaseline.created 1",
    "scopeChange.applied 2",
  ]);
});

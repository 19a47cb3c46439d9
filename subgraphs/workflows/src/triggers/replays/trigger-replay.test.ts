import { decodeId, newId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { pastTriggerRuns } from "../runs/past-runs.js";
import { inspection, parcel } from "../trigger.fixture.js";
import { dueTriggerReplays } from "./due-trigger-replays.js";

let weft: TestWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It makes a table refuse rows." });
  owner = postgres(weft.database.ownerUrl, { max: 2, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

const idle = (): Promise<void> => weft.weft.worker.idle();
const mutation = "mutation ($input: ReplayEventsToTriggerInput!) { replayEventsToTrigger(input: $input) { replay { id status } } }";
const shownFields = "id status stopReason progress examinedCount runCount failedCount reachedAt finishedAt trigger { id } createdBy { id }";
const readQuery = `query ($id: ID!) { triggerReplay(id: $id) { ${shownFields} } }`;
const listQuery = `query ($id: ID!) { trigger(id: $id) { replays { totalCount edges { node { id status } } } } }`;
const hour = { from: new Date(Date.now() - 3_600_000).toISOString(), to: new Date(Date.now() + 3_600_000).toISOString() };

const inspects = {
  eventType: "workflow.emitted",
  eventName: "parcel.received",
  condition: "payload.payload.weight > 2",
  action: "START",
  definitionKey: "inspection",
  data: { parcel: "payload.payload.number", weight: "payload.payload.weight" },
};

interface Replay {
  readonly id: string;
  readonly status: string;
  readonly stopReason: string | null;
  readonly runCount: number;
}

async function aTenant(): Promise<TestTenant> {
  const tenant = await weft.tenant();
  await tenant.definition(parcel);
  await tenant.definition(inspection);
  return tenant;
}

async function aTrigger({ admin }: TestTenant, input: object = inspects): Promise<string> {
  const { createTrigger } = await admin.run<{ createTrigger: { trigger: { id: string } } }>(
    "mutation ($input: CreateTriggerInput!) { createTrigger(input: $input) { trigger { id } } }",
    { input: { name: "Trigger", ...input } },
  );
  return createTrigger.trigger.id;
}

/** Receives parcels of these weights, with their index as number. Each is an event. */
async function receiveAll({ admin }: TestTenant, weights: readonly number[], number = (index: number) => `P${index}`): Promise<void> {
  for (const [index, weight] of weights.entries()) {
    const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { id: string } } }>(
      'mutation ($data: JSON!) { startWorkflow(input: { definitionKey: "parcel", data: $data }) { instance { id } } }',
      { data: { number: number(index) } },
    );
    await admin.run("mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id } } }", {
      input: { instanceId: startWorkflow.instance.id, transition: "receive", input: { weight } },
    });
  }
  await idle();
}

const shown = async (user: TestUser, id: string): Promise<Replay> =>
  (await user.run<{ triggerReplay: Replay }>(readQuery, { id })).triggerReplay;

async function replay({ admin }: TestTenant, input: object): Promise<Replay> {
  const { replayEventsToTrigger } = await admin.run<{ replayEventsToTrigger: { replay: { id: string } } }>(mutation, {
    input: { ...hour, ...input },
  });
  await idle();
  return shown(admin, replayEventsToTrigger.replay.id);
}

/** Inserts a replay that a worker is to continue. Returns its UUID. */
async function aRunningReplay(tenant: TestTenant, triggerId: string, { version = 1, runs = 0, end = 1_000 } = {}): Promise<string> {
  const id = newId();
  await owner`insert into workflows.trigger_replays (tenant_id, id, trigger_id, trigger_version, from_at, to_at, start_position, end_position, position,
      examined_count, run_count, created_by, created_at)
    values (${tenant.id}, ${id}, ${decodeId("trigger", triggerId)}, ${version}, ${hour.from}, ${hour.to}, 0, ${end}, 0, ${runs}, ${runs}, ${id}, now())`;
  return id;
}

const statusOf = async (id: string): Promise<unknown> =>
  (await owner`select status, stop_reason, run_count from workflows.trigger_replays where id = ${id}`)[0];

const outcomesOf = async (tenant: TestTenant): Promise<unknown[]> =>
  (await owner`select outcome from workflows.trigger_runs where tenant_id = ${tenant.id} order by id`).map(
    (row) => row["outcome"] as unknown,
  );

/** Numbers of the inspected parcels, in the order in which the inspections were started. */
const inspected = async (tenant: TestTenant): Promise<unknown[]> =>
  (
    await owner`select data->>'parcel' as parcel from workflows.instances where tenant_id = ${tenant.id} and definition_key = 'inspection' order by id`
  ).map((row) => row["parcel"] as unknown);

test("a trigger acts on the past events that meet its condition, in order, and never twice on an event", { tags: "slow" }, async () => {
  const tenant = await aTenant();
  const { admin } = tenant;
  await receiveAll(tenant, [3, 1, 5]);
  const triggerId = await aTrigger(tenant);
  await receiveAll(tenant, [7], () => "live");
  expect(await inspected(tenant)).toEqual(["live"]);
  const first = await replay(tenant, { triggerId });
  expect(first).toMatchObject({
    status: "COMPLETED",
    stopReason: null,
    progress: 1,
    examinedCount: 4,
    runCount: 2,
    failedCount: 0,
    reachedAt: expect.any(String) as string,
    finishedAt: expect.any(String) as string,
    trigger: { id: triggerId },
    createdBy: { id: admin.id },
  });
  expect(await inspected(tenant)).toEqual(["live", "P0", "P2"]);
  const second = await replay(tenant, { triggerId });
  expect(second).toMatchObject({ status: "COMPLETED", examinedCount: 4, runCount: 0 });
  expect(await inspected(tenant)).toHaveLength(3);
  expect(await admin.run(listQuery, { id: triggerId })).toEqual({
    trigger: {
      replays: {
        totalCount: 2,
        edges: [second, first].map(({ id }) => ({ node: { id, status: "COMPLETED" } })),
      },
    },
  });
});

test("the start and the end of a replay are audited", async () => {
  const tenant = await aTenant();
  const triggerId = await aTrigger(tenant);
  await replay(tenant, { triggerId });
  const { trigger } = await tenant.admin.run<{ trigger: { auditTrail: { edges: { node: { action: string; actor: object | null } }[] } } }>(
    "query ($id: ID!) { trigger(id: $id) { auditTrail { edges { node { action } } } } }",
    { id: triggerId },
  );
  expect(trigger.auditTrail.edges.map(({ node }) => node.action).toSorted()).toEqual([
    "trigger.create",
    "trigger.endReplay",
    "trigger.replay",
  ]);
});

test("only events of the period are replayed", async () => {
  const tenant = await aTenant();
  await receiveAll(tenant, [3]);
  const [after] = await owner`select to_jsonb(clock_timestamp()) #>> '{}' as at`;
  const at = String(after?.["at"]);
  await receiveAll(tenant, [4], () => "late");
  const triggerId = await aTrigger(tenant);
  expect(await replay(tenant, { triggerId, to: hour.from, from: hour.from })).toMatchObject({ status: "COMPLETED", examinedCount: 0 });
  expect(await replay(tenant, { triggerId, from: at })).toMatchObject({ status: "COMPLETED", examinedCount: 1, runCount: 1 });
  expect(await inspected(tenant)).toEqual(["late"]);
});

test("a worker that fails in a batch, or examines events again, repeats and omits nothing", { tags: "slow" }, async () => {
  const tenant = await aTenant();
  await receiveAll(
    tenant,
    Array.from({ length: 24 }, () => 3),
  );
  const triggerId = await aTrigger(tenant);
  // The second batch is lost after its runs, twice. Sequences are not rolled back.
  await owner.unsafe(`create sequence public.progress; grant usage on sequence public.progress to public;
    create function public.fail() returns trigger language plpgsql as $$ begin
      if nextval('public.progress') in (2, 3) then raise exception 'lost' using errcode = '57P01'; end if;
      return new;
    end $$;
    create trigger fail before update on workflows.trigger_replays for each row when (new.tenant_id = '${tenant.id}') execute function public.fail()`);
  const { id } = await replay(tenant, { triggerId });
  await vi.waitFor(async () => expect(await shown(tenant.admin, id)).toMatchObject({ status: "COMPLETED" }), { timeout: 15_000 });
  await owner.unsafe("drop trigger fail on workflows.trigger_replays; drop function public.fail(); drop sequence public.progress");
  const once = Array.from({ length: 24 }, (_, index) => `P${index}`);
  expect(await shown(tenant.admin, id)).toMatchObject({ examinedCount: 24, runCount: 24 });
  expect(await inspected(tenant)).toEqual(once);
  await owner`update workflows.trigger_replays set status = 'RUNNING', finished_at = null, position = start_position where tenant_id = ${tenant.id}`;
  await idle();
  expect(await shown(tenant.admin, id)).toMatchObject({ status: "COMPLETED", runCount: 24 });
  expect(await inspected(tenant)).toEqual(once);
});

test("a replay that several processes continue at once runs each event once, and its correlation key applies", async () => {
  const tenant = await aTenant();
  await receiveAll(tenant, [3, 4, 5, 6, 7, 8], (index) => (index < 3 ? "SAME" : `P${index}`));
  const triggerId = await aTrigger(tenant, { ...inspects, correlationKey: "payload.payload.number" });
  const { databases, pubsub, keyring, log } = weft.weft.services;
  const source = dueTriggerReplays({ databases, pubsub, keyring, log });
  const id = await aRunningReplay(tenant, triggerId);
  const { signal } = new AbortController();
  await Promise.all([1, 2, 3].map(() => source.run(tenant.id, 10, signal)));
  await idle();
  expect(await statusOf(id)).toEqual({ status: "COMPLETED", stop_reason: null, run_count: 6 });
  expect(await outcomesOf(tenant)).toEqual(["STARTED", "DUPLICATE", "DUPLICATE", "STARTED", "STARTED", "STARTED"]);
  expect(await inspected(tenant)).toEqual(["SAME", "P3", "P4", "P5"]);
});

test("a replay is stopped when its trigger is deactivated or changed, and deleted with it", async () => {
  const tenant = await aTenant();
  const { admin } = tenant;
  await receiveAll(tenant, [3]);
  const triggerId = await aTrigger(tenant);
  await admin.run("mutation ($id: ID!) { deactivateTrigger(input: { id: $id }) { trigger { id } } }", { id: triggerId });
  expect(await admin.refusal(mutation, { input: { triggerId, ...hour } })).toBe("CONFLICT");
  const inactive = await aRunningReplay(tenant, triggerId);
  await idle();
  expect(await statusOf(inactive)).toEqual({ status: "STOPPED", stop_reason: "TRIGGER_INACTIVE", run_count: 0 });
  await admin.run("mutation ($id: ID!) { activateTrigger(input: { id: $id }) { trigger { id } } }", { id: triggerId });
  const changed = await aRunningReplay(tenant, triggerId, { version: 2 });
  await idle();
  expect(await statusOf(changed)).toEqual({ status: "STOPPED", stop_reason: "TRIGGER_CHANGED", run_count: 0 });
  expect(await inspected(tenant)).toEqual([]);
  await admin.run("mutation ($id: ID!) { deleteTrigger(input: { id: $id }) { id } }", { id: triggerId });
  expect(await statusOf(changed)).toBeUndefined();
});

test("a replay waits while the tenant is suspended", async () => {
  const tenant = await aTenant();
  await receiveAll(tenant, [3]);
  const triggerId = await aTrigger(tenant);
  await owner`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${tenant.id}`;
  const id = await aRunningReplay(tenant, triggerId);
  const { databases, pubsub, keyring, log } = weft.weft.services;
  expect(await dueTriggerReplays({ databases, pubsub, keyring, log }).run(tenant.id, 10, new AbortController().signal)).toBe(0);
  await idle();
  expect(await statusOf(id)).toMatchObject({ status: "RUNNING", run_count: 0 });
  await owner`update identity.tenants set status = 'ACTIVE' where tenant_id = ${tenant.id}`;
  await idle();
  expect(await statusOf(id)).toMatchObject({ status: "COMPLETED", run_count: 1 });
});

test(
  "a replay is stopped after ten failures in a row, and the rest can be replayed once the cause is fixed",
  { tags: "slow" },
  async () => {
    const tenant = await aTenant();
    await receiveAll(
      tenant,
      Array.from({ length: 12 }, () => 3),
    );
    const broken = { parcel: "payload.payload.number", weight: "payload.payload.weight * 1000" };
    const id = await aTrigger(tenant, { ...inspects, data: broken });
    expect(await replay(tenant, { triggerId: id })).toMatchObject({
      status: "STOPPED",
      stopReason: "RUNS_FAILED",
      examinedCount: 10,
      runCount: 10,
      failedCount: 10,
    });
    await tenant.admin.run("mutation ($input: UpdateTriggerInput!) { updateTrigger(input: $input) { trigger { id } } }", {
      input: { id, data: inspects.data },
    });
    expect(await replay(tenant, { triggerId: id })).toMatchObject({
      status: "COMPLETED",
      runCount: 2,
      failedCount: 0,
    });
    expect(await inspected(tenant)).toEqual(["P10", "P11"]);
  },
);

test("a replay whose batch always fails is stopped, and does not delay the next one", async () => {
  const tenant = await aTenant();
  await receiveAll(tenant, [3]);
  const [broken, fine] = [await aTrigger(tenant), await aTrigger(tenant)];
  await owner.unsafe(`create function public.refuse() returns trigger language plpgsql as $$ begin raise exception 'a bug'; end $$;
    create trigger refuse before insert on workflows.trigger_runs for each row
      when (new.trigger_id = '${decodeId("trigger", broken)}') execute function public.refuse()`);
  const ids = [await aRunningReplay(tenant, broken), await aRunningReplay(tenant, fine)];
  await idle();
  await owner.unsafe("drop trigger refuse on workflows.trigger_runs; drop function public.refuse()");
  expect(await Promise.all(ids.map(statusOf))).toEqual([
    { status: "STOPPED", stop_reason: "INTERNAL_ERROR", run_count: 0 },
    { status: "COMPLETED", stop_reason: null, run_count: 1 },
  ]);
});

test("a replay ends when the trigger has acted on as many events as it may", async () => {
  const tenant = await aTenant();
  await receiveAll(tenant, [3, 4]);
  const id = await aRunningReplay(tenant, await aTrigger(tenant), { runs: 9_999 });
  await idle();
  expect(await statusOf(id)).toEqual({ status: "LIMIT_REACHED", stop_reason: null, run_count: 10_000 });
  expect(await inspected(tenant)).toEqual(["P0"]);
});

test("a trigger that causes itself through a replay is deactivated after a few rounds", { tags: "slow" }, async () => {
  const tenant = await aTenant();
  const { admin } = tenant;
  await admin.run('mutation { startWorkflow(input: { definitionKey: "inspection", data: { parcel: "first" } }) { instance { id } } }');
  await idle();
  const triggerId = await aTrigger(tenant, {
    eventType: "workflow.started",
    condition: 'payload.definitionKey == "inspection"',
    action: "START",
    definitionKey: "inspection",
    data: { parcel: "event.id" },
  });
  await replay(tenant, { triggerId });
  expect(await outcomesOf(tenant)).toEqual(["STARTED", "STARTED", "STARTED", "FAILED"]);
  expect(await admin.run("query ($id: ID!) { trigger(id: $id) { isActive stopReason } }", { id: triggerId })).toEqual({
    trigger: { isActive: false, stopReason: "LOOP" },
  });
  // What the loop has caused would continue it: the replay ends with the trigger.
  await admin.run("mutation ($id: ID!) { activateTrigger(input: { id: $id }) { trigger { id } } }", { id: triggerId });
  await owner`delete from workflows.trigger_runs where tenant_id = ${tenant.id} and outcome = 'FAILED'`;
  expect(await replay(tenant, { triggerId })).toMatchObject({
    status: "STOPPED",
    stopReason: "TRIGGER_INACTIVE",
    runCount: 1,
    failedCount: 1,
  });
});

/** Deletes runs that are 90 days old, as the worker does. Returns their number. */
function clean({ id }: TestTenant): Promise<number> {
  const chore = pastTriggerRuns(() => Promise.resolve(90));
  return asTenant(weft.weft.services.databases.worker, { tenantId: id }, "write", (tx) => chore.deleteSome(tx, 10, id));
}

test("a replay begins after the last run that was deleted, unless the trigger is newer", async () => {
  const tenant = await aTenant();
  const triggerId = await aTrigger(tenant);
  await receiveAll(tenant, [3]);
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  const period = { from: ago(91.5), to: hour.from };
  await owner`update workflows.triggers set created_at = now() - interval '100 days' where tenant_id = ${tenant.id}`;
  await owner`update workflows.trigger_runs set created_at = created_at - interval '91 days' where tenant_id = ${tenant.id}`;
  expect(await replay(tenant, { triggerId, ...period })).toMatchObject({ status: "COMPLETED" });
  expect(await clean(tenant)).toBe(1);
  const { extensions } = await tenant.admin.refused(mutation, { input: { triggerId, ...period } });
  expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.from" }] });
  expect(await replay(tenant, { triggerId, ...period, from: ago(90) })).toMatchObject({ status: "COMPLETED" });
  const newer = await aTrigger(tenant);
  expect(await replay(tenant, { triggerId: newer, from: ago(91.5) })).toMatchObject({ status: "COMPLETED", runCount: 1 });
});

test("runs of a trigger are kept while events are replayed to it", async () => {
  const tenant = await aTenant();
  const triggerId = await aTrigger(tenant);
  await receiveAll(tenant, [3]);
  await owner`update workflows.trigger_runs set created_at = created_at - interval '91 days' where tenant_id = ${tenant.id}`;
  await owner`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${tenant.id}`;
  await aRunningReplay(tenant, triggerId);
  expect(await clean(tenant)).toBe(0);
  await owner`update workflows.trigger_replays set status = 'COMPLETED', finished_at = now() where tenant_id = ${tenant.id}`;
  expect(await clean(tenant)).toBe(1);
});

test("the replays of a page of triggers are read with one statement", async () => {
  const tenant = await aTenant();
  const page = "{ triggers { edges { node { replays(first: 2) { edges { node { status createdBy { id } } } } } } } }";
  const read = async () => (await weft.statements(() => tenant.admin.run(page))).filter((text) => text.includes("trigger_replays")).length;
  for (let count = 0; count < 3; count++) await replay(tenant, { triggerId: await aTrigger(tenant) });
  expect(await read()).toBe(1);
});

test("a replay is refused for a wrong period, a second one at the same time, other users, and another tenant", async () => {
  const [acme, other] = [await aTenant(), await aTenant()];
  const triggerId = await aTrigger(acme);
  const refusal = (user: TestUser, input: object): Promise<string> => user.refusal(mutation, { input: { triggerId, ...hour, ...input } });
  expect(await refusal(acme.admin, { to: hour.from, from: hour.to })).toBe("BAD_USER_INPUT");
  expect(await refusal(acme.admin, { from: "2020-01-01T00:00:00Z" })).toBe("BAD_USER_INPUT");
  expect(await refusal(await acme.user("viewer"), {})).toBe("FORBIDDEN");
  expect(await refusal(other.admin, {})).toBe("NOT_FOUND");
  const { id } = await replay(acme, { triggerId });
  expect(await shown(await acme.user("viewer"), id)).toMatchObject({ id });
  expect(await (await acme.user("requester")).refusal(readQuery, { id })).toBe("FORBIDDEN");
  expect(await other.admin.refusal(readQuery, { id })).toBe("NOT_FOUND");
  // It does not end before the trigger is deactivated.
  const running = await aRunningReplay(acme, triggerId, { end: 1e12 });
  expect(await refusal(acme.admin, {})).toBe("CONFLICT");
  await acme.admin.run("mutation ($id: ID!) { deactivateTrigger(input: { id: $id }) { trigger { id } } }", { id: triggerId });
  await idle();
  expect(await statusOf(running)).toMatchObject({ status: "STOPPED" });
});

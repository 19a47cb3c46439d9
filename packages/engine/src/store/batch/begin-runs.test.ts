import { workflows } from "@weft/drizzle";
import { newId } from "@weft/shared/ids";
import { asTenant, type Databases, openDatabases } from "@weft/platform/db";
import { SYSTEM_ID } from "@weft/platform/events";
import type { KeyedCall } from "@weft/platform/idempotency";
import { oneMasterKey, tenantSecrets } from "@weft/platform/secrets";
import { brokenInvariants } from "@weft/testkit/invariants";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { statementNames } from "@weft/testkit/postgres/statement-names";
import { anEngineTenant, type EngineTenant } from "@weft/testkit/tenants/engine-tenant";
import { sql } from "drizzle-orm";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { CallBatches, offerFirstSteps, startInstance, workOnRuns, type RunWork, type RunWorkDone, type TakenStep } from "../../index.js";

const secrets = tenantSecrets(oneMasterKey(new Uint8Array(32).fill(9)));
const leaseSeconds = 30;
let database: TestDatabase;
let databases: Databases;
let owner: postgres.Sql;
let tenant: EngineTenant;
let batches: CallBatches;

/** The worker of this process: its free places, and the steps that it was given. */
let free = 0;
let begun: TakenStep[] = [];

const call = { id: "call", type: "http", with: { url: "https://example.test/" } };
const automations: Readonly<Record<string, object>> = {
  calling: { steps: [call, { ...call, id: "later", depends_on: ["call"] }] },
  telling: {
    inputs: { bb: { type: "integer" }, a: { type: "integer" }, nested: {} },
    steps: [{ ...call, with: { ...call.with, method: "POST", body: { all: "{{ inputs }}" } }, retry: { attempts: 2, delay: "1s" } }],
  },
  wide: { steps: ["a", "b", "c"].map((id) => ({ ...call, id, depends_on: [] })) },
  queued: { steps: [call, { ...call, id: "queued", depends_on: [], queue: { name: "one", limit: 1 } }] },
  waiting: { steps: [call, { id: "wait", type: "wait", depends_on: [], with: { for: "1h" } }] },
  secret: { steps: [{ ...call, with: { ...call.with, headers: { authorization: "{{ secrets.token }}" } } }] },
  skipped: { steps: [{ ...call, when: "1 == 2" }] },
  invalid: { inputs: { method: { type: "string" } }, steps: [{ ...call, with: { ...call.with, method: "{{ inputs.method }}" } }] },
  narrow: { steps: [{ ...call, with: { url: "https://elsewhere.test/" } }], profile: { domains: ["example.test"] } },
};

beforeAll(async () => {
  database = await cloneDatabase();
  databases = await openDatabases({ appUrl: database.appUrl, pools: { app: 4 } });
  owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  tenant = await anEngineTenant(databases.app);
  batches = new CallBatches(databases.app);
  for (const [key, rest] of Object.entries(automations)) await publish({ weft: 1, kind: "automation", key, name: key, ...rest });
  // The first start of a process compiles the definition, outside of batches.
  for (const key of Object.keys(automations)) await tenant.owner.write((tx) => startInstance(tx, tenant.owner.meta, startingOf(key)));
  offerFirstSteps(databases.app, {
    leaseSeconds,
    secrets,
    reserve: (_tenantId, wanted) => {
      const room = Math.min(wanted, free);
      if (room === 0) return null;
      let left = room;
      free -= room;
      return {
        room,
        release: (count) => {
          left -= count;
          free += count;
        },
        begin: (taken) => {
          begun.push(...taken);
          free += left - taken.length;
        },
      };
    },
  });
});
afterAll(async () => {
  await owner.end();
  await databases.close();
  await database.drop();
});
beforeEach(() => {
  free = 10;
  begun = [];
});

const publish = (document: { readonly key: string; readonly [member: string]: unknown }): Promise<void> =>
  tenant.owner.write(async (tx) => {
    await tx.insert(workflows.definitions).values({
      tenantId: tenant.tenantId,
      id: newId(),
      key: document.key,
      number: 1,
      name: document.key,
      status: "PUBLISHED",
      environments: ["DEV", "STAGING", "PROD"],
      source: JSON.stringify(document),
      format: "JSON",
      document,
      createdBy: tenant.owner.viewer.userId,
    });
    await tx.execute(sql`select app.recount_usage()`);
  });

function startingOf(definitionKey: string, data: object = {}) {
  const { viewer, actor } = tenant.owner;
  return { id: newId(), definitionKey, data, ownerId: viewer.userId, actor };
}

/** Starts an automation in a batch. Returns the ID of its instance; null: it was not written. */
async function submitted(definitionKey: string, data?: object, key: KeyedCall | null = null): Promise<string | null> {
  const starting = startingOf(definitionKey, data);
  const { head } = await batches.submit({ meta: tenant.owner.meta, key, starting });
  return head?.id ?? null;
}

const work = (what: Partial<RunWork>): Promise<RunWorkDone> =>
  asTenant(databases.app, { tenantId: tenant.tenantId }, "write", (tx) =>
    workOnRuns(
      tx,
      { ...tenant.owner.meta, actorId: SYSTEM_ID, sessionId: null, address: null },
      { results: [], due: [], room: 10, leaseSeconds, secrets, skipLocked: true, ...what },
    ),
  );

const runOf = async (instanceId: string | null): Promise<Record<string, unknown>> => {
  const [row] = await owner`select * from workflows.runs where instance_id = ${instanceId}`;
  return { ...row };
};

/** The run and its steps, without IDs. Of times, whether there is one. */
async function storedOf(instanceId: string | null): Promise<unknown> {
  const { id, ...run } = await runOf(instanceId);
  const steps = await owner`select * from workflows.run_steps where run_id = ${String(id)} order by step`;
  const plain = (row: Record<string, unknown>): object =>
    Object.fromEntries(
      Object.entries(row)
        .filter(([name]) => !/(^|_)id$/.test(name))
        .map(([name, value]) => [name, value instanceof Date || name === "lease_token" ? value !== null : value]),
    );
  return { run: plain(run), steps: steps.map(plain) };
}

test("runs begin in the write that starts them, alone and in a batch, as a worker begins them", async () => {
  const ids: (string | null)[] = [];
  const names = await statementNames(databases.app, async () => void ids.push(await submitted("calling")));
  expect(names.filter((name) => /runs|writeOne|runBatch/i.test(name))).toEqual(["writeOne"]);
  ids.push(...(await Promise.all([submitted("calling"), submitted("calling")])));
  const taken = begun;
  expect(taken.map(({ instanceId, step, attempt }) => ({ instanceId, step, attempt }))).toEqual(
    ids.map((instanceId) => ({ instanceId, step: "call", attempt: 1 })),
  );
  expect(free).toBe(10 - 3);
  free = 0;
  const other = await submitted("calling");
  const { id } = await runOf(other);
  const byWorker = await work({ due: [{ runId: String(id), instanceId: other ?? "", step: null, isNamed: true }] });
  const expected = await storedOf(other);
  for (const one of ids) expect(await storedOf(one)).toEqual(expected);
  const { runId: _run, instanceId: _instance, leaseToken: _lease, leaseEndsAt: _ends, ...last } = byWorker.taken[0] as TakenStep;
  for (const { runId: _id, instanceId: _of, leaseToken: _token, leaseEndsAt: _until, ...one } of taken) expect(one).toEqual(last);
  const results = taken.map((one) => ({ taken: one, report: { kind: "succeeded", outputs: {} } as const }));
  expect((await work({ results })).taken.map(({ step }) => step)).toEqual(["later", "later", "later"]);
});

test("a lease that begins with a start is as long as every other", async () => {
  const { id } = await runOf(await submitted("calling"));
  const [row] = await owner`select extract(epoch from due_at - clock_timestamp())::float as seconds from workflows.run_steps
    where run_id = ${String(id)} and step = 'call'`;
  expect(row?.["seconds"]).toBeGreaterThan(leaseSeconds - 10);
  expect(row?.["seconds"]).toBeLessThanOrEqual(leaseSeconds);
});

test("the first attempt has the inputs in the order in which the next ones read them", async () => {
  await submitted("telling", { nested: { zz: 1, y: { b: 1, aaaa: 2, é: 3, cc: 4 } }, bb: 2, a: 1 });
  const [first] = begun;
  if (!first) throw new Error("Nothing was taken.");
  const [again] = (await work({ results: [{ taken: first, report: { kind: "released" } }] })).taken;
  expect(again?.attempt).toBe(2);
  expect(JSON.stringify(again?.input)).toBe(JSON.stringify(first.input));
  expect(JSON.stringify(first.input)).toContain('{"a":1,"bb":2,"nested"');
});

test.each<{ why: string; key: string; data?: object; places?: number }>([
  { why: "there is no place", key: "calling", places: 0 },
  { why: "there are places for some of its steps only", key: "wide", places: 2 },
  { why: "a step waits in a queue", key: "queued" },
  { why: "a step is done in the database", key: "waiting" },
  { why: "a step reads a secret", key: "secret" },
  { why: "it ends at once", key: "skipped" },
  { why: "a step has an invalid input", key: "invalid", data: { method: "SING" } },
  { why: "its security profile refuses it", key: "narrow" },
])("a run starts without its steps, and a worker begins it, if $why", async ({ key, data, places = 10 }) => {
  free = places;
  const { id, instance_id: instanceId, ...run } = await runOf(await submitted(key, data));
  expect({ begun, free }).toEqual({ begun: [], free: places });
  expect(run).toMatchObject({ has_begun: false, version: 1, attempts: 0, profile: null });
  expect(await owner`select step from workflows.run_steps where run_id = ${String(id)}`).toHaveLength(0);
  await work({ due: [{ runId: String(id), instanceId: String(instanceId), step: null, isNamed: true }] });
  expect(await runOf(String(instanceId))).toMatchObject({ has_begun: true });
});

test("a run of a suspended tenant does not begin with its start", async () => {
  await owner`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${tenant.tenantId}`;
  const run = await runOf(await submitted("calling"));
  await owner`update identity.tenants set status = 'ACTIVE' where tenant_id = ${tenant.tenantId}`;
  expect({ begun, free }).toEqual({ begun: [], free: 10 });
  expect(run).toMatchObject({ has_begun: false });
});

test("a start that is not written, because its key is taken, gives the worker nothing to do", async () => {
  const key = {
    place: { tenantId: tenant.tenantId, userId: tenant.owner.viewer.userId, mutation: "startWorkflow", key: newId() },
    inputHash: "x",
  };
  expect(await submitted("calling", {}, key)).not.toBeNull();
  expect(begun).toHaveLength(1);
  expect(await submitted("calling", {}, key)).toBeNull();
  const together = await Promise.all([submitted("calling", {}, key), submitted("calling")]);
  expect(together.map((id) => id === null)).toEqual([true, false]);
  expect(begun).toHaveLength(2);
  expect(free).toBe(10 - 2);
});

test("afterwards every invariant holds", async () => {
  expect(await brokenInvariants({ ownerUrl: database.ownerUrl })).toEqual([]);
});

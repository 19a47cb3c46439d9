import { asTenant, type Databases, openDatabases, type Tx } from "@weft/platform/db";
import { SYSTEM_ID, type WriteMeta } from "@weft/platform/events";
import { oneMasterKey, tenantSecrets } from "@weft/platform/secrets";
import { brokenInvariants } from "@weft/testkit/invariants";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { statementNames } from "@weft/testkit/postgres/statement-names";
import { anEngineTenant, type EngineTenant } from "@weft/testkit/tenants/engine-tenant";
import { instanceRows } from "@weft/testkit/tenants/instance-rows";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  actorOf,
  pauseRun,
  postponeRun,
  resolveIncident,
  resumeInstance,
  startInstance,
  stopUnworkableRun,
  suspendInstance,
} from "../../index.js";
import { findDueRuns, type DueRun } from "./runs.store.js";
import type { TakenStep } from "./take-step.js";
import { workOnRuns, type RunWork, type RunWorkDone } from "./work-on-runs.js";

const secrets = tenantSecrets(oneMasterKey(new Uint8Array(32).fill(9)));
let database: TestDatabase;
let databases: Databases;
let owner: postgres.Sql;
let tenant: EngineTenant;

beforeAll(async () => {
  database = await cloneDatabase();
  databases = await openDatabases({ appUrl: database.appUrl, pools: { app: 4 } });
  owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  tenant = await anEngineTenant(databases.app);
  const call = { id: "call", type: "http", with: { url: "https://example.test/" } };
  await tenant.publish({ weft: 1, kind: "automation", key: "calling", name: "Calling", steps: [call] });
  const retry = { attempts: 3, delay: "10m" };
  await tenant.publish({ weft: 1, kind: "automation", key: "retrying", name: "Retrying", steps: [{ ...call, retry }] });
  await tenant.publish({
    weft: 1,
    kind: "automation",
    key: "queued",
    name: "Queued",
    steps: [{ ...call, queue: { name: "one", limit: 1 } }],
  });
});
afterAll(async () => {
  await owner.end();
  await databases.close();
  await database.drop();
});

/** Starts an instance, and returns its run as a message names it. */
async function started(definitionKey: string): Promise<DueRun> {
  const { owner: person } = tenant;
  const { id: instanceId } = await person.write((tx) =>
    startInstance(tx, person.meta, { definitionKey, data: {}, ownerId: person.viewer.userId, actor: person.actor }),
  );
  const [run] = await owner<{ id: string }[]>`select id from workflows.runs where instance_id = ${instanceId}`;
  return { runId: run?.id ?? "", instanceId, step: null, isNamed: true };
}

const asSystem = <T>(fn: (tx: Tx, meta: WriteMeta) => Promise<T>): Promise<T> =>
  asTenant(databases.app, { tenantId: tenant.tenantId }, "write", (tx) =>
    fn(tx, { ...tenant.owner.meta, actorId: SYSTEM_ID, sessionId: null, address: null }),
  );

const nothing: RunWork = { results: [], due: [], room: 10, leaseSeconds: 30, secrets, skipLocked: true };
const work = (what: Partial<RunWork>): Promise<RunWorkDone> => asSystem((tx, meta) => workOnRuns(tx, meta, { ...nothing, ...what }));
const succeeded = (taken: TakenStep) => ({ taken, report: { kind: "succeeded", outputs: {} } as const });

test("runs that end in one transaction are written with their instances in one statement, which writes what the end of a single run does", async () => {
  const due = [await started("calling"), await started("calling"), await started("calling")];
  const { taken } = await work({ due });
  expect(taken).toHaveLength(3);
  const [single, ...others] = taken.map(succeeded);
  if (!single) throw new Error("Nothing was taken.");
  await work({ results: [single], skipLocked: false });
  const statements = await statementNames(databases.app, async () => {
    expect((await work({ results: others })).ended).toHaveLength(2);
  });
  expect(statements).toEqual(["lockRuns", "writeRuns"]);
  const rowsOf = async ({ runId, instanceId }: DueRun): Promise<unknown> => {
    const [run] =
      await owner`select status, is_received, due_at, version, left_at is not null as was_left, finished_at is not null as is_finished
      from workflows.runs where id = ${runId}`;
    const [outbox] = await owner`select count(*)::int as count from events.outbox o join events.log l on l.id = o.event_id
      where l.subject_id = ${instanceId} or l.related->>'instance' = ${instanceId}`;
    // Only the times differ: a batch has one for all that it writes about an instance.
    return [
      (await instanceRows(owner, instanceId, { keepTimes: true })).replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)/g, "then"),
      run,
      outbox,
    ];
  };
  const [one, ...more] = await Promise.all(due.toSorted((a) => (a.runId === single.taken.runId ? -1 : 0)).map(rowsOf));
  expect(one).toMatchObject([expect.stringContaining("run.succeeded"), { status: "SUCCEEDED", is_received: true, was_left: true }, {}]);
  for (const other of more) expect(other).toEqual(one);
});

test("a run that a message names begins if it is due, and only once", async () => {
  const named = await started("calling");
  const first = await work({ due: [named] });
  expect(first.taken.map(({ runId }) => runId)).toEqual([named.runId]);
  expect(await work({ due: [named] })).toMatchObject({ taken: [], isMoreReady: false });
  const postponed = await started("calling");
  await owner`update workflows.runs set due_at = clock_timestamp() + interval '1 hour' where id = ${postponed.runId}`;
  expect(await work({ due: [postponed] })).toMatchObject({ taken: [], isMoreReady: false });
  const [row] = await owner`select has_begun, due_at > clock_timestamp() as is_postponed from workflows.runs where id = ${postponed.runId}`;
  expect(row).toEqual({ has_begun: false, is_postponed: true });
});

test("a run that a message names does not overtake those that wait in the queue of its step", async () => {
  const [waiting, named] = [await started("queued"), await started("queued")];
  const begun = await work({ due: [waiting], room: 0 });
  expect(begun.taken).toEqual([]);
  expect(await work({ due: [named] })).toMatchObject({ taken: [], isMoreReady: true });
  const found = (await asSystem((tx) => findDueRuns(tx, { limit: 10, withReady: true }))).filter(({ step }) => step !== null);
  expect((await work({ due: found })).taken.map(({ runId }) => runId)).toEqual([waiting.runId]);
});

test("a retry that was due days ago, while the instance was suspended, begins when the instance goes on", async () => {
  const { owner: person } = tenant;
  const named = await started("retrying");
  const { runId, instanceId: id } = named;
  const [taken] = (await work({ due: [named] })).taken;
  if (!taken) throw new Error("Nothing was taken.");
  await work({ results: [{ taken, report: { kind: "failed", error: { code: "HTTP", message: "No answer.", isFinal: false } } }] });
  const ofRun = { runId, instanceId: id, step: null };
  await person.write((tx) => suspendInstance(tx, person.meta, { id, text: "Wait.", actor: person.actor }));
  await work({ due: [ofRun] });
  await owner`update workflows.run_steps set not_before = clock_timestamp() - interval '4 days' where run_id = ${runId}`;
  await person.write((tx) => resumeInstance(tx, person.meta, { id, text: "Go on.", actor: person.actor }));
  expect((await work({ due: [ofRun] })).taken).toMatchObject([{ runId, step: "call", attempt: 2 }]);
});

test("a run that somebody pauses while its instance is suspended stays paused when the instance goes on", async () => {
  const { owner: person } = tenant;
  const named = await started("calling");
  const { runId, instanceId: id } = named;
  const ofRun = { runId, instanceId: id, step: null };
  await work({ due: [named], room: 0 });
  await person.write((tx) => suspendInstance(tx, person.meta, { id, text: "Wait.", actor: person.actor }));
  await work({ due: [ofRun] });
  await person.write((tx) => pauseRun(tx, person.meta, { id: runId, actor: person.actor }));
  await person.write((tx) => resumeInstance(tx, person.meta, { id, text: "Go on.", actor: person.actor }));
  expect((await work({ due: [ofRun] })).taken).toEqual([]);
  const [row] = await owner`select status, is_suspended from workflows.runs where id = ${runId}`;
  expect(row).toEqual({ status: "PAUSED", is_suspended: false });
});

test("a person who has mended what kept a run from being worked on does not wait for it", async () => {
  const { owner: person } = tenant;
  const named = await started("calling");
  const { runId, instanceId } = named;
  await work({ due: [named], room: 0 });
  await asSystem(async (tx, meta) => {
    await postponeRun(tx, runId, { seconds: 30, maxFailures: 1, stoppedSeconds: 600 });
    await stopUnworkableRun(tx, meta, runId);
  });
  const { viewer } = person;
  const actor = actorOf({ ...viewer, permissions: { ...viewer.permissions, "incident.resolve": ["TENANT"] } });
  const [incident] = await owner<{ id: string }[]>`select id from workflows.incidents where instance_id = ${instanceId}`;
  await person.write((tx) => resolveIncident(tx, person.meta, { id: incident?.id ?? "", action: "RETRY", comment: "Mended.", actor }));
  expect((await work({ due: [{ runId, instanceId, step: null }] })).taken).toMatchObject([{ runId, step: "call" }]);
});

test("afterwards every invariant holds", async () => {
  expect(await brokenInvariants({ ownerUrl: database.ownerUrl })).toEqual([]);
});

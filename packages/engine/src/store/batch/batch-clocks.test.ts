import { newId } from "@weft/shared/ids";
import { asTenant, type Database, type Databases, openDatabases } from "@weft/platform/db";
import { SYSTEM_ID } from "@weft/platform/events";
import { brokenInvariants } from "@weft/testkit/invariants";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { statementNames } from "@weft/testkit/postgres/statement-names";
import { anEngineTenant, type EnginePerson, type EngineTenant } from "@weft/testkit/tenants/engine-tenant";
import { instanceRows } from "@weft/testkit/tenants/instance-rows";
import type { DefinitionDocument } from "@weft/testkit/tenants/publish-definition";
import fc from "fast-check";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { announceClocks, pauseClock, type QueuedCall } from "../../index.js";
import { fireEscalation } from "../escalations/fire-level.js";
import { startInstance } from "../instance/start.js";
import { fireDueTimers } from "../timers/fire-timers.js";
import type { CallAnswer } from "./queued-call.js";
import { runBatch } from "./run-batch.js";

let database: TestDatabase;
let databases: Databases;
let owner: postgres.Sql;
let tenant: EngineTenant;
let who: EnginePerson;

beforeAll(async () => {
  database = await cloneDatabase();
  databases = await openDatabases({ appUrl: database.appUrl, pools: { app: 4 } });
  owner = postgres(database.ownerUrl, { max: 2, onnotice: () => {} });
  tenant = await anEngineTenant(databases.app);
  who = tenant.operations;
});
afterAll(async () => {
  await owner.end();
  await databases.close();
  await database.drop();
});

const STATES = ["a", "b", "c"] as const;
const TRANSITIONS = ["a", "b", "c", "a", "b", "c", "edit", "edit", "guarded", "finish"] as const;
type Step = {
  readonly transition: (typeof TRANSITIONS)[number];
  readonly priority: "low" | "high";
  readonly minutes: number;
  readonly isAnnounced: boolean;
};

const state = fc.constantFrom(...STATES);
const minutes = fc.integer({ min: 1, max: 200 });
const target = fc.oneof(
  minutes.map((n) => `PT${n}M`),
  fc.constant("2 working hours"),
  fc
    .record({ urgent: minutes, other: minutes })
    .map(({ urgent, other }) => [{ when: "data.priority == 'high'", target: `PT${urgent}M` }, { target: `PT${other}M` }]),
);
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const warn = fc.constantFrom([], ["50%"], ["25%", "75%"]);
const sla = fc.record({
  target,
  warn,
  pause: maybe(state.map((one) => ({ states: [one] }))),
  start: maybe(state.map((one) => ({ states: [one] }))),
  stop: maybe(state.map((one) => ({ states: [one] }))),
  reset: maybe(fc.constant({ when: "data.priority == 'high'" })),
});
/** Levels in ascending order. */
const levels = fc.array(minutes, { minLength: 1, maxLength: 2 }).map((all) => {
  const sorted = all.toSorted((x, y) => x - y);
  return sorted.map((n) => ({ after: `PT${n}M`, notify: { owner: true } }));
});
const escalation = fc.record({
  on: fc.oneof(
    state.map((one) => ({ state: one })),
    fc.constantFrom({ task: "work" }, { sla: "first", at: "warning" }, { sla: "first", at: "breach" }),
  ),
  levels,
});
const definitions = fc.record({
  slas: fc.record({ first: sla, second: sla }, { requiredKeys: ["first"] }),
  escalations: fc.record({ one: escalation, two: escalation }, { requiredKeys: [] }),
  stateSla: maybe(fc.record({ target, warn })),
  taskSla: maybe(fc.record({ target, warn })),
  taskIn: state,
});
const steps = fc.array(
  fc.record<Step>({
    transition: fc.constantFrom(...TRANSITIONS),
    priority: fc.constantFrom("low", "high"),
    minutes,
    isAnnounced: fc.constantFrom(true, true, true, false),
  }),
  { minLength: 5, maxLength: 5 },
);
type Definition = typeof definitions extends fc.Arbitrary<infer T> ? T : never;

function documentOf(key: string, { slas, escalations, stateSla, taskSla, taskIn }: Definition): DefinitionDocument {
  const transitions = {
    ...Object.fromEntries(STATES.map((to) => [to, { to }])),
    edit: { to: "b", input: { properties: { priority: { type: "string" } } } },
    guarded: { to: "c", when: "data.priority == 'high'" },
    finish: { to: "done" },
  };
  const task = { title: "Work", candidates: { roles: ["operations"] }, ...(taskSla && { sla: taskSla }) };
  const stateOf = (name: string) => [
    name,
    { ...(stateSla && name === "b" && { sla: stateSla }), ...(name === taskIn && { tasks: { work: task } }), transitions },
  ];
  const known = Object.entries(escalations).filter(([, one]) => one !== undefined);
  return {
    weft: 1,
    key,
    name: key,
    data: { type: "object", properties: { priority: { type: "string" } } },
    initial: "a",
    slas,
    ...(known.length > 0 && { escalations: Object.fromEntries(known) }),
    states: { ...Object.fromEntries(STATES.map(stateOf)), done: { final: "completed" } },
  };
}

const start = (definitionKey: string): Promise<{ id: string }> =>
  who.write((tx) => startInstance(tx, who.meta, { definitionKey, data: {}, ownerId: who.viewer.userId, actor: who.actor }));

const starting = (definitionKey: string): QueuedCall => {
  const ownerId = who.viewer.userId;
  return { meta: who.meta, key: null, starting: { id: newId(), definitionKey, data: {}, ownerId, actor: who.actor } };
};

const firing = (id: string, transition: string, input?: object): QueuedCall => {
  return { meta: who.meta, key: null, firing: { id, transition, actor: who.actor, input } };
};

const codeOf = (error: unknown): string => (error as { extensions?: { code?: string } }).extensions?.code ?? String(error).slice(0, 100);
const kindsOf = (answers: readonly CallAnswer[]): string[] => answers.map((one) => (one.kind === "refused" ? codeOf(one.error) : one.kind));

const systemMeta = () => ({ ...who.meta, actorId: SYSTEM_ID, requestId: "timers", sessionId: null, address: null });

/** Sets the tenant's clock, and does what is due then: levels of escalations, and the announcements of clocks. */
async function goOn(time: number, { isAnnounced }: { readonly isAnnounced: boolean }): Promise<void> {
  await owner`update identity.tenants set is_sandbox = true, clock_offset_ms = 1, clock_stands_at = ${new Date(time).toISOString()}
    where tenant_id = ${tenant.tenantId}`;
  const inTenant = <T>(fn: Parameters<typeof asTenant<T>>[3]): Promise<T> =>
    asTenant(databases.app, { tenantId: tenant.tenantId }, "write", fn);
  let fired = 1;
  while (fired > 0)
    fired = (await inTenant((tx) => fireDueTimers(tx, systemMeta(), { limit: 100, except: [], handlers: { ESCALATION: fireEscalation } })))
      .done;
  while (isAnnounced && (await inTenant((tx) => announceClocks(tx, systemMeta(), 100))) > 0);
}

test(
  "transitions and starts in batches write the same clocks and chains as single ones, for random definitions with SLAs and escalations",
  { tags: "slow", timeout: 120_000 },
  async () => {
    const samples = fc.sample(fc.tuple(definitions, steps), { numRuns: 16, seed: 20_260 });
    let time = Date.parse("2026-03-02T09:00:00Z");
    await goOn(time, { isAnnounced: true });
    const pairs: { key: string; single: string; batched: string; steps: readonly Step[] }[] = [];
    for (const [index, [definition, own]] of samples.entries()) {
      const key = `random-${index}`;
      await tenant.publish(documentOf(key, definition));
      pairs.push({ key, single: (await start(key)).id, batched: "", steps: own });
    }
    const started = pairs.map(({ key }) => starting(key));
    expect(new Set(kindsOf(await runBatch(databases.app, tenant.tenantId, started)))).toEqual(new Set(["written"]));
    for (const [index, call] of started.entries())
      (pairs[index] as { batched: string }).batched = "starting" in call ? call.starting.id : "";
    const seen = new Map<string, number>();
    for (let round = 0; round < 5; round++) {
      const [first] = pairs;
      time += (first?.steps[round]?.minutes ?? 1) * 60_000;
      await goOn(time, { isAnnounced: first?.steps[round]?.isAnnounced ?? true });
      const input = ({ transition, priority }: Step) => (transition === "edit" ? { priority } : undefined);
      const expected: string[] = [];
      const calls: QueuedCall[] = [];
      for (const { single, batched, steps: own } of pairs) {
        const step = own[round] as Step;
        expected.push(await who.fire(single, step.transition, { input: input(step) }).then(() => "written", codeOf));
        calls.push(firing(batched, step.transition, input(step)));
      }
      const answers = kindsOf(await runBatch(databases.app, tenant.tenantId, calls));
      for (const [index, kind] of answers.entries()) {
        seen.set(kind, (seen.get(kind) ?? 0) + 1);
        const { batched, steps: own } = pairs[index] as (typeof pairs)[number];
        const step = own[round] as Step;
        if (kind === "unbatched")
          answers[index] = await who.fire(batched, step.transition, { input: input(step) }).then(() => "written", codeOf);
      }
      expect(answers).toEqual(expected);
    }
    for (const { key, single, batched } of pairs)
      expect([key, await instanceRows(owner, batched, { keepTimes: true })]).toEqual([
        key,
        await instanceRows(owner, single, { keepTimes: true }),
      ]);
    // Enough of them took part in batches; otherwise this test would prove nothing. Those that are not are late, or have ended.
    expect(seen.get("written"), JSON.stringify([...seen])).toBeGreaterThan(40);
    const [rows] = await owner`select (select count(*)::int from workflows.sla_intervals where phase = 'PAUSE') as pauses,
    (select count(*)::int from workflows.sla_clocks where ended_at is not null) as ended, (select count(*)::int from workflows.escalation_runs where ended_at is not null) as chains`;
    expect(
      Object.values(rows ?? {}).every((count) => count > 3),
      JSON.stringify(rows),
    ).toBe(true);
  },
);

const guarded = documentOf("guarded", {
  slas: { first: { target: "PT2H", warn: ["50%"], pause: undefined, start: undefined, stop: undefined, reset: undefined } },
  escalations: { one: { on: { state: "a" }, levels: [{ after: "PT1H", notify: { owner: true } }] } },
  stateSla: undefined,
  taskSla: undefined,
  taskIn: "b",
});

test("take two statements once the configuration is cached, and a rejected transition leaves its neighbors and its own clocks alone", async () => {
  await tenant.publish(guarded);
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) ids.push((await start("guarded")).id);
  const [good = "", rejected = "", also = ""] = ids;
  const before = await instanceRows(owner, rejected);
  await runBatch(databases.app, tenant.tenantId, [firing(good, "edit", { priority: "low" })]);
  const statements = await statementNames(databases.app, async () => {
    const calls = [firing(good, "c"), firing(rejected, "guarded"), firing(also, "b")];
    expect(kindsOf(await runBatch(databases.app, tenant.tenantId, calls))).toEqual(["written", "TRANSITION_REJECTED", "written"]);
  });
  expect(statements).toEqual(["readBatch", "runBatch"]);
  expect(await instanceRows(owner, rejected)).toBe(before);
  const [chain] = await owner`select end_reason from workflows.escalation_runs where instance_id = ${also}`;
  expect(chain?.["end_reason"]).toBe("The state was left.");
});

test("a clock that is paused, or announced, or locked between the read and the write of a batch keeps only its own instance out of it", async () => {
  const [paused, locked, free] = [(await start("guarded")).id, (await start("guarded")).id, (await start("guarded")).id];
  const release = Promise.withResolvers<void>();
  let holder: Promise<unknown> = Promise.resolve();
  const meanwhile = async (): Promise<void> => {
    const [clock] = await owner`select id from workflows.sla_clocks where instance_id = ${paused}`;
    const pause = { id: clock?.["id"] as string, instanceId: paused, isPaused: true, reason: "Test", permission: "workflow.read" as const };
    await who.write((tx) => pauseClock(tx, who.meta, { ...pause, actor: who.actor }));
    const isLocked = Promise.withResolvers<void>();
    holder = owner.begin(async (tx) => {
      await tx`select from workflows.sla_clocks where instance_id = ${locked} for update`;
      isLocked.resolve();
      await release.promise;
    });
    await isLocked.promise;
  };
  const calls = [paused, locked, free].map((id) => firing(id, "b"));
  const answers = await runBatch(interrupted(databases.app, meanwhile), tenant.tenantId, calls);
  release.resolve();
  await holder;
  expect(kindsOf(answers)).toEqual(["unbatched", "unbatched", "written"]);
  const versions = await owner`select id, version from workflows.instances where id in ${owner([paused, locked, free])} order by id`;
  expect(versions.map(({ version }) => version as number)).toEqual([1, 1, 2]);
});

test("terms that change between the read and the write of a batch are those of its clocks, too: its instances are written without it", async () => {
  const { id } = await start("guarded");
  const meanwhile = async (): Promise<void> => {
    await owner`insert into workflows.sla_recomputations (tenant_id, id, cause, created_at) values (${tenant.tenantId}, ${newId()}, 'POLICY_CHANGE', now())`;
  };
  const loan = await tenant.submit();
  const calls = [firing(id, "b"), firing(loan.id, "approve"), starting("guarded")];
  const answers = await runBatch(interrupted(databases.app, meanwhile), tenant.tenantId, calls);
  expect(kindsOf(answers)).toEqual(["unbatched", "written", "unbatched"]);
});

test("afterwards every invariant holds", async () => {
  expect(await brokenInvariants({ ownerUrl: database.ownerUrl })).toEqual([]);
});

/** Returns the pool, whose batches write only when `meanwhile` is done. */
function interrupted(db: Database, meanwhile: () => Promise<void>): Database {
  return {
    ...db,
    role: db.role,
    transact: (options, fn) => db.transact(options, fn),
    statement: async (text, params, options) => {
      if (text.startsWith("/* runBatch */")) await meanwhile();
      return db.statement(text, params, options);
    },
  };
}

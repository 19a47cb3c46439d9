import { newId } from "@weft/shared/ids";
import { advanceClock, brokenInvariants, fireTransition, startTestWeft, type TestTenant, type TestWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dueTimers } from "./due-timers.js";

const definition = `weft: 1
key: offer
name: Offer
data: { properties: { n: { type: number } } }
initial: open
states:
  open:
    timers: { expire: { after: P1D, fire: expire } }
    transitions: { expire: { to: over }, accept: { to: done } }
  over: { final: rejected }
  done: { final: completed }
`;
const start = `mutation { startWorkflow(input: { definitionKey: "offer", data: {} }) { instance { id } } }`;

let weft: TestWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

async function aTenant(): Promise<{ tenant: TestTenant; id: string }> {
  const tenant = await weft.tenant();
  await tenant.definition(definition);
  const { startWorkflow } = await tenant.admin.run<{ startWorkflow: { instance: { id: string } } }>(start);
  return { tenant, id: startWorkflow.instance.id };
}

/** Copies the tenant's instance and its timer, which is due a second ago. */
async function copies(tenant: TestTenant, count: number): Promise<void> {
  await owner`with made as (
      insert into workflows.instances (tenant_id, id, definition_id, definition_key, state, status, data, version, owner_id, created_at, updated_at)
      select i.tenant_id, gen_random_uuid(), i.definition_id, i.definition_key, i.state, i.status, i.data, 1, i.owner_id, now() - interval '2 days', now() - interval '2 days'
        from workflows.instances i cross join generate_series(1, ${count}::int) where i.tenant_id = ${tenant.id} limit ${count}::int
      returning tenant_id, id
    ), history as (
      insert into workflows.history (tenant_id, id, instance_id, version, kind, to_state, actor_id, at)
      select tenant_id, gen_random_uuid(), id, 1, 'START', 'open', ${newId()}::uuid, now() from made
    )
    insert into workflows.timers (tenant_id, id, instance_id, kind, name, state, due_at, armed_at_version, created_at)
    select tenant_id, gen_random_uuid(), id, 'STATE', 'expire', 'open', now() - interval '1 second', 1, now() from made`;
}
const count = async (tenant: TestTenant): Promise<Record<string, number>> =>
  Object.fromEntries(
    (
      await owner<
        { status: string; n: number }[]
      >`select status, count(*)::int as n from workflows.timers where tenant_id = ${tenant.id} group by status`
    ).map(({ status, n }) => [status, n] as const),
  );

test("three processes fire the timers of one tenant together: each has one effect", { tags: "slow" }, async () => {
  const { tenant } = await aTenant();
  await copies(tenant, 120);
  const { databases, pubsub, keyring, log } = weft.weft.services;
  const source = () => dueTimers({ databases, pubsub, keyring, log }, {});
  const runs = await Promise.all([1, 2, 3].map(() => source().run(tenant.id, 1_000, new AbortController().signal)));
  await weft.weft.worker.idle();
  expect(runs.every((done) => done >= 0)).toBe(true);
  expect(await count(tenant)).toEqual({ ARMED: 1, FIRED: 120 });
  const [fired] = await owner<
    { n: number }[]
  >`select count(*)::int as n from workflows.history where tenant_id = ${tenant.id} and transition = 'expire'`;
  expect(fired?.n).toBe(120);
});

test("three hundred due timers of one tenant do not delay the timer of another", { tags: "slow" }, async () => {
  const [busy, quiet] = [await aTenant(), await aTenant()];
  await copies(busy.tenant, 300);
  await copies(quiet.tenant, 1);
  await weft.weft.worker.idle();
  expect(await count(busy.tenant)).toEqual({ ARMED: 1, FIRED: 300 });
  const order = await owner<
    { tenant_id: string }[]
  >`select e.tenant_id from workflows.timers e where e.status = 'FIRED' and e.tenant_id in (${busy.tenant.id}, ${quiet.tenant.id})
    order by e.ended_at, e.id`;
  // At most a few turns of the busy tenant come before.
  expect(order.findIndex((row) => row.tenant_id === quiet.tenant.id)).toBeLessThan(250);
});

test("a timer and a user at the same moment: one of them wins, and the history has one change", async () => {
  const { tenant, id } = await aTenant();
  await owner`update workflows.timers set due_at = now() where tenant_id = ${tenant.id}`;
  const [answer] = await Promise.allSettled([
    tenant.admin.run(fireTransition, { input: { instanceId: id, transition: "accept" } }),
    weft.weft.worker.idle(),
  ]);
  await weft.weft.worker.idle();
  const rows = await owner<
    { transition: string }[]
  >`select transition from workflows.history where tenant_id = ${tenant.id} and kind = 'TRANSITION'`;
  expect(rows).toEqual([{ transition: answer.status === "fulfilled" ? "accept" : "expire" }]);
  expect(await count(tenant)).toEqual(answer.status === "fulfilled" ? { CLEARED: 1 } : { FIRED: 1 });
});

test("concurrent starts and transitions of instances with timers share a statement, and set and clear their timers", async () => {
  const { tenant } = await aTenant();
  const accept = async (instanceId: string): Promise<unknown> =>
    tenant.admin.run(fireTransition, { input: { instanceId, transition: "accept" } });
  const batches = (statements: readonly string[]): number => statements.filter((text) => text.includes("engine.write_batch(")).length;
  const starting: string[] = [];
  const firing: string[] = [];
  let cleared = 0;
  // Only calls that arrive together share a statement. On a busy machine, those of one round may not.
  for (let round = 0; round < 10 && (batches(starting) === 0 || batches(firing) === 0); round++) {
    const ids: string[] = [];
    const startOne = async (): Promise<void> => {
      ids.push((await tenant.admin.run<{ startWorkflow: { instance: { id: string } } }>(start)).startWorkflow.instance.id);
    };
    starting.push(...(await weft.statements(() => Promise.all(Array.from({ length: 8 }, startOne)))));
    expect(await count(tenant)).toEqual({ ARMED: 9, ...(cleared > 0 && { CLEARED: cleared }) });
    firing.push(...(await weft.statements(() => Promise.all(ids.map(accept)))));
    cleared += 8;
    expect(await count(tenant)).toEqual({ ARMED: 1, CLEARED: cleared });
  }
  expect(batches(starting)).toBeGreaterThan(0);
  expect(batches(firing)).toBeGreaterThan(0);
  const broken = await brokenInvariants({ ownerUrl: weft.database.ownerUrl });
  // The instances that other tests insert with SQL have no events and audit entries.
  expect(broken.filter((line) => line.startsWith("I8"))).toEqual([]);
});

test("a clock that is set back fires nothing again, and nothing early", { tags: "slow" }, async () => {
  const { tenant } = await aTenant();
  await advanceClock(weft, tenant, { hours: 23 });
  await advanceClock(weft, tenant, { hours: -40 });
  expect(await count(tenant)).toEqual({ ARMED: 1 });
  await advanceClock(weft, tenant, { hours: 42 });
  expect(await count(tenant)).toEqual({ FIRED: 1 });
  await advanceClock(weft, tenant, { hours: -30 });
  expect(await count(tenant)).toEqual({ FIRED: 1 });
});

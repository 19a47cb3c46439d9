import { automation, workflows } from "@weft/drizzle";
import { newId } from "@weft/shared/ids";
import { asTenant, type Databases, openDatabases, type Tx } from "@weft/platform/db";
import { SYSTEM_ID, type WriteMeta } from "@weft/platform/events";
import { oneMasterKey, tenantSecrets } from "@weft/platform/secrets";
import { brokenInvariants } from "@weft/testkit/invariants";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { statementNames } from "@weft/testkit/postgres/statement-names";
import { anEngineTenant, type EngineTenant } from "@weft/testkit/tenants/engine-tenant";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cancelInstance, fireInstance, resumeInstance, startInstance, suspendInstance, type InstanceHead } from "../../index.js";
import type { RunStepRow } from "./runs.store.js";
import { settleWaiting, type WaitingAttempt } from "./settle-waiting.js";
import { workOnRuns } from "./work-on-runs.js";
import { findDueRuns } from "./runs.store.js";

const secrets = tenantSecrets(oneMasterKey(new Uint8Array(32).fill(9)));
let database: TestDatabase;
let databases: Databases;
beforeAll(async () => {
  database = await cloneDatabase();
  databases = await openDatabases({ appUrl: database.appUrl, pools: { app: 6 } });
});
afterAll(async () => {
  await databases.close();
  await database.drop();
});

const automationOf = (key: string, ...steps: object[]) => ({ weft: 1, kind: "automation", key, name: key, steps });
const asking = automationOf("asking", { id: "ask", type: "workflow", with: { key: "decision" } });
const decision = {
  weft: 1,
  key: "decision",
  name: "Decision",
  initial: "open",
  states: {
    open: { transitions: { yes: { to: "done" }, no: { to: "refused" } } },
    done: { final: "completed" },
    refused: { final: "rejected" },
  },
};

async function aTenant(...documents: { key: string }[]): Promise<EngineTenant> {
  const tenant = await anEngineTenant(databases.app);
  await tenant.publish(...documents);
  return tenant;
}

const asSystem = <T>({ tenantId, owner }: EngineTenant, fn: (tx: Tx, meta: WriteMeta) => Promise<T>): Promise<T> =>
  asTenant(databases.app, { tenantId }, "write", (tx) => fn(tx, { ...owner.meta, actorId: SYSTEM_ID }));

/** What a worker does: it looks at what is due, and reports that each step that it has taken has succeeded. Returns the number of due runs. */
async function turn(tenant: EngineTenant): Promise<number> {
  const common = { room: 10, leaseSeconds: 30, secrets, skipLocked: false };
  const { due, taken } = await asSystem(tenant, async (tx, meta) => {
    const found = await findDueRuns(tx, { limit: 50, withReady: true });
    return { due: found, ...(await workOnRuns(tx, meta, { ...common, results: [], due: found })) };
  });
  const results = taken.map((one) => ({ taken: one, report: { kind: "succeeded", outputs: {} } as const }));
  if (results.length > 0) await asSystem(tenant, (tx, meta) => workOnRuns(tx, meta, { ...common, results, due: [] }));
  return due.length;
}

async function work(tenant: EngineTenant): Promise<void> {
  while ((await turn(tenant)) > 0);
}

const start = ({ owner }: EngineTenant, definitionKey: string): Promise<InstanceHead> =>
  owner.write((tx) => startInstance(tx, owner.meta, { definitionKey, data: {}, ownerId: owner.viewer.userId, actor: owner.actor }));
const headOf = async (tenant: EngineTenant, id: string): Promise<InstanceHead> => {
  const [head] = await asSystem(tenant, (tx) => tx.select().from(workflows.instances).where(eq(workflows.instances.id, id)));
  if (!head) throw new Error("gone");
  return head;
};
const childrenOf = (tenant: EngineTenant, id: string): Promise<InstanceHead[]> =>
  asSystem(tenant, (tx) =>
    tx.select().from(workflows.instances).where(eq(workflows.instances.parentId, id)).orderBy(workflows.instances.id),
  );
const stepsOf = (tenant: EngineTenant, instanceId: string): Promise<RunStepRow[]> =>
  asSystem(tenant, async (tx) => {
    const { runs, runSteps } = automation;
    const [run] = await tx.select().from(runs).where(eq(runs.instanceId, instanceId));
    return tx
      .select()
      .from(runSteps)
      .where(eq(runSteps.runId, run?.id ?? ""))
      .orderBy(runSteps.id);
  });

test("a child of a child cannot be given secret inputs, because its parent's data is stored", async () => {
  const keeper = {
    ...automationOf("keeper", { id: "wait", type: "wait", with: { for: "1d" } }),
    inputs: { token: { type: "string", secret: true } },
  };
  const middle = {
    weft: 1,
    key: "decision",
    name: "Middle",
    data: { properties: { token: { type: "string", default: "not-secret-at-all" } } },
    initial: "open",
    states: {
      open: {
        children: { one: { definition: "keeper", data: { token: "data.token" } } },
        transitions: { yes: { to: "done" } },
      },
      done: { final: "completed" },
    },
  };
  const tenant = await aTenant(asking, middle, keeper);
  const parent = await start(tenant, "asking");
  await work(tenant);
  const [child] = await childrenOf(tenant, parent.id);
  expect(child).toMatchObject({ status: "FAILED", state: "open" });
  expect(await childrenOf(tenant, child?.id ?? "")).toEqual([]);
});

/** An instance whose step waits for a decision, and the decision. */
async function anAsking(tenant: EngineTenant): Promise<{ parent: InstanceHead; child: InstanceHead; waiting: WaitingAttempt }> {
  const parent = await start(tenant, "asking");
  await work(tenant);
  const [child] = await childrenOf(tenant, parent.id);
  const [step] = await stepsOf(tenant, parent.id);
  if (!child || !step) throw new Error("Nothing was started.");
  return { parent, child, waiting: { instanceId: parent.id, runId: step.runId, step: "ask", attempt: 1, isCompensation: false, secrets } };
}

const fire = (tenant: EngineTenant, id: string, transition: string): Promise<InstanceHead> =>
  asSystem(tenant, (tx, meta) => fireInstance(tx, meta, { id, transition, actor: tenant.owner.actor }));
const intact = (): Promise<unknown> => brokenInvariants(database);

test("the end of a child makes the waiting step due in the same transaction, and a worker settles it", async () => {
  const tenant = await aTenant(asking, decision);
  const { parent, child } = await anAsking(tenant);
  expect(await stepsOf(tenant, parent.id)).toMatchObject([{ status: "WAITING", dueAt: null, leaseToken: null }]);
  await fire(tenant, child.id, "yes");
  expect(await stepsOf(tenant, parent.id)).toMatchObject([{ status: "WAITING", dueAt: expect.any(String) as string }]);
  await work(tenant);
  expect((await headOf(tenant, parent.id)).state).toBe("succeeded");
  expect(await intact()).toEqual([]);
});

test("of several reports to a waiting step at the same moment, one settles it", async () => {
  const tenant = await aTenant(asking, decision);
  const { parent, waiting } = await anAsking(tenant);
  const settled = await Promise.all(
    [1, 2, 3, 4].map((by) => asSystem(tenant, (tx, meta) => settleWaiting(tx, meta, waiting, { kind: "succeeded", outputs: { by } }))),
  );
  expect(settled.filter(Boolean)).toHaveLength(1);
  expect(await stepsOf(tenant, parent.id)).toMatchObject([{ status: "SUCCEEDED", outputs: { by: settled.indexOf(true) + 1 } }]);
});

test.each([
  ["another attempt", { attempt: 2 }],
  ["a compensation", { isCompensation: true }],
  ["a step that does not exist", { step: "other" }],
  ["a run that does not exist", { runId: newId() }],
])("a report about %s changes nothing", async (_what, other) => {
  const tenant = await aTenant(asking, decision);
  const { parent, waiting } = await anAsking(tenant);
  const report = { kind: "failed", error: { code: "X", message: "x", isFinal: true } } as const;
  expect(await asSystem(tenant, (tx, meta) => settleWaiting(tx, meta, { ...waiting, ...other }, report))).toBe(false);
  expect(await stepsOf(tenant, parent.id)).toMatchObject([{ status: "WAITING" }]);
});

test("a report of another tenant changes nothing", async () => {
  const tenant = await aTenant(asking, decision);
  const { parent, waiting } = await anAsking(tenant);
  const neighbor = await aTenant();
  expect(await asSystem(neighbor, (tx, meta) => settleWaiting(tx, meta, waiting, { kind: "succeeded", outputs: {} }))).toBe(false);
  expect(await stepsOf(tenant, parent.id)).toMatchObject([{ status: "WAITING" }]);
});

test("a report after the run has stopped changes nothing", async () => {
  const tenant = await aTenant(asking, decision);
  const { parent, waiting } = await anAsking(tenant);
  await asSystem(tenant, (tx, meta) => cancelInstance(tx, meta, { id: parent.id }));
  await work(tenant);
  expect(await asSystem(tenant, (tx, meta) => settleWaiting(tx, meta, waiting, { kind: "succeeded", outputs: {} }))).toBe(false);
  expect(await stepsOf(tenant, parent.id)).toMatchObject([{ status: "CANCELLED" }]);
});

test("a child that ends at the moment in which its parent is canceled ends once, and nothing is left waiting", async () => {
  const tenant = await aTenant(asking, decision);
  for (let round = 0; round < 8; round++) {
    const { parent, child } = await anAsking(tenant);
    await Promise.allSettled([
      asSystem(tenant, (tx, meta) => cancelInstance(tx, meta, { id: parent.id })).then(() => turn(tenant)),
      fire(tenant, child.id, "yes"),
      turn(tenant),
    ]);
    await work(tenant);
    expect((await headOf(tenant, parent.id)).status).toBe("CANCELLED");
    expect(["COMPLETED", "CANCELLED"]).toContain((await headOf(tenant, child.id)).status);
    expect(["CANCELLED", "SUCCEEDED"]).toContain((await stepsOf(tenant, parent.id))[0]?.status);
  }
  expect(await intact()).toEqual([]);
});

test("workers that find the same step due start one child", async () => {
  const tenant = await aTenant(asking, decision);
  const parent = await start(tenant, "asking");
  await turn(tenant);
  await Promise.all([turn(tenant), turn(tenant), turn(tenant), turn(tenant)]);
  expect(await childrenOf(tenant, parent.id)).toHaveLength(1);
});

test("the child of a step whose transaction is rolled back does not exist", async () => {
  const tenant = await aTenant(asking, decision);
  const parent = await start(tenant, "asking");
  const failing = asSystem(tenant, async (tx, meta) => {
    const due = await findDueRuns(tx, { limit: 50, withReady: true });
    await workOnRuns(tx, meta, { results: [], due, room: 10, leaseSeconds: 30, secrets, skipLocked: false });
    throw new Error("the process ends");
  });
  await expect(failing).rejects.toThrow("the process ends");
  expect(await childrenOf(tenant, parent.id)).toEqual([]);
  await work(tenant);
  expect(await childrenOf(tenant, parent.id)).toHaveLength(1);
});

test("the children of steps do not count for the join of their state, and outlive it unless a step waits for them", async () => {
  const joined = {
    weft: 1,
    key: "joined",
    name: "Joined",
    initial: "asking",
    states: {
      asking: {
        run: {
          steps: [
            { id: "told", type: "workflow", with: { key: "decision", await: false } },
            { id: "ask", type: "workflow", with: { key: "decision" } },
          ],
          ...(JSON.parse('{"then":"answered"}') as object),
        },
        children: { one: { definition: "decision" } },
        join: JSON.parse('{"then":"joined"}') as object,
        transitions: { joined: { to: "done" }, answered: { to: "done", auto: "run" } },
      },
      done: { final: "completed" },
    },
  };
  const tenant = await aTenant(joined, decision);
  const parent = await start(tenant, "joined");
  await work(tenant);
  const children = new Map((await childrenOf(tenant, parent.id)).map((child) => [child.parentRule, child]));
  expect(new Set(children.keys())).toEqual(new Set(["one", "steps.ask", "steps.told"]));
  await fire(tenant, children.get("one")?.id ?? "", "yes");
  await work(tenant);
  expect((await headOf(tenant, parent.id)).state).toBe("done");
  expect((await headOf(tenant, children.get("steps.ask")?.id ?? "")).status).toBe("CANCELLED");
  expect((await headOf(tenant, children.get("steps.told")?.id ?? "")).status).toBe("RUNNING");
  expect(await intact()).toEqual([]);
});

const suspend = ({ owner }: EngineTenant, id: string): Promise<InstanceHead> =>
  owner.write((tx) => suspendInstance(tx, owner.meta, { id, text: "Wait.", actor: owner.actor }));
const resume = ({ owner }: EngineTenant, id: string): Promise<InstanceHead> =>
  owner.write((tx) => resumeInstance(tx, owner.meta, { id, text: null, actor: owner.actor }));
const outer = automationOf("outer", { id: "inner", type: "workflow", with: { key: "asking" } });

/** Statuses of an instance and of its only child, and of that of the child. */
async function statusesFrom(tenant: EngineTenant, id: string): Promise<string[]> {
  const [child] = await childrenOf(tenant, id);
  const { status } = await headOf(tenant, id);
  return child ? [status, ...(await statusesFrom(tenant, child.id))] : [status];
}

test("what the steps of an instance wait for is suspended and resumed with it, at every level", async () => {
  const tenant = await aTenant(outer, asking, decision);
  const top = await start(tenant, "outer");
  await work(tenant);
  const [middle] = await childrenOf(tenant, top.id);
  const [bottom] = await childrenOf(tenant, middle?.id ?? "");
  await suspend(tenant, top.id);
  expect(await statusesFrom(tenant, top.id)).toEqual(["SUSPENDED", "SUSPENDED", "SUSPENDED"]);
  await expect(fire(tenant, bottom?.id ?? "", "yes")).rejects.toThrow("The instance that waits for it was suspended.");
  await work(tenant);
  await resume(tenant, top.id);
  expect(await statusesFrom(tenant, top.id)).toEqual(["RUNNING", "RUNNING", "RUNNING"]);
  await work(tenant);
  await fire(tenant, bottom?.id ?? "", "yes");
  await work(tenant);
  expect((await headOf(tenant, top.id)).state).toBe("succeeded");
  expect(await intact()).toEqual([]);
});

test("a child that a user has suspended stays suspended when its parent is resumed, with what it waits for", async () => {
  const tenant = await aTenant(outer, asking, decision);
  const [before, meanwhile] = [await start(tenant, "outer"), await start(tenant, "outer")];
  await work(tenant);
  const middleOf = async ({ id }: InstanceHead) => (await childrenOf(tenant, id))[0]?.id ?? "";
  await suspend(tenant, await middleOf(before));
  await suspend(tenant, before.id);
  await suspend(tenant, meanwhile.id);
  // It was suspended with its parent. From now on, it is for itself.
  await suspend(tenant, await middleOf(meanwhile));
  await expect(suspend(tenant, await middleOf(meanwhile))).rejects.toThrow("SUSPENDED");
  for (const top of [before, meanwhile]) {
    await resume(tenant, top.id);
    expect(await statusesFrom(tenant, top.id)).toEqual(["RUNNING", "SUSPENDED", "SUSPENDED"]);
    await resume(tenant, await middleOf(top));
    expect(await statusesFrom(tenant, top.id)).toEqual(["RUNNING", "RUNNING", "RUNNING"]);
  }
});

test("a child that a user resumes goes on alone, and its end is seen when its parent goes on", async () => {
  const tenant = await aTenant(asking, decision);
  const { parent, child } = await anAsking(tenant);
  await suspend(tenant, parent.id);
  await resume(tenant, child.id);
  await fire(tenant, child.id, "yes");
  await work(tenant);
  expect(await statusesFrom(tenant, parent.id)).toEqual(["SUSPENDED", "COMPLETED"]);
  await resume(tenant, parent.id);
  await work(tenant);
  expect((await headOf(tenant, parent.id)).state).toBe("succeeded");
});

test("suspending and resuming many children takes as many statements as one", async () => {
  const steps = Array.from({ length: 6 }, (_one, at) => ({ id: `ask-${at}`, type: "workflow", with: { key: "decision" } }));
  const tenant = await aTenant(asking, automationOf("asking-all", ...steps), decision);
  const statementsOf = async (key: string): Promise<string[]> => {
    const { id } = await start(tenant, key);
    await work(tenant);
    const sent = await statementNames(databases.app, async () => {
      await suspend(tenant, id);
      await resume(tenant, id);
    });
    expect(new Set((await childrenOf(tenant, id)).map(({ status, version }) => `${status} ${version}`))).toEqual(new Set(["RUNNING 3"]));
    return sent;
  };
  await statementsOf("asking");
  expect(await statementsOf("asking-all")).toEqual(await statementsOf("asking"));
});

test("a child that no step waits for goes on while its parent is suspended", async () => {
  const telling = automationOf(
    "telling",
    { id: "tell", type: "workflow", with: { key: "decision", await: false } },
    { id: "rest", type: "wait", with: { for: "1h" } },
  );
  const tenant = await aTenant(telling, decision);
  const parent = await start(tenant, "telling");
  await work(tenant);
  await suspend(tenant, parent.id);
  expect(await statusesFrom(tenant, parent.id)).toEqual(["SUSPENDED", "RUNNING"]);
});

test("what a step falls back to while its instance is suspended waits with the instance", async () => {
  const calling = automationOf("calling", {
    id: "call",
    type: "http",
    with: { url: "https://example.test/" },
    on_failure: { workflow: "asking" },
  });
  const tenant = await aTenant(calling, asking, decision);
  const common = { room: 10, leaseSeconds: 30, secrets, skipLocked: false };
  const parent = await start(tenant, "calling");
  const { taken } = await asSystem(tenant, async (tx, meta) =>
    workOnRuns(tx, meta, { ...common, results: [], due: await findDueRuns(tx, { limit: 50, withReady: true }) }),
  );
  await suspend(tenant, parent.id);
  const results = taken.map((one) => ({
    taken: one,
    report: { kind: "failed", error: { code: "HTTP", message: "No answer.", isFinal: true } } as const,
  }));
  await asSystem(tenant, (tx, meta) => workOnRuns(tx, meta, { ...common, results, due: [] }));
  await work(tenant);
  expect(await statusesFrom(tenant, parent.id)).toEqual(["SUSPENDED", "SUSPENDED"]);
  await resume(tenant, parent.id);
  await work(tenant);
  expect(await statusesFrom(tenant, parent.id)).toEqual(["RUNNING", "RUNNING", "RUNNING"]);
});

test(
  "a child that ends at the moment in which its parent is suspended or resumed ends once, and its parent goes on",
  { tags: "slow" },
  async () => {
    const tenant = await aTenant(asking, decision);
    for (let round = 0; round < 8; round++) {
      const { parent, child } = await anAsking(tenant);
      if (round % 2 > 0) await suspend(tenant, parent.id);
      const change = round % 2 > 0 ? resume : suspend;
      await Promise.allSettled([change(tenant, parent.id), fire(tenant, child.id, "yes"), turn(tenant)]);
      if ((await headOf(tenant, parent.id)).status === "SUSPENDED") await resume(tenant, parent.id);
      await work(tenant);
      if ((await headOf(tenant, child.id)).status === "RUNNING") await fire(tenant, child.id, "yes");
      await work(tenant);
      expect(await statusesFrom(tenant, parent.id)).toEqual(["COMPLETED", "COMPLETED"]);
    }
    expect(await intact()).toEqual([]);
  },
);

test("an emit step costs fewer statements than a step of a worker", async () => {
  const emit = automationOf("emitting", { id: "tell", type: "emit", with: { type: "custom.told" } });
  const http = automationOf("calling", { id: "call", type: "http", with: { url: "https://x.example" } });
  const tenant = await aTenant(emit, http);
  const { tenantId, owner } = tenant;
  await asSystem(tenant, (tx) =>
    tx.execute(sql`insert into events.custom_types (tenant_id, id, name, description, payload_schema, type_version, created_by)
      values (${tenantId}::uuid, ${newId()}::uuid, 'custom.told', 'Told.', '{"type":"object"}', 1, ${owner.viewer.userId}::uuid)`),
  );
  const statementsOf = async (key: string): Promise<string[]> => {
    const { id } = await start(tenant, key);
    const sent = await statementNames(databases.app, () => work(tenant));
    expect((await headOf(tenant, id)).state).toBe("succeeded");
    return sent;
  };
  const called = await statementsOf("calling");
  const emitted = await statementsOf("emitting");
  expect(emitted).toContain("appendEvents");
  expect(emitted.length).toBeLessThan(called.length);
});

import { workflows } from "@weft/drizzle";
import { Conflict, NotFound, TransitionRejected } from "@weft/shared/errors";
import { type Databases, openDatabases } from "@weft/platform/db";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { statementNames } from "@weft/testkit/postgres/statement-names";
import { anEngineTenant, type EngineTenant } from "@weft/testkit/tenants/engine-tenant";
import { brokenInvariants } from "@weft/testkit/invariants";
import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  actorOf,
  assignInstance,
  cancelInstance,
  fireInstance,
  resolveIncident,
  resumeInstance,
  rollbackInstance,
  startInstance,
  suspendInstance,
  type InstanceHead,
} from "../../index.js";

let database: TestDatabase;
let databases: Databases;
beforeAll(async () => {
  database = await cloneDatabase();
  databases = await openDatabases({ appUrl: database.appUrl, pools: { app: 8 } });
});
afterAll(async () => {
  await databases.close();
  await database.drop();
});

/** As in a definition: `then` as a property of a literal looks like a promise to the linter. */
const joinOf = (fires: string, more: object = {}): object => ({ ...more, ...(JSON.parse(`{"then":"${fires}"}`) as object) });
const parts = { type: "array", items: { type: "object" } };
const project = (join = joinOf("finished", { otherwise: "failed" }), definition = "part") => ({
  weft: 1,
  key: "project",
  name: "Project",
  data: { properties: { parts, results: { type: "array" } } },
  initial: "draft",
  states: {
    draft: { transitions: { go: { to: "parts" } } },
    parts: {
      children: {
        part: {
          definition,
          for: "data.parts",
          data: { name: "item.name", at: "index" },
          result: { name: "data.name", cost: "data.cost" },
          collect: "data.results",
        },
      },
      join,
      transitions: { finished: { to: "done" }, failed: { to: "trouble" }, abort: { to: "gone" }, again: { to: "parts" } },
    },
    trouble: { transitions: { quit: { to: "gone" } } },
    done: { final: "completed" },
    gone: { final: "cancelled" },
  },
});
const part = {
  weft: 1,
  key: "part",
  name: "Part",
  data: { properties: { name: { type: "string" }, at: { type: "integer" }, cost: { type: "number" } } },
  initial: "work",
  states: {
    work: {
      task: { title: "Do it", candidates: { owner: true } },
      transitions: {
        done: { to: "done", input: { properties: { cost: { type: "number" } } } },
        fail: { to: "failed" },
      },
    },
    done: { final: "completed" },
    failed: { final: "rejected" },
  },
};

async function aTenant(...documents: { key: string }[]): Promise<EngineTenant> {
  const tenant = await anEngineTenant(databases.app);
  await tenant.publish(...documents);
  return tenant;
}

const start = ({ owner }: EngineTenant, definitionKey: string, data: object): Promise<InstanceHead> =>
  owner.write((tx) => startInstance(tx, owner.meta, { definitionKey, data, ownerId: owner.viewer.userId, actor: owner.actor }));
const names = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `p${index}` }));

/** A project whose parts are running. */
async function aProject(tenant: EngineTenant, count: number): Promise<{ parent: InstanceHead; children: InstanceHead[] }> {
  const { id } = await start(tenant, "project", { parts: names(count) });
  const parent = await tenant.owner.fire(id, "go");
  return { parent, children: await childrenOf(tenant, id) };
}
const childrenOf = ({ operations }: EngineTenant, id: string): Promise<InstanceHead[]> =>
  operations.write((tx) =>
    tx.select().from(workflows.instances).where(eq(workflows.instances.parentId, id)).orderBy(workflows.instances.id),
  );
const headOf = async ({ operations }: EngineTenant, id: string): Promise<InstanceHead> => {
  const [head] = await operations.write((tx) => tx.select().from(workflows.instances).where(eq(workflows.instances.id, id)));
  if (!head) throw new Error("gone");
  return head;
};
const historyOf = ({ operations }: EngineTenant, id: string) =>
  operations.write((tx) =>
    tx
      .select({
        kind: workflows.history.kind,
        transition: workflows.history.transition,
        input: workflows.history.input,
        auto: workflows.history.isAutomatic,
      })
      .from(workflows.history)
      .where(eq(workflows.history.instanceId, id))
      .orderBy(workflows.history.version),
  );
const incidentOf = async ({ operations }: EngineTenant, id: string) => {
  const { incidents } = workflows;
  const [open] = await operations.write((tx) =>
    tx
      .select()
      .from(incidents)
      .where(and(eq(incidents.instanceId, id), eq(incidents.status, "OPEN"))),
  );
  return open;
};
async function solve(tenant: EngineTenant, id: string, action: "RETRY" | "CANCEL"): Promise<InstanceHead> {
  const { write, meta, viewer } = tenant.operations;
  const incident = await incidentOf(tenant, id);
  const actor = actorOf({ ...viewer, permissions: { ...viewer.permissions, "incident.resolve": ["TENANT"] } });
  return write((tx) => resolveIncident(tx, meta, { id: incident?.id ?? "", action, actor }));
}
const at = <T>(list: readonly T[], index: number): T => {
  const found = list[index];
  if (found === undefined) throw new Error(`there is no ${index}`);
  return found;
};

test("a state starts its children, and the last child's end fires the join, in one transaction each", async () => {
  const tenant = await aTenant(project(), part);
  const { owner, operations } = tenant;
  const { parent, children } = await aProject(tenant, 3);
  expect(parent).toMatchObject({ state: "parts", version: 2 });
  expect(children).toMatchObject([
    {
      data: { name: "p0", at: 0 },
      ownerId: owner.viewer.userId,
      parentId: parent.id,
      parentState: "parts",
      parentVersion: 2,
      parentRule: "part",
      childIndex: 0,
      ancestors: [parent.id],
    },
    { childIndex: 1 },
    { childIndex: 2 },
  ]);
  await operations.fire(at(children, 2).id, "done", { input: { cost: 3 } });
  await operations.fire(at(children, 0).id, "done", { input: { cost: 1 } });
  expect(await headOf(tenant, parent.id)).toMatchObject({ state: "parts", version: 4 });
  await operations.fire(at(children, 1).id, "done", { input: { cost: 2 } });
  expect(await headOf(tenant, parent.id)).toMatchObject({
    state: "done",
    status: "COMPLETED",
    version: 6,
    data: {
      results: [
        { name: "p0", cost: 1 },
        { name: "p1", cost: 2 },
        { name: "p2", cost: 3 },
      ],
    },
  });
  expect(await historyOf(tenant, parent.id)).toMatchObject([
    { kind: "START" },
    { kind: "TRANSITION", auto: false },
    { kind: "CHILD", input: { rule: "part", index: 2, outcome: "completed" }, auto: true },
    { kind: "CHILD" },
    { kind: "CHILD" },
    { kind: "TRANSITION", transition: "finished", auto: true },
  ]);
});

/** A program of projects, of which one is enough. */
const programme = {
  weft: 1,
  key: "programme",
  name: "Programme",
  data: { properties: { projects: parts } },
  initial: "projects",
  states: {
    projects: {
      children: { project: { definition: "project", for: "data.projects", data: { parts: "item.parts" } } },
      join: joinOf("enough", { need: "any", otherwise: "none" }),
      transitions: { enough: { to: "done" }, none: { to: "failed" }, stop: { to: "failed" } },
    },
    done: { final: "completed" },
    failed: { final: "rejected" },
  },
};
const twoProjects = { projects: [{ parts: names(2) }, { parts: names(1) }] };

test("a join that needs one child ends the others, with their tasks and their own children", async () => {
  const tenant = await aTenant(programme, project(), part);
  const { owner, operations } = tenant;
  const { id } = await start(tenant, "programme", twoProjects);
  const [first, second] = (await childrenOf(tenant, id)) as [InstanceHead, InstanceHead];
  await owner.fire(first.id, "go");
  await owner.fire(second.id, "go");
  const deep = await childrenOf(tenant, first.id);
  expect(deep).toMatchObject([{ ancestors: [id, first.id] }, { ancestors: [id, first.id] }]);
  const [only] = (await childrenOf(tenant, second.id)) as [InstanceHead];
  // One end changes three instances, and the other branch is ended.
  await operations.fire(only.id, "done");
  expect(await headOf(tenant, second.id)).toMatchObject({ status: "COMPLETED" });
  expect(await headOf(tenant, id)).toMatchObject({ state: "done", status: "COMPLETED" });
  expect(await headOf(tenant, first.id)).toMatchObject({ status: "CANCELLED", state: "gone" });
  expect(await childrenOf(tenant, first.id)).toMatchObject([{ status: "CANCELLED" }, { status: "CANCELLED" }]);
  await expect(operations.fire(at(deep, 0).id, "done")).rejects.toThrow(TransitionRejected);
});

test("leaving the state, cancelling or rolling back the parent ends its children, and entering the state again starts new ones", async () => {
  const tenant = await aTenant(programme, project(), part);
  const { owner, operations } = tenant;
  const { id } = await start(tenant, "programme", twoProjects);
  const [first, second] = (await childrenOf(tenant, id)) as [InstanceHead, InstanceHead];
  await owner.fire(first.id, "go");
  await owner.fire(first.id, "again");
  const parts2 = await childrenOf(tenant, first.id);
  expect(parts2.map(({ status, parentVersion }) => [status, parentVersion])).toEqual([
    ["CANCELLED", 2],
    ["CANCELLED", 2],
    ["RUNNING", 3],
    ["RUNNING", 3],
  ]);
  // The join counts only children of the current entry.
  await operations.fire(at(parts2, 2).id, "done");
  expect(await headOf(tenant, first.id)).toMatchObject({ state: "parts" });
  await operations.write((tx) =>
    rollbackInstance(tx, operations.meta, { id: first.id, toVersion: 1, data: "CURRENT", reason: "Wrong", actor: operations.actor }),
  );
  expect((await childrenOf(tenant, first.id)).filter(({ status }) => status === "RUNNING")).toEqual([]);
  await owner.fire(second.id, "go");
  await operations.write((tx) => cancelInstance(tx, operations.meta, { id, actor: operations.actor }));
  expect([...(await childrenOf(tenant, id)), ...(await childrenOf(tenant, second.id))].map(({ status }) => status)).toEqual([
    "CANCELLED",
    "CANCELLED",
    "CANCELLED",
  ]);
});

test("ten children that end at once fire the join once, without a deadlock", async () => {
  const tenant = await aTenant(project(), part);
  const { operations } = tenant;
  for (let round = 0; round < 2; round++) {
    const { parent, children } = await aProject(tenant, 10);
    await Promise.all(children.map(({ id }) => operations.fire(id, "done")));
    const history = await historyOf(tenant, parent.id);
    expect(history.filter(({ kind }) => kind === "CHILD")).toHaveLength(10);
    expect(history.filter(({ transition }) => transition === "finished")).toHaveLength(1);
  }
});

test("if a child's end and its cancellation by the parent collide, one wins and the hierarchy stays consistent", async () => {
  const tenant = await aTenant(programme, project(joinOf("finished", { need: "any" })), part);
  const { owner, operations } = tenant;
  for (let round = 0; round < 2; round++) {
    const { parent, children } = await aProject(tenant, 4);
    const cancel = () => operations.write((tx) => cancelInstance(tx, operations.meta, { id: parent.id, actor: operations.actor }));
    const completions = [
      ...children.map(({ id }) => operations.fire(id, "done")),
      owner.fire(parent.id, round % 2 === 0 ? "abort" : "again"),
      cancel(),
    ];
    for (const result of await Promise.allSettled(completions)) {
      if (result.status === "rejected") expect([Conflict, TransitionRejected]).toContain((result.reason as Error).constructor);
    }
    // It might have lost against the new round, which then runs.
    if ((await headOf(tenant, parent.id)).finishedAt === null) await cancel();
    expect(await headOf(tenant, parent.id)).toMatchObject({ finishedAt: expect.any(String) as string });
    expect((await childrenOf(tenant, parent.id)).filter(({ finishedAt }) => finishedAt === null)).toEqual([]);
  }
});

test("children that spawn themselves stop at the fifth level, with an incident only there", async () => {
  const spawn = {
    weft: 1,
    key: "spawn",
    name: "Spawn",
    initial: "a",
    states: {
      a: { children: { b: { definition: "spawn" } }, join: joinOf("on"), transitions: { on: { to: "z" } } },
      z: { final: "completed" },
    },
  };
  const tenant = await aTenant(spawn);
  const { id } = await start(tenant, "spawn", {});
  const hierarchy: InstanceHead[] = [await headOf(tenant, id)];
  for (let [child] = await childrenOf(tenant, id); child; [child] = await childrenOf(tenant, child.id)) hierarchy.push(child);
  expect(hierarchy.map(({ status }) => status)).toEqual(["RUNNING", "RUNNING", "RUNNING", "RUNNING", "RUNNING", "FAILED"]);
  expect(await incidentOf(tenant, at(hierarchy, 5).id)).toMatchObject({ kind: "CHILDREN", place: "states.a.children" });
  // It did not complete, which the join above it waits for, so that join is stuck now.
  await solve(tenant, at(hierarchy, 5).id, "CANCEL");
  expect(await incidentOf(tenant, at(hierarchy, 4).id)).toMatchObject({ kind: "CHILDREN", place: "states.a.join" });
  expect(await headOf(tenant, at(hierarchy, 3).id)).toMatchObject({ status: "RUNNING" });
});

test("children that end immediately are reported immediately, and a cycle of them is an incident", { tags: "slow" }, async () => {
  const blink = { ...part, key: "blink", initial: "done", states: { done: { final: "completed" } } };
  const tenant = await aTenant(project(joinOf("finished", { otherwise: "failed" }), "blink"), blink);
  const { id } = await start(tenant, "project", { parts: names(3) });
  expect(await tenant.owner.fire(id, "go")).toMatchObject({
    state: "done",
    status: "COMPLETED",
    version: 4,
    data: { results: [{ name: "p0" }, { name: "p1" }, { name: "p2" }] },
  });
  const round = { ...project(joinOf("again", { otherwise: "failed" }), "blink"), key: "round" };
  await tenant.publish(round);
  const endless = await start(tenant, "round", { parts: names(2) });
  expect(await tenant.owner.fire(endless.id, "go")).toMatchObject({ status: "FAILED", state: "parts" });
  expect(await incidentOf(tenant, endless.id)).toMatchObject({ kind: "LOOP" });
});

test("children that cannot be started are an incident of the parent, and a later retry starts all of them", async () => {
  const tenant = await aTenant(project());
  const { owner, operations } = tenant;
  const { id } = await start(tenant, "project", { parts: names(2) });
  expect(await owner.fire(id, "go")).toMatchObject({ state: "parts", status: "FAILED", version: 3 });
  const missing = await incidentOf(tenant, id);
  expect(missing).toMatchObject({ kind: "CHILDREN", message: expect.stringContaining('no published definition "part"') as string });
  expect(await childrenOf(tenant, id)).toEqual([]);
  await tenant.publish(part);
  expect(await solve(tenant, id, "RETRY")).toMatchObject({ state: "parts", status: "RUNNING", version: 4 });
  const children = await childrenOf(tenant, id);
  expect(children).toHaveLength(2);
  for (const child of children) await operations.fire(child.id, "done");
  expect(await headOf(tenant, id)).toMatchObject({ state: "done" });

  const wrong = await start(tenant, "project", { parts: [{ name: "fine" }, { name: 7 }] });
  await owner.fire(wrong.id, "go");
  expect(await incidentOf(tenant, wrong.id)).toMatchObject({
    message: expect.stringContaining("part[1] (part) cannot start: data.name") as string,
  });
  expect(await childrenOf(tenant, wrong.id)).toEqual([]);
});

test("children end while their parent is suspended, and the join fires when the parent is resumed", async () => {
  const tenant = await aTenant(project(), part);
  const { operations } = tenant;
  const { meta, actor } = operations;
  const { parent, children } = await aProject(tenant, 2);
  await operations.write((tx) => suspendInstance(tx, meta, { id: parent.id, text: "Wait", actor }));
  for (const { id } of children) await operations.fire(id, "done");
  expect(await headOf(tenant, parent.id)).toMatchObject({ state: "parts", status: "SUSPENDED", version: 5 });
  const resumed = await operations.write((tx) => resumeInstance(tx, meta, { id: parent.id, text: "Go", actor }));
  expect(resumed).toMatchObject({ state: "done", status: "COMPLETED", data: { results: [{ name: "p0" }, { name: "p1" }] } });
});

test("a vendor's user ends the child that was assigned to the vendor, and sees no more of the hierarchy than before", async () => {
  const tenant = await aTenant(project(), part);
  const { operations, vendorId } = tenant;
  const painter = await tenant.person("vendor", "ASSIGNED", vendorId);
  const { parent, children } = await aProject(tenant, 2);
  const given = at(children, 0);
  await operations.write((tx) =>
    assignInstance(tx, operations.meta, { id: given.id, principal: { type: "VENDOR", id: vendorId }, actor: operations.actor }),
  );
  await operations.fire(at(children, 1).id, "done");
  const visible = () => painter.write((tx) => tx.select({ id: workflows.instances.id }).from(workflows.instances));
  expect(await visible()).toEqual([{ id: given.id }]);
  await painter.write(async (tx) => {
    await fireInstance(tx, painter.meta, { id: given.id, transition: "done", actor: painter.actor });
    // Still with the user's own row-level security, also in the rest of the transaction.
    expect(await tx.select({ id: workflows.instances.id }).from(workflows.instances)).toEqual([{ id: given.id }]);
  });
  expect(await headOf(tenant, parent.id)).toMatchObject({ state: "done" });
  await expect(painter.fire(parent.id, "abort")).rejects.toThrow(NotFound);
});

test("a hundred children take only a few statements", async () => {
  const tenant = await aTenant(project(), part);
  const { id } = await start(tenant, "project", { parts: names(100) });
  await tenant.owner.fire((await start(tenant, "project", { parts: names(1) })).id, "go");
  const seen = await statementNames(databases.app, () => tenant.owner.fire(id, "go"));
  expect(seen).toEqual([
    "findInstance",
    "readVendor",
    "lockAncestors",
    "countHierarchy",
    "findAllPublished",
    "applyWrite",
    ...Array<string>(5).fill("applyChain"),
  ]);
  expect(await childrenOf(tenant, id)).toHaveLength(100);
});

test("after all of this the invariants hold", async () => {
  expect(await brokenInvariants(database)).toEqual([]);
});

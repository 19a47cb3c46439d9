import { workflows } from "@weft/drizzle";
import { Conflict, Forbidden, NotFound, TransitionRejected } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { type Databases, openDatabases } from "@weft/platform/db";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { anEngineTenant, type EnginePerson, type EngineTenant } from "@weft/testkit/tenants/engine-tenant";
import { publishDefinition } from "@weft/testkit/tenants/publish-definition";
import { brokenInvariants } from "@weft/testkit/invariants";
import { eq, sql } from "drizzle-orm";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  actorOf,
  assignInstance,
  cancelInstance,
  commentOnInstance,
  resolveIncident,
  resumeInstance,
  startInstance,
  suspendInstance,
  type InstanceHead,
  type Resolving,
} from "../../index.js";
import { changeInstanceData } from "../instance/change-data.js";

let database: TestDatabase;
let databases: Databases;
let sqlAsOwner: postgres.Sql;
beforeAll(async () => {
  database = await cloneDatabase();
  databases = await openDatabases({ appUrl: database.appUrl, pools: { app: 6 } });
  sqlAsOwner = postgres(database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await sqlAsOwner.end();
  await databases.close();
  await database.drop();
});

const routed = {
  weft: 1,
  key: "routed",
  name: "Routed",
  data: { type: "object", properties: { count: { type: "number" }, size: { type: "number" } } },
  initial: "draft",
  states: {
    draft: { transitions: { go: { to: "a" } } },
    a: {
      task: { title: "Look", candidates: { roles: ["operations"] } },
      transitions: {
        there: { to: "b", auto: true, when: "data.count > 0" },
        out: { to: "done", allow: { roles: ["operations"], notSameAs: ["owner"] } },
      },
    },
    b: { transitions: { back: { to: "a", auto: true, when: "data.size > 0" }, on: { to: "c", auto: true } } },
    c: { task: { title: "Decide", candidates: { roles: ["operations"] } }, transitions: { out: { to: "done" } } },
    done: { final: "completed" },
  },
};

interface Stage extends EngineTenant {
  readonly manager: EnginePerson;
  readonly begin: (data: object) => Promise<InstanceHead>;
  /** In state `a` with an open incident. */
  readonly stuck: () => Promise<InstanceHead>;
}

async function aStage(): Promise<Stage> {
  const tenant = await anEngineTenant(databases.app);
  const { owner, person } = tenant;
  await tenant.publish(routed);
  const plain = await person("operations");
  const viewer = { ...plain.viewer, permissions: { ...plain.viewer.permissions, "incident.resolve": ["TENANT" as const] } };
  const manager: EnginePerson = { ...plain, viewer, actor: actorOf(viewer) };
  const begin = (data: object) =>
    owner.write((tx) => startInstance(tx, owner.meta, { definitionKey: "routed", data, ownerId: owner.viewer.userId, actor: owner.actor }));
  const stuck = async () => {
    const { id } = await begin({ count: 1, size: 1 });
    return owner.fire(id, "go");
  };
  return { ...tenant, manager, begin, stuck };
}

const incidentsOf = ({ write }: EnginePerson, instanceId: string) =>
  write((tx) =>
    tx
      .select()
      .from(workflows.incidents)
      .where(eq(workflows.incidents.instanceId, instanceId))
      .orderBy(workflows.incidents.instanceVersion),
  );
const lastOf = async (who: EnginePerson, instanceId: string) => {
  const found = (await incidentsOf(who, instanceId)).at(-1);
  if (!found) throw new Error("there is no incident");
  return found;
};
const resolve = ({ write, meta, actor }: EnginePerson, request: Omit<Resolving, "actor">) =>
  write((tx) => resolveIncident(tx, meta, { ...request, actor }));
const historyOf = ({ write }: EnginePerson, instanceId: string) =>
  write((tx) => tx.select().from(workflows.history).where(eq(workflows.history.instanceId, instanceId)).orderBy(workflows.history.version));
const openTasks = ({ write }: EnginePerson, instanceId: string) =>
  write((tx) => tx.select().from(workflows.tasks).where(eq(workflows.tasks.instanceId, instanceId)));

test("automatic transitions are written with the transition before them, and states that are only passed through open nothing", async () => {
  const { owner, begin } = await aStage();
  const { id } = await begin({ count: 1, size: 0 });
  expect(await owner.fire(id, "go")).toMatchObject({ state: "c", status: "RUNNING", version: 4 });
  expect((await historyOf(owner, id)).map(({ transition, toState, isAutomatic }) => [transition, toState, isAutomatic])).toEqual([
    [null, "draft", false],
    ["go", "a", false],
    ["there", "b", true],
    ["on", "c", true],
  ]);
  expect((await openTasks(owner, id)).map(({ rule, status }) => [rule, status])).toEqual([["c", "OPEN"]]);
  expect(await brokenInvariants(database)).toEqual([]);
});

test("a loop stops only its own instance, and nothing changes the instance until a user resolves the incident", async () => {
  const { owner, operations, stuck, submit } = await aStage();
  const { id, status, version } = await stuck();
  expect([status, version]).toEqual(["FAILED", 3]);
  expect(await incidentsOf(owner, id)).toMatchObject([{ kind: "LOOP", state: "a", status: "OPEN", instanceVersion: 3, place: "states.a" }]);
  await expect(operations.fire(id, "out")).rejects.toThrow("incident");
  const patch = { count: 0 };
  await expect(owner.write((tx) => changeInstanceData(tx, owner.meta, { id, patch }))).rejects.toThrow(TransitionRejected);
  await expect(owner.write((tx) => assignInstance(tx, owner.meta, { id, principal: null }))).rejects.toThrow(TransitionRejected);
  await expect(owner.write((tx) => suspendInstance(tx, owner.meta, { id, text: "x", actor: owner.actor }))).rejects.toThrow(
    TransitionRejected,
  );
  // It accepts comments, and the other instances continue.
  await owner.write((tx) => commentOnInstance(tx, owner.meta, { id, text: "Help", actor: owner.actor }));
  const other = await submit();
  expect(await operations.fire(other.id, "approve")).toMatchObject({ state: "work" });
  expect(await brokenInvariants(database)).toEqual([]);
});

test("a retry that fails again creates a new incident, a skip rests, and a transition or an end leads out", async () => {
  const { manager, stuck } = await aStage();
  const { id } = await stuck();
  const first = await lastOf(manager, id);
  expect(await resolve(manager, { id: first.id, action: "RETRY", comment: "Again" })).toMatchObject({ status: "FAILED", version: 5 });
  const second = await lastOf(manager, id);
  expect(second.id).not.toBe(first.id);
  await expect(resolve(manager, { id: first.id, action: "SKIP" })).rejects.toThrow("already resolved");
  expect(await resolve(manager, { id: second.id, action: "SKIP", expectedVersion: 5 })).toMatchObject({
    status: "RUNNING",
    state: "a",
    version: 6,
  });
  expect(await incidentsOf(manager, id)).toMatchObject([
    { status: "RESOLVED", resolution: "RETRY", comment: "Again", resolvedBy: manager.viewer.userId },
    { status: "RESOLVED", resolution: "SKIP" },
  ]);
  expect(await manager.fire(id, "out")).toMatchObject({ state: "done", status: "COMPLETED" });

  const fired = await stuck();
  expect(await resolve(manager, { id: (await lastOf(manager, fired.id)).id, action: "FIRE", transition: "out" })).toMatchObject({
    state: "done",
    status: "COMPLETED",
    version: 5,
  });
  const ended = await stuck();
  expect(await resolve(manager, { id: (await lastOf(manager, ended.id)).id, action: "CANCEL", comment: "Hopeless" })).toMatchObject({
    status: "CANCELLED",
  });
  expect((await historyOf(manager, ended.id)).map(({ kind, comment }) => [kind, comment]).slice(-3)).toEqual([
    ["INCIDENT", null],
    ["RESOLUTION", null],
    ["CANCELLATION", "Hopeless"],
  ]);
  const cancelled = await stuck();
  await manager.write((tx) => cancelInstance(tx, manager.meta, { id: cancelled.id, comment: "No", actor: manager.actor }));
  expect(await incidentsOf(manager, cancelled.id)).toMatchObject([{ status: "RESOLVED", resolution: "CANCEL", comment: "No" }]);
  expect(await brokenInvariants(database)).toEqual([]);
});

test("a user who cannot see an instance cannot find its incident, and each resolution needs its own permission", async () => {
  const { manager, owner, operations, stuck, person } = await aStage();
  const { id } = await stuck();
  const incident = await lastOf(manager, id);
  // No permission to resolve; and a permission only for the user's own instances.
  for (const who of [owner, operations]) await expect(resolve(who, { id: incident.id, action: "SKIP" })).rejects.toThrow(NotFound);
  await expect(resolve(manager, { id: newId(), action: "SKIP" })).rejects.toThrow(NotFound);
  const stranger = await person("requester", "OWN");
  const own = { ...stranger.viewer, permissions: { ...stranger.viewer.permissions, "incident.resolve": ["OWN" as const] } };
  await expect(resolve({ ...stranger, actor: actorOf(own) }, { id: incident.id, action: "SKIP" })).rejects.toThrow(NotFound);
  const only = { ...manager.viewer, permissions: { "incident.resolve": ["TENANT" as const] } };
  const resolver = { ...manager, actor: actorOf(only) };
  for (const action of ["FIRE", "CANCEL"] as const)
    await expect(resolve(resolver, { id: incident.id, action, transition: "out" })).rejects.toThrow(Forbidden);
  // Separation of duties applies here too: the owner can resolve, but cannot fire a transition that requires another user.
  const powerful = { ...owner.viewer, roles: ["operations"], permissions: manager.viewer.permissions };
  const asOwner = { ...owner, actor: actorOf(powerful) };
  await expect(resolve(asOwner, { id: incident.id, action: "FIRE", transition: "out" })).rejects.toThrow("owner");
  expect(await resolve(resolver, { id: incident.id, action: "SKIP" })).toMatchObject({ status: "RUNNING" });
});

test("if twenty users resolve an incident at once, one succeeds, and the history has one entry", async () => {
  const { manager, stuck } = await aStage();
  const { id } = await stuck();
  const incident = await lastOf(manager, id);
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => resolve(manager, { id: incident.id, action: "SKIP" })));
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const result of results) {
    if (result.status === "rejected") expect(result.reason instanceof Conflict || result.reason instanceof TransitionRejected).toBe(true);
  }
  expect((await historyOf(manager, id)).filter(({ kind }) => kind === "RESOLUTION")).toHaveLength(1);
  expect(await brokenInvariants(database)).toEqual([]);
});

test("a stored definition that cannot be read stops only the instances that a user tries to change, each with its own incident", async () => {
  const stage = await aStage();
  const { tenantId, owner, manager, begin, submit, operations } = stage;
  const damaged = await owner.write(async (tx) => {
    const source = '{"weft": 1, "key": "damaged", "states": {"dr';
    const id = await publishDefinition(tx, owner.viewer, { document: { key: "damaged" }, source });
    await tx.execute(sql`select app.recount_usage()`);
    return id;
  });
  const [fired, held, idle] = [await begin({}), await begin({}), await begin({})];
  await owner.write((tx) => suspendInstance(tx, owner.meta, { id: held.id, text: "Wait", actor: owner.actor }));
  await sqlAsOwner`update workflows.instances set definition_id = ${damaged} where tenant_id = ${tenantId} and id in ${sqlAsOwner([fired.id, held.id, idle.id])}`;
  await expect(owner.fire(fired.id, "go")).rejects.toThrow("can no longer be read");
  const attempts = [
    () => owner.fire(fired.id, "go"),
    () => owner.write((tx) => changeInstanceData(tx, owner.meta, { id: fired.id, patch: { count: 1 } })),
  ];
  for (const attempt of attempts) await expect(attempt()).rejects.toThrow("it has an incident");
  const incident = await lastOf(manager, fired.id);
  expect(await incidentsOf(manager, fired.id)).toHaveLength(1);
  expect(incident).toMatchObject({ kind: "DEFINITION", status: "OPEN", state: "draft" });
  expect((await historyOf(owner, fired.id)).map(({ kind }) => kind)).toEqual(["START", "INCIDENT"]);
  for (const action of ["RETRY", "SKIP", "FIRE"] as const)
    await expect(resolve(manager, { id: incident.id, action, transition: "go" })).rejects.toThrow("still cannot be read");

  // An instance that nobody used has no incident, a suspended one can be resumed, and other definitions continue.
  expect(await incidentsOf(manager, idle.id)).toEqual([]);
  expect(await owner.write((tx) => resumeInstance(tx, owner.meta, { id: held.id, text: null, actor: owner.actor }))).toMatchObject({
    status: "RUNNING",
  });
  const other = await submit();
  expect(await operations.fire(other.id, "approve")).toMatchObject({ state: "work" });
  await expect(
    owner.write((tx) =>
      startInstance(tx, owner.meta, { definitionKey: "damaged", data: {}, ownerId: owner.viewer.userId, actor: owner.actor }),
    ),
  ).rejects.toMatchObject({ code: "DEFINITION_INVALID" });

  // After the repair, it continues where it was; another instance is ended without it.
  await owner.fire(idle.id, "go").catch(() => undefined);
  expect(await resolve(manager, { id: (await lastOf(manager, idle.id)).id, action: "CANCEL" })).toMatchObject({
    status: "CANCELLED",
    state: "draft",
  });
  await sqlAsOwner`update workflows.definitions set source = ${JSON.stringify({ ...routed, key: "damaged" })} where tenant_id = ${tenantId} and id = ${damaged}`;
  expect(await resolve(manager, { id: incident.id, action: "RETRY" })).toMatchObject({ status: "RUNNING", state: "draft" });
  expect(await owner.fire(fired.id, "go")).toMatchObject({ state: "a", status: "RUNNING" });
  expect(await brokenInvariants(database)).toEqual([]);
});

test("a transition by a vendor's user can also create an incident", async () => {
  const { owner, vendorId, person, begin } = await aStage();
  const vera = await person("vendor_user", "ASSIGNED", vendorId);
  const { id } = await begin({ count: 1, size: 1 });
  await owner.write((tx) => assignInstance(tx, owner.meta, { id, principal: { type: "VENDOR", id: vendorId } }));
  expect(await vera.fire(id, "go")).toMatchObject({ status: "FAILED" });
  expect(await incidentsOf(owner, id)).toMatchObject([{ kind: "LOOP" }]);
});

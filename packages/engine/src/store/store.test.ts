import { identity, vendors, workflows } from "@weft/drizzle";
import {
  asTenant,
  Conflict,
  encodeId,
  newId,
  NotFound,
  openDatabases,
  personKeyring,
  TransitionRejected,
  type Database,
  type Databases,
  type Permission,
  type Scope,
  type Tx,
  type Viewer,
  type WriteMeta,
} from "@weft/shared";
import { brokenInvariants } from "@weft/testkit/invariants";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/database";
import { eq, sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  actorOf,
  assignInstance,
  availableFor,
  cancelInstance,
  changeInstanceData,
  claimTask,
  completeTask,
  fireAlone,
  fireInstance,
  startInstance,
  type InstanceHead,
} from "../index.js";

const document = {
  weft: 1,
  key: "loan",
  name: "Loan",
  data: { type: "object", required: ["amount"], properties: { amount: { type: "number", minimum: 0 }, verdict: { type: "string" } } },
  initial: "draft",
  states: {
    draft: { transitions: { submit: { to: "review", allow: { owner: true } } } },
    review: {
      task: { title: "Review {{ data.amount }}", candidates: { roles: ["operations"] } },
      transitions: {
        approve: { to: "work", allow: { roles: ["operations"] }, when: "data.amount <= 100" },
        reject: { to: "rejected", allow: { roles: ["operations"] }, comment: "required" },
      },
    },
    work: {
      task: { title: "Do it", candidates: { assignee: true } },
      transitions: {
        finish: { to: "done", allow: { assignee: true }, input: { required: ["verdict"], properties: { verdict: { type: "string" } } } },
      },
    },
    done: { final: "completed" },
    rejected: { final: "rejected" },
  },
};

const everything: Permission[] = [
  "workflow.read",
  "workflow.fire",
  "workflow.cancel",
  "task.read",
  "task.claim",
  "task.complete",
  "request.assign",
];
const keyring = personKeyring(new Uint8Array(32).fill(7));

interface Person {
  readonly viewer: Viewer;
  readonly meta: WriteMeta;
  readonly actor: ReturnType<typeof actorOf>;
  write<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
}

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

/** A tenant with a published definition and people: an owner, two of operations, a vendor with a person. */
async function aTenant() {
  const tenantId = newId();
  const vendorId = newId();
  const db: Database = databases.app;
  const definitionId = newId();
  const person = async (role: string, scope: Scope = "TENANT", vendor: string | null = null): Promise<Person> => {
    const userId = newId();
    await asTenant(db, { tenantId }, "write", (tx) =>
      tx
        .insert(identity.users)
        .values({
          tenantId,
          id: userId,
          email: `${userId}@x.example`,
          username: userId,
          name: role,
          type: vendor ? "VENDOR" : "EMPLOYEE",
          vendorId: vendor,
        }),
    );
    const permissions = Object.fromEntries(everything.map((permission) => [permission, [scope]]));
    const viewer: Viewer = {
      tenantId,
      tenantSlug: "t",
      userId,
      userType: vendor ? "VENDOR" : "EMPLOYEE",
      vendorId: vendor,
      sessionId: newId(),
      roles: [role],
      teamIds: [],
      permissions,
      rightsVersion: "1",
    };
    const meta: WriteMeta = {
      tenantId,
      actorId: userId,
      onBehalfOf: null,
      requestId: "test",
      sessionId: viewer.sessionId,
      address: "192.0.2.1",
      traceId: null,
      keyring,
    };
    return { viewer, meta, actor: actorOf(viewer), write: (fn) => asTenant(db, viewer, "write", fn) };
  };
  await asTenant(db, { tenantId }, "write", async (tx) => {
    await tx.insert(identity.tenants).values({ tenantId, slug: `t-${tenantId}`, name: "T" });
    await tx.insert(vendors.vendors).values({ tenantId, id: vendorId, code: "V", name: "V" });
  });
  const owner = await person("requester", "OWN");
  await asTenant(db, owner.viewer, "write", (tx) =>
    tx.insert(workflows.definitions).values({
      tenantId,
      id: definitionId,
      key: "loan",
      number: 1,
      name: "Loan",
      status: "PUBLISHED",
      source: JSON.stringify(document),
      format: "JSON",
      document,
      createdBy: owner.viewer.userId,
    }),
  );
  const operations = await person("operations");
  const start = (amount = 50): Promise<InstanceHead> =>
    owner.write((tx) =>
      startInstance(tx, owner.meta, { definitionKey: "loan", data: { amount }, ownerId: owner.viewer.userId, actor: owner.actor }),
    );
  const submit = async (amount = 50): Promise<InstanceHead> => {
    const { id } = await start(amount);
    return owner.write((tx) => fireInstance(tx, owner.meta, { id, transition: "submit", actor: owner.actor }));
  };
  return { tenantId, vendorId, owner, operations, person, start, submit };
}

const openTask = async (who: Person, instanceId: string) => {
  const [task] = await who.write((tx) => tx.select().from(workflows.tasks).where(eq(workflows.tasks.instanceId, instanceId)));
  if (!task) throw new Error("there is no task");
  return task;
};

const fire = (who: Person, id: string, transition: string, more: object = {}) =>
  who.write((tx) => fireInstance(tx, who.meta, { id, transition, actor: who.actor, ...more }));

describe("a move", () => {
  test("writes instance, history, tasks, events and audit together", async () => {
    const { owner, operations, submit } = await aTenant();
    const submitted = await submit();
    expect(submitted).toMatchObject({ state: "review", status: "RUNNING", version: 2 });
    expect(await openTask(operations, submitted.id)).toMatchObject({ title: "Review 50", status: "OPEN", candidateRoles: ["operations"] });
    const events = await owner.write((tx) =>
      tx.execute<{ type: string }>(sql`select type from events.log where tenant_id = app.tenant() order by id`),
    );
    expect(events.map((event) => event.type)).toEqual(["workflow.started", "workflow.transitioned", "task.opened"]);
    const audit = await owner.write((tx) =>
      tx.execute<{ action: string; after: InstanceHead; address: string }>(
        sql`select action, after, address from audit.entries order by id`,
      ),
    );
    expect(audit.map((entry) => [entry.action, entry.after.version])).toEqual([
      ["workflow.start", 1],
      ["workflow.fire", 2],
    ]);
    expect(audit[0]?.address).toMatch(/^enc:v1:/);
  });

  test("takes one read and one write once the machine is known", async () => {
    const { operations, submit } = await aTenant();
    const { id } = await submit();
    const seen: string[] = [];
    databases.app.onStatement = (text) => seen.push(text);
    await fire(operations, id, "approve");
    databases.app.onStatement = undefined;
    expect(seen.filter((text) => !text.includes("person_keys"))).toHaveLength(2);
  });

  test("that is refused changes nothing", async () => {
    const { operations, owner, submit } = await aTenant();
    const { id } = await submit(5000);
    const trace = () =>
      owner.write((tx) =>
        tx.execute(
          sql`select i.xmin::text, (select count(*) from events.log) as events, (select count(*) from workflows.history) as moves from workflows.instances i`,
        ),
      );
    const before = [...(await trace())];
    await expect(fire(operations, id, "approve")).rejects.toThrow(TransitionRejected);
    await expect(fire(operations, id, "finish")).rejects.toThrow(TransitionRejected);
    await expect(fire(operations, id, "nonsense")).rejects.toThrow(TransitionRejected);
    await expect(fire(operations, id, "reject")).rejects.toMatchObject({
      extensions: { code: "BAD_USER_INPUT", problems: [{ path: "input.comment" }] },
    });
    await expect(fire(operations, id, "reject", { comment: "no", expectedVersion: 1 })).rejects.toMatchObject({
      extensions: { code: "CONFLICT", currentVersion: 2, currentState: "review" },
    });
    expect([...(await trace())]).toEqual(before);
  });

  test("of two people at once is made by exactly one", async () => {
    const { operations, person, submit } = await aTenant();
    const other = await person("operations");
    for (let round = 0; round < 20; round++) {
      const { id } = await submit();
      const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      // Both have read before either writes.
      const gated = (who: Person, mine: PromiseWithResolvers<void>, theirs: PromiseWithResolvers<void>) =>
        who.write(async (tx) => {
          const gate = new Proxy(tx, {
            get: (target, key) => {
              if (key !== "execute") return Reflect.get(target, key) as unknown;
              return async (statement: never) => {
                mine.resolve();
                await theirs.promise;
                return target.execute(statement);
              };
            },
          });
          return fireInstance(gate, who.meta, { id, transition: "approve", actor: who.actor });
        });
      const results = await Promise.allSettled([gated(operations, first, second), gated(other, second, first)]);
      const lost = results.filter((result) => result.status === "rejected").map((result) => result.reason as unknown);
      expect(lost).toHaveLength(1);
      expect(lost[0]).toBeInstanceOf(Conflict);
      expect(lost[0]).toMatchObject({ extensions: { currentVersion: 3, currentState: "work" } });
    }
  });

  test("waits for the other with lockRead, and then sees what there is", async () => {
    const { operations, person, submit } = await aTenant();
    const other = await person("operations");
    const { id } = await submit();
    const entered = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<void>();
    const first = operations.write(async (tx) => {
      await fireInstance(tx, operations.meta, { id, transition: "approve", actor: operations.actor });
      entered.resolve();
      await leave.promise;
    });
    await entered.promise;
    const second = fire(other, id, "approve", { lockRead: true });
    leave.resolve();
    await first;
    await expect(second).rejects.toThrow(TransitionRejected);
  });
});

describe("another tenant", () => {
  test("does not find the instance", async () => {
    const [ours, theirs] = [await aTenant(), await aTenant()];
    const { id } = await ours.submit();
    const { operations } = theirs;
    await expect(fire(operations, id, "approve")).rejects.toThrow(NotFound);
    await expect(operations.write((tx) => cancelInstance(tx, operations.meta, { id, actor: operations.actor }))).rejects.toThrow(
      encodeId("instance", id),
    );
    const task = await openTask(ours.operations, id);
    await expect(operations.write((tx) => claimTask(tx, operations.meta, { id: task.id, actor: operations.actor }))).rejects.toThrow(
      NotFound,
    );
  });

  test("cannot be written to from a transaction of ours", async () => {
    const [ours, theirs] = [await aTenant(), await aTenant()];
    await ours.submit();
    const { owner } = ours;
    const starting = { definitionKey: "loan", data: { amount: 1 }, ownerId: owner.viewer.userId, actor: owner.actor };
    const write = theirs.operations.write((tx) => startInstance(tx, owner.meta, starting));
    await expect(write).rejects.toMatchObject({ cause: { code: "WF001" } });
  });
});

describe("a task", () => {
  test("claimed by somebody else rejects the transition with that reason", async () => {
    const { operations, person, submit } = await aTenant();
    const other = await person("operations");
    const { id } = await submit();
    const task = await openTask(operations, id);
    await operations.write((tx) => claimTask(tx, operations.meta, { id: task.id, actor: operations.actor }));
    await expect(fire(other, id, "approve")).rejects.toMatchObject({ extensions: { reasons: [{ code: "claimed" }] } });
    await expect(other.write((tx) => claimTask(tx, other.meta, { id: task.id, actor: other.actor }))).rejects.toMatchObject({
      extensions: { reasons: [{ code: "claimed" }] },
    });
    const moved = await operations.write((tx) =>
      completeTask(tx, operations.meta, { id: task.id, transition: "approve", actor: operations.actor }),
    );
    expect(moved.state).toBe("work");
    expect(await openTask(operations, id)).toMatchObject({
      status: "COMPLETED",
      completedBy: operations.viewer.userId,
      transition: "approve",
    });
  });

  test("claimed between read and write is seen: the transaction is repeated and rejects", async () => {
    const { operations, person, submit } = await aTenant();
    const other = await person("operations");
    const { id } = await submit();
    const task = await openTask(operations, id);
    let claims = 0;
    const firing = other.write((tx) => {
      const racing = new Proxy(tx, {
        get: (target, key) => {
          if (key !== "execute") return Reflect.get(target, key) as unknown;
          return async (statement: never) => {
            if (claims++ === 0) await operations.write((own) => claimTask(own, operations.meta, { id: task.id, actor: operations.actor }));
            return target.execute(statement);
          };
        },
      });
      return fireInstance(racing, other.meta, { id, transition: "approve", actor: other.actor });
    });
    await expect(firing).rejects.toMatchObject({ extensions: { reasons: [{ code: "claimed" }] } });
  });

  test("is not offered to who has none of its roles", async () => {
    const { person, operations, submit } = await aTenant();
    const { id } = await submit();
    const task = await openTask(operations, id);
    const viewer = await person("viewer");
    await expect(viewer.write((tx) => claimTask(tx, viewer.meta, { id: task.id, actor: viewer.actor }))).rejects.toThrow(
      /waits for the roles operations/,
    );
  });
});

describe("an assignment", () => {
  test("lets the vendor's people see and move the instance, and takes it away again", async () => {
    const { vendorId, operations, person, submit } = await aTenant();
    const vendor = await person("vendor_user", "ASSIGNED", vendorId);
    const { id } = await submit();
    await fire(operations, id, "approve");
    await expect(fire(vendor, id, "finish", { input: { verdict: "ok" } })).rejects.toThrow(NotFound);
    const assigned = await operations.write((tx) =>
      assignInstance(tx, operations.meta, { id, principal: { type: "VENDOR", id: vendorId } }),
    );
    expect(assigned).toMatchObject({ assigneeVendorId: vendorId, version: 4 });
    const [offered] = [...(await vendor.write((tx) => availableFor(tx, [assigned], vendor.actor))).values()];
    expect(offered).toMatchObject([{ name: "finish", allowed: true }]);
    const done = await fire(vendor, id, "finish", { input: { verdict: "ok" } });
    expect(done).toMatchObject({ state: "done", status: "COMPLETED", data: { amount: 50, verdict: "ok" } });

    const second = await submit();
    await fire(operations, second.id, "approve");
    await operations.write((tx) => assignInstance(tx, operations.meta, { id: second.id, principal: { type: "VENDOR", id: vendorId } }));
    await operations.write((tx) => assignInstance(tx, operations.meta, { id: second.id, principal: null }));
    await expect(fire(vendor, second.id, "finish")).rejects.toThrow(NotFound);
  });

  test("offers the open tasks that wait for the assignee to the new one", async () => {
    const { vendorId, operations, person, submit } = await aTenant();
    const vendor = await person("vendor_user", "ASSIGNED", vendorId);
    const { id } = await submit();
    await fire(operations, id, "approve");
    await operations.write((tx) => assignInstance(tx, operations.meta, { id, principal: { type: "VENDOR", id: vendorId } }));
    const [task] = await vendor.write((tx) => tx.select().from(workflows.tasks).where(eq(workflows.tasks.state, "work")));
    expect(task).toMatchObject({ candidateVendorIds: [vendorId], status: "OPEN" });
    const taskId = task?.id ?? "";
    expect(await vendor.write((tx) => claimTask(tx, vendor.meta, { id: taskId, actor: vendor.actor }))).toMatchObject({
      assigneeId: vendor.viewer.userId,
    });
    await operations.write((tx) => assignInstance(tx, operations.meta, { id, principal: { type: "USER", id: operations.viewer.userId } }));
    const [moved] = await operations.write((tx) => tx.select().from(workflows.tasks).where(eq(workflows.tasks.id, taskId)));
    expect(moved).toMatchObject({ candidateVendorIds: [], assigneeId: operations.viewer.userId, status: "CLAIMED" });
  });

  test("to somebody unknown is bad input", async () => {
    const { operations, submit } = await aTenant();
    const { id } = await submit();
    const assign = operations.write((tx) => assignInstance(tx, operations.meta, { id, principal: { type: "USER", id: newId() } }));
    await expect(assign).rejects.toMatchObject({ extensions: { problems: [{ path: "input.assignee" }] } });
  });
});

test("alone, a move is two statements, each its own transaction, and still loses against another", async () => {
  const { owner, operations, submit } = await aTenant();
  const pool = postgres(database.appUrl, { max: 2, onnotice: () => undefined });
  try {
    const { id } = await submit();
    const meta = { ...operations.meta, address: null };
    const both = await Promise.allSettled([1, 2].map(() => fireAlone(pool, meta, { id, transition: "approve", actor: operations.actor })));
    expect(both.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    expect(both.find((result) => result.status === "rejected")).toMatchObject({
      reason: { extensions: { code: expect.stringMatching(/CONFLICT|TRANSITION_REJECTED/) as string } },
    });
    const foreign = await aTenant();
    await expect(
      fireAlone(pool, { ...foreign.owner.meta, address: null }, { id, transition: "finish", actor: owner.actor }),
    ).rejects.toThrow(NotFound);
  } finally {
    await pool.end();
  }
});

test("data changes within its schema, and a cancelled instance changes no more", async () => {
  const { owner, operations, submit } = await aTenant();
  const { id } = await submit();
  const change = (patch: unknown) => owner.write((tx) => changeInstanceData(tx, owner.meta, { id, patch }));
  await expect(change({ amount: -1 })).rejects.toMatchObject({ extensions: { problems: [{ path: "input.data.amount" }] } });
  expect(await change({ amount: 70 })).toMatchObject({ data: { amount: 70 }, version: 3 });
  const cancelled = await operations.write((tx) =>
    cancelInstance(tx, operations.meta, { id, comment: "not needed", actor: operations.actor }),
  );
  expect(cancelled).toMatchObject({ status: "CANCELLED", version: 4 });
  expect(await openTask(operations, id)).toMatchObject({ status: "CLOSED" });
  await expect(change({ amount: 80 })).rejects.toThrow(TransitionRejected);
});

test("after all of this the invariants hold", async () => {
  expect(await brokenInvariants({ ownerUrl: database.ownerUrl })).toEqual([]);
});

import { workflows } from "@weft/drizzle";
import { NotFound } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { type Databases, openDatabases } from "@weft/platform/db";
import { oneMasterKey, tenantSecrets } from "@weft/platform/secrets";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { anEngineTenant, beforeWrites, taskOf } from "@weft/testkit/tenants/engine-tenant";
import { brokenInvariants } from "@weft/testkit/invariants";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assignInstance, availableFor, claimTask, completeTask, fireInstance } from "../../index.js";

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

const secrets = tenantSecrets(oneMasterKey(new Uint8Array(32).fill(9)));
const aTenant = () => anEngineTenant(databases.app);

describe("a task", () => {
  test("claimed by another user rejects the transition with that reason", async () => {
    const { operations, person, submit } = await aTenant();
    const other = await person("operations");
    const { id } = await submit();
    const task = await taskOf(operations, id);
    await operations.write((tx) => claimTask(tx, operations.meta, { id: task.id, actor: operations.actor }));
    await expect(other.fire(id, "approve")).rejects.toMatchObject({ extensions: { reasons: [{ code: "claimed" }] } });
    await expect(other.write((tx) => claimTask(tx, other.meta, { id: task.id, actor: other.actor }))).rejects.toMatchObject({
      extensions: { reasons: [{ code: "claimed" }] },
    });
    const moved = await operations.write((tx) =>
      completeTask(tx, operations.meta, { id: task.id, transition: "approve", actor: operations.actor, secrets }),
    );
    expect(moved.state).toBe("work");
    expect(await taskOf(operations, id)).toMatchObject({
      status: "COMPLETED",
      completedBy: operations.viewer.userId,
      transition: "approve",
    });
  });

  test("claimed between read and write is noticed: the transaction is retried and rejected", async () => {
    const { operations, person, submit } = await aTenant();
    const other = await person("operations");
    const { id } = await submit();
    const task = await taskOf(operations, id);
    let tries = 0;
    const claimFirst = async () => {
      if (tries++ === 0) await operations.write((tx) => claimTask(tx, operations.meta, { id: task.id, actor: operations.actor }));
    };
    const firing = other.write((tx) =>
      fireInstance(beforeWrites(tx, claimFirst), other.meta, { id, transition: "approve", actor: other.actor }),
    );
    await expect(firing).rejects.toMatchObject({ extensions: { reasons: [{ code: "claimed" }] } });
  });

  test("is not offered to a user who has none of its roles", async () => {
    const { person, operations, submit } = await aTenant();
    const { id } = await submit();
    const task = await taskOf(operations, id);
    const viewer = await person("viewer");
    await expect(viewer.write((tx) => claimTask(tx, viewer.meta, { id: task.id, actor: viewer.actor }))).rejects.toThrow(
      /offered to the roles operations/,
    );
  });
});

describe("an assignment", () => {
  test("lets the vendor's users see and change the instance, and its removal ends that", async () => {
    const { vendorId, operations, person, submit } = await aTenant();
    const vendor = await person("vendor_user", "ASSIGNED", vendorId);
    const { id } = await submit();
    await operations.fire(id, "approve");
    await expect(vendor.fire(id, "finish", { input: { verdict: "ok" } })).rejects.toThrow(NotFound);
    const assigned = await operations.write((tx) =>
      assignInstance(tx, operations.meta, { id, principal: { type: "VENDOR", id: vendorId } }),
    );
    expect(assigned).toMatchObject({ assigneeVendorId: vendorId, version: 4 });
    const [offered] = [...(await vendor.write((tx) => availableFor(tx, [assigned], vendor.actor))).values()];
    expect(offered).toMatchObject([{ name: "finish", allowed: true }]);
    const done = await vendor.fire(id, "finish", { input: { verdict: "ok" } });
    expect(done).toMatchObject({ state: "done", status: "COMPLETED", data: { amount: 50, verdict: "ok" } });

    const second = await submit();
    await operations.fire(second.id, "approve");
    await operations.write((tx) => assignInstance(tx, operations.meta, { id: second.id, principal: { type: "VENDOR", id: vendorId } }));
    await operations.write((tx) => assignInstance(tx, operations.meta, { id: second.id, principal: null }));
    await expect(vendor.fire(second.id, "finish")).rejects.toThrow(NotFound);
  });

  test("offers the open tasks that wait for the assignee to the new assignee", async () => {
    const { vendorId, operations, person, submit } = await aTenant();
    const vendor = await person("vendor_user", "ASSIGNED", vendorId);
    const { id } = await submit();
    await operations.fire(id, "approve");
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

  test("to an unknown user is BAD_USER_INPUT", async () => {
    const { operations, submit } = await aTenant();
    const { id } = await submit();
    const assign = operations.write((tx) => assignInstance(tx, operations.meta, { id, principal: { type: "USER", id: newId() } }));
    await expect(assign).rejects.toMatchObject({ extensions: { problems: [{ path: "input.assignee.userId" }] } });
  });
});

test("after all of this the invariants hold", async () => {
  expect(await brokenInvariants({ ownerUrl: database.ownerUrl })).toEqual([]);
});

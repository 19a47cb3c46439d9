import { Conflict, NotFound, TransitionRejected } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import { type Databases, openDatabases } from "@weft/platform/db";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { anEngineTenant, beforeWrites, taskOf, type EnginePerson } from "@weft/testkit/tenants/engine-tenant";
import { brokenInvariants } from "@weft/testkit/invariants";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cancelInstance, changeInstanceData, claimTask, fireInstance, startInstance, type InstanceHead } from "../../index.js";

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

const aTenant = () => anEngineTenant(databases.app);

describe("a transition", () => {
  test("writes the instance, history, tasks, events and audit entry together", async () => {
    const { owner, operations, submit } = await aTenant();
    const submitted = await submit();
    expect(submitted).toMatchObject({ state: "review", status: "RUNNING", version: 2 });
    expect(await taskOf(operations, submitted.id)).toMatchObject({ title: "Review 50", status: "OPEN", candidateRoles: ["operations"] });
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

  test("takes one read and one write if the machine is already known", async () => {
    const { operations, submit } = await aTenant();
    const { id } = await submit();
    const seen: string[] = [];
    databases.app.onStatement = (text) => seen.push(text);
    await operations.fire(id, "approve");
    databases.app.onStatement = undefined;
    expect(seen.filter((text) => !text.includes("person_keys"))).toHaveLength(2);
  });

  test("changes nothing if it is refused", async () => {
    const { operations, owner, submit } = await aTenant();
    const { id } = await submit(5000);
    const trace = () =>
      owner.write((tx) =>
        tx.execute(
          sql`select i.xmin::text, (select count(*) from events.log) as events, (select count(*) from workflows.history) as moves from workflows.instances i`,
        ),
      );
    const before = [...(await trace())];
    await expect(operations.fire(id, "approve")).rejects.toThrow(TransitionRejected);
    await expect(operations.fire(id, "finish")).rejects.toThrow(TransitionRejected);
    await expect(operations.fire(id, "nonsense")).rejects.toThrow(TransitionRejected);
    await expect(operations.fire(id, "reject")).rejects.toMatchObject({
      extensions: { code: "BAD_USER_INPUT", problems: [{ path: "input.comment" }] },
    });
    await expect(operations.fire(id, "reject", { comment: "no", expectedVersion: 1 })).rejects.toMatchObject({
      extensions: { code: "CONFLICT", currentVersion: 2, currentState: "review" },
    });
    expect([...(await trace())]).toEqual(before);
  });

  test("by two users at once succeeds for exactly one of them", async () => {
    const { operations, person, submit } = await aTenant();
    const other = await person("operations");
    for (let round = 0; round < 20; round++) {
      const { id } = await submit();
      const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      // Both have read before either writes.
      const gated = (who: EnginePerson, mine: PromiseWithResolvers<void>, theirs: PromiseWithResolvers<void>) =>
        who.write((tx) => {
          const meet = () => (mine.resolve(), theirs.promise);
          return fireInstance(beforeWrites(tx, meet), who.meta, { id, transition: "approve", actor: who.actor });
        });
      const results = await Promise.allSettled([gated(operations, first, second), gated(other, second, first)]);
      const lost = results.filter((result) => result.status === "rejected").map((result) => result.reason as unknown);
      expect(lost).toHaveLength(1);
      expect(lost[0]).toBeInstanceOf(Conflict);
      expect(lost[0]).toMatchObject({ extensions: { currentVersion: 3, currentState: "work" } });
    }
  });

  test("waits for the other transaction with lockRead, and then sees its result", async () => {
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
    // Created before the other completes: it can be rejected before `first` is seen to be done.
    const second = expect(other.fire(id, "approve", { lockRead: true })).rejects.toThrow(TransitionRejected);
    leave.resolve();
    await first;
    await second;
  });
});

describe("another tenant", () => {
  test("does not find the instance", async () => {
    const [ours, theirs] = [await aTenant(), await aTenant()];
    const { id } = await ours.submit();
    const { operations } = theirs;
    await expect(operations.fire(id, "approve")).rejects.toThrow(NotFound);
    await expect(operations.write((tx) => cancelInstance(tx, operations.meta, { id, actor: operations.actor }))).rejects.toThrow(
      encodeId("instance", id),
    );
    const task = await taskOf(ours.operations, id);
    await expect(operations.write((tx) => claimTask(tx, operations.meta, { id: task.id, actor: operations.actor }))).rejects.toThrow(
      NotFound,
    );
  });

  test("cannot be written to from our own transaction", async () => {
    const [ours, theirs] = [await aTenant(), await aTenant()];
    await ours.submit();
    const { owner } = ours;
    const starting = { definitionKey: "loan", data: { amount: 1 }, ownerId: owner.viewer.userId, actor: owner.actor };
    const write = theirs.operations.write((tx) => startInstance(tx, owner.meta, starting));
    await expect(write).rejects.toMatchObject({ cause: { code: "WF001" } });
  });
});

test("data can change only within its schema, and a cancelled instance cannot change", async () => {
  const { owner, operations, submit } = await aTenant();
  const { id } = await submit();
  const change = (patch: unknown) => owner.write((tx) => changeInstanceData(tx, owner.meta, { id, patch }));
  await expect(change({ amount: -1 })).rejects.toMatchObject({ extensions: { problems: [{ path: "input.data.amount" }] } });
  expect(await change({ amount: 70 })).toMatchObject({ data: { amount: 70 }, version: 3 });
  const cancelled = await operations.write((tx) =>
    cancelInstance(tx, operations.meta, { id, comment: "not needed", actor: operations.actor }),
  );
  expect(cancelled).toMatchObject({ status: "CANCELLED", version: 4 });
  expect(await taskOf(operations, id)).toMatchObject({ status: "CLOSED" });
  await expect(change({ amount: 80 })).rejects.toThrow(TransitionRejected);
});

test("after all of this the invariants hold", async () => {
  expect(await brokenInvariants({ ownerUrl: database.ownerUrl })).toEqual([]);
});

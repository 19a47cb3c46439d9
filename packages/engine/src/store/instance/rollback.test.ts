import { Conflict, NotFound, TransitionRejected } from "@weft/shared/errors";
import { type Databases, openDatabases } from "@weft/platform/db";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { anEngineTenant, beforeWrites, type EnginePerson } from "@weft/testkit/tenants/engine-tenant";
import { brokenInvariants } from "@weft/testkit/invariants";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { assignInstance, changeInstanceData, fireInstance, rollbackInstance } from "../../index.js";

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
const back = ({ write, meta, actor }: EnginePerson, id: string, toVersion: number, data: "RESTORED" | "CURRENT" = "CURRENT") =>
  write((tx) => rollbackInstance(tx, meta, { id, toVersion, data, reason: "The wrong pump", actor }));
const change = ({ write, meta, actor }: EnginePerson, id: string, patch: object) =>
  write((tx) => changeInstanceData(tx, meta, { id, patch, actor, permission: "workflow.fire" }));
const tasks = ({ write }: EnginePerson, id: string) =>
  write((tx) =>
    tx.execute<{ state: string; status: string; title: string }>(
      sql`select state, status, title from workflows.tasks where instance_id = ${id} order by created_at, id`,
    ),
  );

test("a rollback with restored data restores the state and the data, and all records agree", async () => {
  const { operations, submit } = await aTenant();
  const { id } = await submit(50);
  await change(operations, id, { amount: 60, verdict: "fine" });
  const { viewer } = operations;
  await operations.write((tx) =>
    assignInstance(tx, operations.meta, { id, principal: { type: "USER", id: viewer.userId }, actor: operations.actor }),
  );
  await operations.fire(id, "approve");
  const taken = await back(operations, id, 2, "RESTORED");
  expect(taken).toMatchObject({ state: "review", status: "RUNNING", version: 6, data: { amount: 50 }, assigneeUserId: viewer.userId });
  expect([...(await tasks(operations, id))]).toMatchObject([
    { state: "review", status: "CLOSED" },
    { state: "work", status: "CLOSED" },
    { state: "review", status: "OPEN", title: "Review 50" },
  ]);
  expect(await operations.fire(id, "approve")).toMatchObject({ state: "work", version: 7 });
  expect(await brokenInvariants(database)).toEqual([]);
});

test("a rollback with current data does not change the data", async () => {
  const { operations, submit } = await aTenant();
  const { id } = await submit(50);
  await change(operations, id, { amount: 60 });
  expect(await back(operations, id, 1)).toMatchObject({ state: "draft", version: 4, data: { amount: 60 } });
  expect(await brokenInvariants(database)).toEqual([]);
});

test("a rollback is possible only to an existing version, only before the instance ends, and only for users who can see it", async () => {
  const { operations, submit, person } = await aTenant();
  const { id } = await submit();
  for (const version of [0, -1, 2, 99])
    await expect(back(operations, id, version)).rejects.toMatchObject({ extensions: { problems: [{ path: "input.toVersion" }] } });
  await expect(back(await person("requester", "OWN"), id, 1)).rejects.toThrow(NotFound);
  await operations.fire(id, "reject", { comment: "No" });
  await expect(back(operations, id, 1)).rejects.toThrow(TransitionRejected);
});

test("if a rollback and a firing collide, one wins", async () => {
  const { operations, submit } = await aTenant();
  const { id } = await submit();
  let waiting = true;
  const late = operations.write((tx) =>
    fireInstance(
      beforeWrites(tx, async () => {
        if (!waiting) return;
        waiting = false;
        await back(operations, id, 1);
      }),
      operations.meta,
      { id, transition: "approve", actor: operations.actor },
    ),
  );
  await expect(late).rejects.toThrow(Conflict);
  expect(await brokenInvariants(database)).toEqual([]);
});

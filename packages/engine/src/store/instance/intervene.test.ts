import { Conflict, NotFound, TransitionRejected } from "@weft/shared/errors";
import { type Databases, openDatabases } from "@weft/platform/db";
import { cloneDatabase, type TestDatabase } from "@weft/testkit/postgres/database";
import { anEngineTenant, beforeWrites, taskOf, type EnginePerson } from "@weft/testkit/tenants/engine-tenant";
import { brokenInvariants } from "@weft/testkit/invariants";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { claimTask, commentOnInstance, fireInstance, resumeInstance, suspendInstance, type InstanceHead } from "../../index.js";

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

const comment = ({ write, meta, actor }: EnginePerson, id: string, text = "Ring first") =>
  write((tx) => commentOnInstance(tx, meta, { id, text, actor }));
const suspend = ({ write, meta, actor }: EnginePerson, id: string) =>
  write((tx) => suspendInstance(tx, meta, { id, text: "Audit", actor }));
const resume = ({ write, meta, actor }: EnginePerson, id: string) => write((tx) => resumeInstance(tx, meta, { id, text: null, actor }));

test("each intervention writes one row of history, one event and one audit entry", async () => {
  const { owner, operations, submit } = await aTenant();
  const { id } = await submit();
  await comment(owner, id);
  await suspend(operations, id);
  await comment(owner, id, "Why?");
  const resumed = await resume(operations, id);
  expect(resumed).toMatchObject({ state: "review", status: "RUNNING", version: 6 });
  const rows = await owner.write((tx) =>
    tx.execute<{ kind: string; type: string; action: string; comment: string | null }>(sql`
      select h.kind, e.type, a.action, h.comment from workflows.history h
        join events.log e on e.subject_id = h.instance_id and e.subject_version = h.version
        join audit.entries a on a.entity_id = h.instance_id and (a.after->>'version')::int = h.version
       where h.instance_id = ${id} and h.version > 2 order by h.version`),
  );
  expect(rows.map(({ kind, type, action, comment: said }) => [kind, type, action, said])).toEqual([
    ["COMMENT", "workflow.commented", "workflow.comment", "Ring first"],
    ["SUSPENSION", "workflow.suspended", "workflow.suspend", "Audit"],
    ["COMMENT", "workflow.commented", "workflow.comment", "Why?"],
    ["RESUMPTION", "workflow.resumed", "workflow.resume", null],
  ]);
  await operations.fire(id, "approve");
  expect(await brokenInvariants(database)).toEqual([]);
});

test("the task of a suspended instance cannot be claimed, and the refusal says why", async () => {
  const { operations, submit } = await aTenant();
  const { id } = await submit();
  const { id: taskId } = await taskOf(operations, id);
  const claim = () => operations.write((tx) => claimTask(tx, operations.meta, { id: taskId, actor: operations.actor }));
  await suspend(operations, id);
  await expect(claim()).rejects.toThrow(TransitionRejected);
  await expect(claim()).rejects.toThrow("Audit");
  await expect(operations.fire(id, "approve")).rejects.toThrow("Audit");
  await resume(operations, id);
  expect(await claim()).toMatchObject({ status: "CLAIMED" });
});

test("if a firing and a suspension collide, one wins, whichever writes first", async () => {
  const { operations, submit } = await aTenant();
  const losers = [
    (id: string, first: () => Promise<InstanceHead>) =>
      operations.write((tx) =>
        fireInstance(beforeWrites(tx, once(first)), operations.meta, { id, transition: "approve", actor: operations.actor }),
      ),
    (id: string, first: () => Promise<InstanceHead>) =>
      operations.write((tx) =>
        suspendInstance(beforeWrites(tx, once(first)), operations.meta, { id, text: "Audit", actor: operations.actor }),
      ),
  ] as const;
  const [fired, held] = [await submit(), await submit()];
  await expect(losers[0](held.id, () => suspend(operations, held.id))).rejects.toThrow(Conflict);
  await expect(losers[1](fired.id, () => operations.fire(fired.id, "approve"))).rejects.toThrow(Conflict);
  expect(await brokenInvariants(database)).toEqual([]);
});

test("ten comments at once give ten entries", async () => {
  const { owner, submit } = await aTenant();
  const { id } = await submit();
  const versions = (await Promise.all(Array.from({ length: 10 }, () => comment(owner, id)))).map(({ version }) => version);
  expect(versions.sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, index) => index + 3));
});

test("a user who cannot see the instance cannot find it", async () => {
  const { submit, person } = await aTenant();
  const { id } = await submit();
  const stranger = await person("requester", "OWN");
  for (const attempt of [comment, suspend, resume]) await expect(attempt(stranger, id)).rejects.toThrow(NotFound);
});

function once(first: () => Promise<unknown>): () => Promise<void> {
  let waiting: (() => Promise<unknown>) | undefined = first;
  return async () => {
    const run = waiting;
    waiting = undefined;
    await run?.();
  };
}

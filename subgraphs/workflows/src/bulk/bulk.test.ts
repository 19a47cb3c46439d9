import { encodeId, newId, parseAnyId } from "@weft/shared/ids";
import { sharedWeft, until, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { beforeAll, beforeEach, expect, test } from "vitest";

const loan = `weft: 1
key: loan
name: Loan
data: { type: object, required: [amount], properties: { amount: { type: number, minimum: 0 }, verdict: { type: string } } }
initial: review
states:
  review:
    task: { title: Review, candidates: { roles: [operations] } }
    transitions:
      approve: { to: done, allow: { roles: [workflow_manager, operations] }, when: "data.amount <= 100" }
      reject: { to: rejected, allow: { roles: [workflow_manager] }, comment: required, input: { required: [verdict], properties: { verdict: { type: string } } } }
      hold: { to: waiting, allow: { notSameAs: [owner] } }
  waiting: { transitions: { back: { to: review } } }
  done: { final: completed }
  rejected: { final: rejected }
`;

interface Operation {
  readonly id: string;
  readonly status: string;
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly message: string | null;
  readonly version: number;
}

const fields = "id kind status transition comment total done failed message version";
const fireMany = `mutation ($input: BulkFireTransitionInput!) { bulkFireTransition(input: $input) { operation { ${fields} } } }`;
const preview = `query ($transition: String!, $filter: WorkflowInstanceFilter, $instanceIds: [ID!]) {
  previewBulkTransition(transition: $transition, filter: $filter, instanceIds: $instanceIds) {
    total examined open rejected requiresComment reasons { message count } sample { id state } } }`;
const readOperation = `query ($id: ID!) { bulkOperation(id: $id) { ${fields} createdBy { id } items(first: 100) { totalCount edges { node {
  position status code message version finishedAt instance { id state } } } } failures: items(first: 100, status: FAILED) { totalCount edges { node { position } } } } }`;
const start = `mutation ($data: JSON) { startWorkflow(input: { definitionKey: "loan", data: $data }) { instance { id version } } }`;

const cancel = `mutation ($input: KeyedVersionedIdInput!) { cancelBulkOperation(input: $input) { operation { ${fields} } } }`;

let weft: SharedWeft;
let acme: TestTenant;
let manager: TestUser;
beforeAll(async () => void (weft = await sharedWeft()));
beforeEach(async () => {
  acme = await weft.tenant();
  await acme.definition(loan);
  manager = await acme.user("workflow_manager");
});

async function started(amount: number, who: TestUser = acme.admin): Promise<string> {
  const { startWorkflow } = await who.run<{ startWorkflow: { instance: { id: string } } }>(start, { data: { amount } });
  return startWorkflow.instance.id;
}
async function asked(input: Record<string, unknown>, who: TestUser = manager): Promise<Operation> {
  return (await who.run<{ bulkFireTransition: { operation: Operation } }>(fireMany, { input })).bulkFireTransition.operation;
}
async function ended(id: string, who: TestUser = manager) {
  await weft.weft.worker.idle();
  const { bulkOperation } = await who.run<{
    bulkOperation: Operation & {
      items: {
        totalCount: number;
        edges: { node: { status: string; code: string | null; message: string | null; instance: { id: string; state: string } | null } }[];
      };
      failures: { totalCount: number; edges: unknown[] };
    };
  }>(readOperation, { id });
  return { ...bulkOperation, items: bulkOperation.items.edges.map(({ node }) => node) };
}

test("a preview counts, explains why some are rejected, and shows a sample; the operation matches it, with a result for each", async () => {
  const ids = [await started(50), await started(500), await started(60)];
  const filter = { definitionKey: { eq: "loan" }, state: { eq: "review" } };
  const { previewBulkTransition: seen } = await manager.run<{ previewBulkTransition: { total: number } }>(preview, {
    transition: "approve",
    filter,
  });
  expect(seen).toEqual({
    total: 3,
    examined: 3,
    open: 2,
    rejected: 1,
    requiresComment: false,
    reasons: [{ message: expect.stringContaining("Amount is") as unknown, count: 1 }],
    sample: [
      { id: ids[0], state: "review" },
      { id: ids[2], state: "review" },
    ],
  });
  const operation = await asked({ transition: "approve", filter, expectedTotal: seen.total });
  expect(operation).toMatchObject({ kind: "TRANSITION", transition: "approve", total: 3 });
  const done = await ended(operation.id);
  expect(done).toMatchObject({
    status: "COMPLETED",
    total: 3,
    done: 2,
    failed: 1,
    failures: { totalCount: 1 },
    createdBy: { id: manager.id },
  });
  expect(done.items).toMatchObject([
    { position: 1, status: "DONE", code: null, version: 2, instance: { id: ids[0], state: "done" } },
    {
      position: 2,
      status: "FAILED",
      code: "TRANSITION_REJECTED",
      message: expect.stringContaining("Amount is") as unknown,
      instance: { state: "review" },
    },
    { position: 3, status: "DONE", instance: { state: "done" } },
  ]);
  // One entry for the entire operation, whose ID is in the entries of its changes.
  const { auditEntries } = await acme.admin.run<{
    auditEntries: { edges: { node: { action: string; requestId: string; actor: { id: string } } }[] };
  }>("{ auditEntries(first: 100) { edges { node { action requestId actor { id } } } } }");
  const nodes = auditEntries.edges.map(({ node }) => node);
  expect(nodes.filter(({ action }) => action === "workflow.bulkFire")).toHaveLength(1);
  expect(nodes.filter(({ requestId }) => requestId === operation.id)).toEqual(
    [1, 2].map(() => ({ action: "workflow.fire", requestId: operation.id, actor: { id: manager.id } })),
  );
});

/** While `run` runs, requests that change the instance wait. */
async function whileHeld<T>(instanceId: string, run: () => Promise<T>): Promise<T> {
  const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
  try {
    return (await owner.begin(async (sql) => {
      await sql`select from workflows.instances where id = ${parseAnyId(instanceId)?.uuid ?? ""} for no key update`;
      return run();
    })) as T;
  } finally {
    await owner.end();
  }
}
const isWaited = (statement = "applyWrite"): Promise<unknown> =>
  until(
    async () => {
      const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
      const rows = await owner`select from pg_stat_activity where wait_event_type = 'Lock' and query like ${`%${statement}%`}`.finally(() =>
        owner.end(),
      );
      return rows.length > 0;
    },
    { what: `${statement} waits` },
  );

test("comment and input apply to each instance", async () => {
  const ids = [await started(1), await started(2)];
  const { id } = await asked({ transition: "reject", instanceIds: ids, comment: "No more loans", input: { verdict: "no" } });
  expect(await ended(id)).toMatchObject({ done: 2, failed: 0, comment: "No more loans" });
  const { workflowInstance } = await manager.run<{ workflowInstance: object }>(
    "query ($id: ID!) { workflowInstance(id: $id) { data history { comment input } } }",
    { id: ids[0] },
  );
  expect(workflowInstance).toMatchObject({
    data: { verdict: "no" },
    history: [{}, { comment: "No more loans", input: { verdict: "no" } }],
  });
});

test(
  "instances that another user has changed since the request are left alone and reported; a user who loses the permission gets no further",
  { tags: "slow" },
  async () => {
    const [first, moved, later] = [await started(1), await started(2), await started(3)];
    const input = { transition: "hold", instanceIds: [first, moved, later] };
    const { id } = await whileHeld(first, async () => {
      const operation = await asked(input);
      await isWaited();
      await acme.admin.run(
        'mutation ($id: ID!) { commentOnWorkflow(input: { instanceId: $id, audience: PUBLIC, comment: "Wait" }) { instance { version } } }',
        { id: moved },
      );
      return operation;
    });
    expect((await ended(id)).items).toMatchObject([
      { status: "DONE", instance: { state: "waiting" } },
      { status: "FAILED", code: "CONFLICT", instance: { state: "review" } },
      { status: "DONE" },
    ]);

    const own = [await started(4), await started(5)];
    const leaver = await acme.user("workflow_manager");
    const other = await whileHeld(own[0] ?? "", async () => {
      const operation = await asked({ transition: "hold", instanceIds: own }, leaver);
      await isWaited();
      await acme.admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }", { id: leaver.id });
      const began = performance.now();
      await until(() => performance.now() - began > 600, { what: "the rights that were read are half a second old" });
      return operation;
    });
    const stopped = await ended(other.id);
    expect(stopped).toMatchObject({
      status: "FAILED",
      message: "The user who started the operation is no longer active.",
      done: 1,
      failed: 0,
    });
    expect(stopped.items.map(({ status }) => status)).toEqual(["DONE", "CANCELLED"]);
  },
);

test("four-eyes rules apply to each of them", async () => {
  const own = await started(1, manager);
  const other = await started(2);
  const { id } = await asked({ transition: "hold", instanceIds: [own, other] });
  expect((await ended(id)).items).toMatchObject([
    { status: "FAILED", code: "TRANSITION_REJECTED", message: expect.stringContaining("owner") as unknown },
    { status: "DONE" },
  ]);
});

test("unknown IDs, empty results, a different total, both selections and neither are refused; nothing starts", async () => {
  const id = await started(1);
  const foreign = encodeId("instance", newId());
  const refusals = [
    [{ instanceIds: [id, foreign] }, "BAD_USER_INPUT", "input.instanceIds.1"],
    [{ instanceIds: ["nonsense"] }, "BAD_USER_INPUT", "input.instanceIds.0"],
    [{ filter: { state: { eq: "nowhere" } } }, "BAD_USER_INPUT", "input.filter"],
    [{ filter: {}, instanceIds: [id] }, "BAD_USER_INPUT", "input.filter"],
    [{}, "BAD_USER_INPUT", "input.filter"],
    [{ instanceIds: [id], expectedTotal: 2 }, "CONFLICT", undefined],
    [{ instanceIds: [id], comment: "x".repeat(10_001) }, "BAD_USER_INPUT", "input.comment"],
  ] as const;
  for (const [more, code, path] of refusals) {
    const { extensions } = await manager.refused(fireMany, { input: { transition: "approve", ...more } });
    expect([more, extensions?.code, (extensions?.["problems"] as { path: string }[] | undefined)?.[0]?.path]).toEqual([more, code, path]);
  }
  expect(await manager.refusal(preview, { transition: "approve", instanceIds: [foreign] })).toBe("BAD_USER_INPUT");
  expect(await manager.run("{ bulkOperations { totalCount } }")).toEqual({ bulkOperations: { totalCount: 0 } });
  expect(await (await acme.user("requester")).refusal(fireMany, { input: { transition: "approve", instanceIds: [id] } })).toBe("FORBIDDEN");
});

test("another tenant, and users who see only their own instances, see nothing of an operation", async () => {
  const { id } = await asked({ transition: "approve", instanceIds: [await started(1)] });
  await ended(id);
  const globex = await weft.tenant();
  const vendor = (await acme.vendor()).user;
  expect(await vendor.refusal("{ bulkOperations { totalCount } }")).toBe("FORBIDDEN");
  for (const who of [globex.admin, await acme.user("requester")]) {
    expect(await who.refusal("query ($id: ID!) { bulkOperation(id: $id) { id } }", { id })).toBe("NOT_FOUND");
    expect(await who.run("{ bulkOperations { edges { node { id } } } }")).toEqual({ bulkOperations: { edges: [] } });
  }
  expect(await globex.admin.refusal(cancel, { input: { id } })).toBe("NOT_FOUND");
});

test("progress is published live, and an operation can be stopped: completed items remain done", { tags: "slow" }, async () => {
  const feed = await manager.subscribe<{ operation: Operation }>(
    "bulkOperationChanged",
    `subscription { bulkOperationChanged { cursor operation { ${fields} } } }`,
  );
  for (let n = 0; n < 4; n++) await started(n);
  const filter = { state: { eq: "review" } };
  const { id } = await asked({ transition: "approve", filter });
  await feed.until((payloads) => payloads.some(({ operation }) => operation.id === id && operation.status === "COMPLETED"));
  await feed.stop();
  // It is too late to undo, so the instance is not changed.
  expect(await manager.run(cancel, { input: { id } })).toMatchObject({
    cancelBulkOperation: { operation: { status: "COMPLETED", done: 4 } },
  });
});

test("sixty instances of one tenant do not delay another tenant, and all are done", { tags: "slow" }, async () => {
  const many = await Promise.all(Array.from({ length: 60 }, (_, n) => started(n % 2 === 0 ? 1 : 1000)));
  const globex = await weft.tenant();
  await globex.definition(loan);
  const other = await globex.user("workflow_manager");
  const { id } = await asked({ transition: "approve", instanceIds: many });
  const { startWorkflow } = await globex.admin.run<{ startWorkflow: { instance: { id: string } } }>(start, { data: { amount: 1 } });
  const small = await asked({ transition: "approve", instanceIds: [startWorkflow.instance.id] }, other);
  await until(
    async () => (await other.run<{ bulkOperation: Operation }>(readOperation, { id: small.id })).bulkOperation.status === "COMPLETED",
    {
      what: "the small one is done",
    },
  );
  expect(await ended(id)).toMatchObject({ status: "COMPLETED", done: 30, failed: 30, failures: { totalCount: 30 } });
});

test("the initiator is notified of its end once, however it ended, with the results; live as well", { tags: "slow" }, async () => {
  const told = "{ notifications { edges { node { id kind title params subject { __typename id } } } } }";
  const feed = await manager.subscribe<{ notification: { id: string; kind: string } }>(
    "notificationReceived",
    "subscription { notificationReceived { cursor notification { id kind } } }",
  );
  const toldTo = async (who: TestUser) =>
    (
      await who.run<{ notifications: { edges: { node: { id: string; kind: string; subject: { id: string } | null } }[] } }>(told)
    ).notifications.edges
      .map(({ node }) => node)
      .filter(({ kind }) => kind === "BULK_OPERATION_ENDED");

  const completed = await asked({ transition: "approve", instanceIds: [await started(50), await started(500)] });
  await ended(completed.id);
  const [first, second, third] = [await started(1), await started(2), await started(3)];
  // A tenant's operations take turns: while one waits, the other has not begun.
  const stopped = await whileHeld(first, async () => {
    await asked({ transition: "hold", instanceIds: [first] });
    await isWaited();
    const operation = await asked({ transition: "approve", instanceIds: [second, third] });
    await acme.admin.run(cancel, { input: { id: operation.id } });
    return operation;
  });
  await ended(stopped.id);
  const live = await feed.until(
    (payloads) => payloads.filter(({ notification }) => notification.kind === "BULK_OPERATION_ENDED").length === 3,
  );
  expect(live.map(({ notification }) => notification.id).toSorted()).toEqual((await toldTo(manager)).map(({ id }) => id).toSorted());
  await feed.stop();

  const failed = await whileHeld(second, async () => {
    const operation = await asked({ transition: "approve", instanceIds: [second, third] });
    await isWaited();
    const denials = [{ permission: "workflow.bulk", scope: "TENANT" }];
    await acme.admin.run("mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }", {
      input: { userId: manager.id, grants: [], denials, reason: "A test" },
    });
    const began = performance.now();
    await until(() => performance.now() - began > 600, { what: "the rights that were read are half a second old" });
    return operation;
  });
  await ended(failed.id);

  const all = await toldTo(manager);
  const common = { operationKind: "TRANSITION", transition: "approve", total: "2", failed: "0" };
  const expected = [
    [completed, "approve at 2 instances: 1 done, 1 refused", { status: "COMPLETED", done: "1", refused: "1", left: "0" }],
    [stopped, "Stopped: approve at 2 instances: 0 done, 2 unchanged", { status: "CANCELLED", done: "0", refused: "0", left: "2" }],
    [failed, "Ended early: approve at 2 instances: 1 done, 1 unchanged", { status: "FAILED", done: "1", refused: "0", left: "1" }],
  ] as const;
  for (const [{ id }, title, params] of expected)
    expect(all.filter(({ subject }) => subject?.id === id)).toMatchObject([
      { title, params: { ...common, ...params }, subject: { __typename: "BulkOperation" } },
    ]);
  expect(all).toHaveLength(expected.length + 1);
  expect(await toldTo(acme.admin)).toEqual([]);
});

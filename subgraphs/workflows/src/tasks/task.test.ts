import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

const loan = `weft: 1
key: loan
name: Loan
data: { type: object, properties: { amount: { type: number } } }
initial: review
states:
  review:
    task: { title: "Review {{ data.amount }}", candidates: { roles: [operations] } }
    transitions:
      approve: { to: done, allow: { roles: [operations, workflow_manager] } }
  done: { final: completed }
`;

const start = `mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id tasks { id } } } }`;
const claim = `mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id status assignee { id } claimedAt } } }`;
const release = `mutation ($id: ID!, $expectedVersion: Int) { releaseTask(input: { id: $id, expectedVersion: $expectedVersion }) { task { status version assignee { id } claimedAt } } }`;
const complete = `mutation ($id: ID!, $transition: String!) { completeTask(input: { id: $id, transition: $transition }) { task { status completedBy { id } transition } instance { state } } }`;
const read = `query ($id: ID!) { task(id: $id) { title status instance { id state } } }`;
const list = `query ($queue: TaskQueue, $filter: TaskFilter) { tasks(queue: $queue, filter: $filter) { totalCount edges { node { id title instance { state } } } } }`;

let weft: SharedWeft;
beforeAll(async () => void (weft = await sharedWeft()));

async function aTenant(): Promise<{
  tenant: TestTenant;
  manager: TestUser;
  operations: TestUser;
  aTask: () => Promise<{ instanceId: string; id: string }>;
}> {
  const tenant = await weft.tenant();
  await tenant.definition(loan);
  const manager = await tenant.user("workflow_manager");
  return {
    tenant,
    manager,
    operations: await tenant.user("operations"),
    aTask: async () => {
      const { startWorkflow } = await manager.run<{ startWorkflow: { instance: { id: string; tasks: { id: string }[] } } }>(start, {
        input: { definitionKey: "loan", data: { amount: 5 } },
      });
      return { instanceId: startWorkflow.instance.id, id: startWorkflow.instance.tasks[0]?.id ?? "" };
    },
  };
}

const total = async (who: TestUser, variables: object) =>
  (await who.run<{ tasks: { totalCount: number } }>(list, { ...variables })).tasks.totalCount;

test("a task is claimed and completed by a transition", async () => {
  const { operations, aTask } = await aTenant();
  const { id } = await aTask();
  expect(await operations.run(read, { id })).toMatchObject({ task: { title: "Review 5", status: "OPEN", instance: { state: "review" } } });
  expect(await operations.run(claim, { id })).toMatchObject({
    claimTask: { task: { status: "CLAIMED", assignee: { id: operations.id } } },
  });
  expect(await operations.run(claim, { id })).toMatchObject({ claimTask: { task: { status: "CLAIMED" } } });
  expect(await operations.run(complete, { id, transition: "approve" })).toEqual({
    completeTask: { task: { status: "COMPLETED", completedBy: { id: operations.id }, transition: "approve" }, instance: { state: "done" } },
  });
  expect(await operations.refusal(complete, { id, transition: "approve" })).toBe("TRANSITION_REJECTED");
});

describe("a claimed task is released", () => {
  test("by its assignee: others can claim it, and the audit trail records each action with its actor", async () => {
    const { tenant, operations, aTask } = await aTenant();
    const other = await tenant.user("operations");
    const { id } = await aTask();
    await operations.run(claim, { id });
    expect(await operations.run(release, { id, expectedVersion: 2 })).toEqual({
      releaseTask: { task: { status: "OPEN", version: 3, assignee: null, claimedAt: null } },
    });
    expect(await operations.run(release, { id })).toMatchObject({ releaseTask: { task: { status: "OPEN", version: 3 } } });
    expect(await other.run(claim, { id })).toMatchObject({ claimTask: { task: { assignee: { id: other.id } } } });
    expect(
      await tenant.admin.run("query ($id: ID!) { task(id: $id) { auditTrail(first: 9) { edges { node { action actor { id } } } } } }", {
        id,
      }),
    ).toMatchObject({
      task: {
        auditTrail: {
          edges: expect.arrayContaining([{ node: { action: "task.release", actor: { id: operations.id } } }]) as unknown[],
        },
      },
    });
  });

  test("by a workflow manager but not by a colleague; not after it is over, and not at another version", async () => {
    const { tenant, manager, operations, aTask } = await aTenant();
    const other = await tenant.user("operations");
    const { id } = await aTask();
    await operations.run(claim, { id });
    expect((await other.refused(release, { id })).extensions).toMatchObject({
      code: "TRANSITION_REJECTED",
      reasons: [{ code: "claimed" }],
    });
    expect((await operations.refused(release, { id, expectedVersion: 1 })).extensions).toMatchObject({
      code: "CONFLICT",
      currentVersion: 2,
    });
    expect(await manager.run(release, { id })).toMatchObject({ releaseTask: { task: { status: "OPEN", assignee: null } } });
    expect(await total(operations, { queue: "MINE" })).toBe(0);
    await operations.run(complete, { id, transition: "approve" });
    expect((await manager.refused(release, { id })).extensions).toMatchObject({ code: "TRANSITION_REJECTED", reasons: [{ code: "task" }] });
    expect(await (await tenant.user("requester")).refusal(release, { id })).toBe("FORBIDDEN");
  });

  test("or completed, if both arrive at the same time: only one of the two happens", async () => {
    const { manager, operations, aTask } = await aTenant();
    const { id } = await aTask();
    await operations.run(claim, { id });
    const [done, released] = await Promise.all([operations.send(complete, { id, transition: "approve" }), manager.send(release, { id })]);
    expect(done.errors).toBeUndefined();
    expect(["CONFLICT", "TRANSITION_REJECTED", undefined]).toContain(released.errors?.[0]?.extensions?.["code"]);
    expect(await operations.run(read, { id })).toMatchObject({ task: { status: "COMPLETED" } });
  });
});

test("one of two users who claim at the same time gets the task", { tags: "slow" }, async () => {
  const { tenant, operations, aTask } = await aTenant();
  const other = await tenant.user("operations");
  const { id } = await aTask();
  const answers = await Promise.all([operations.send(claim, { id }), other.send(claim, { id })]);
  expect(answers.filter((answer) => answer.errors === undefined)).toHaveLength(1);
  const loser = answers[0]?.errors === undefined ? other : operations;
  const error = await loser.refused(complete, { id, transition: "approve" });
  expect(error.extensions).toMatchObject({ code: "TRANSITION_REJECTED", reasons: [{ code: "claimed" }] });
});

test("lists show tasks that wait for me and tasks that I have claimed; users without the permission see none", async () => {
  const { tenant, manager, operations, aTask } = await aTenant();
  const { id } = await aTask();
  await aTask();
  expect(await total(operations, { queue: "OFFERED_TO_ME", filter: { status: { in: ["OPEN"] } } })).toBe(2);
  expect(await total(manager, { queue: "OFFERED_TO_ME" })).toBe(0);
  expect(await total(manager, { filter: { status: { in: ["OPEN", "CLAIMED"] } } })).toBe(2);
  await operations.run(claim, { id });
  expect(await total(operations, { queue: "MINE" })).toBe(1);
  const requester = await tenant.user("requester");
  expect(await total(requester, {})).toBe(0);
  expect(await manager.refusal(claim, { id })).toBe("TRANSITION_REJECTED");
});

test("a finished offer is listed only if the query asks for a status", async () => {
  const { operations, aTask } = await aTenant();
  const [{ id }] = [await aTask(), await aTask()];
  await operations.run(claim, { id });
  await operations.run(complete, { id, transition: "approve" });
  const offered = (filter?: object) => total(operations, { queue: "OFFERED_TO_ME", filter });
  expect(await offered()).toBe(1);
  expect(await offered({ status: null })).toBe(1);
  expect(await offered({ title: { eq: "Review 5" } })).toBe(1);
  expect(await offered({ status: { eq: "COMPLETED" } })).toBe(1);
  expect(await offered({ or: [{ status: { in: ["COMPLETED", "OPEN"] } }, { title: { eq: "no such title" } }] })).toBe(2);
});

describe("another tenant", () => {
  test("cannot find our tasks", async () => {
    const [ours, theirs] = [await aTenant(), await aTenant()];
    const { id, instanceId } = await ours.aTask();
    for (const refusal of [
      theirs.operations.refusal(read, { id }),
      theirs.operations.refusal(claim, { id }),
      theirs.manager.refusal(release, { id }),
      theirs.operations.refusal(complete, { id, transition: "approve" }),
    ]) {
      expect(await refusal).toBe("NOT_FOUND");
    }
    expect(await total(theirs.operations, { filter: { instanceId: { eq: instanceId } } })).toBe(0);
  });
});

import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

const loan = `weft: 1
key: loan
name: Loan
initial: review
states:
  review:
    task: { title: Review, candidates: { roles: [operations] } }
    transitions: { approve: { to: done, allow: { roles: [operations] } } }
  done: { final: completed }
`;

const start = `mutation { startWorkflow(input: { definitionKey: "loan" }) { instance { id } } }`;
const instance =
  "instance { id state status version history { kind comment actor { id } } tasks { status isSuspended } availableTransitions { name } }";
const comment = `mutation ($input: CommentOnWorkflowInput!) { commentOnWorkflow(input: $input) { ${instance} } }`;
const suspend = `mutation ($input: SuspendWorkflowInput!) { suspendWorkflow(input: $input) { ${instance} } }`;
const resume = `mutation ($input: ResumeWorkflowInput!) { resumeWorkflow(input: $input) { ${instance} } }`;
const rollback = `mutation ($input: RollbackWorkflowInput!) { rollbackWorkflow(input: $input) { ${instance} } }`;
const fire = `mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "approve" }) { instance { status } } }`;
const claim = `mutation ($id: ID!) { claimTask(input: { id: $id }) { task { status } } }`;
const queue = `{ tasks(queue: OFFERED_TO_ME) { edges { node { id isSuspended } } } }`;
const transitions = `subscription { workflowTransitioned { from to transition status instance { id } } }`;

let weft: SharedWeft;
beforeAll(async () => void (weft = await sharedWeft()));

async function aTenant(): Promise<{ tenant: TestTenant; manager: TestUser; operations: TestUser; id: string }> {
  const tenant = await weft.tenant();
  await tenant.definition(loan);
  const [manager, operations] = [await tenant.user("workflow_manager"), await tenant.user("operations")];
  const { startWorkflow } = await tenant.admin.run<{ startWorkflow: { instance: { id: string } } }>(start);
  return { tenant, manager, operations, id: startWorkflow.instance.id };
}

const reasonOf = (error: { extensions?: unknown }) => (error.extensions as { reasons: { message: string }[] }).reasons[0]?.message ?? "";

test("a comment is part of the history, for everyone who sees the instance", async () => {
  const { operations, manager, id } = await aTenant();
  const input = { instanceId: id, audience: "PUBLIC", comment: "The roof first" };
  expect(await operations.run(comment, { input })).toMatchObject({
    commentOnWorkflow: {
      instance: {
        state: "review",
        version: 2,
        history: [{}, { kind: "COMMENT", comment: "The roof first", actor: { id: operations.id } }],
      },
    },
  });
  const audited = `query ($filter: AuditEntryFilter) { auditEntries(filter: $filter) { edges { node { action } } } }`;
  expect(await manager.run(audited, { filter: { action: { eq: "workflow.comment" } } })).toMatchObject({
    auditEntries: { edges: [{ node: { action: "workflow.comment" } }] },
  });
  expect(await operations.refusal(comment, { input: { ...input, comment: " " } })).toBe("BAD_USER_INPUT");
  expect(await operations.refusal(comment, { input: { ...input, expectedVersion: 1 } })).toBe("CONFLICT");
});

test("a comment names its audience, so that nobody publishes one by mistake", async () => {
  const { operations, id } = await aTenant();
  expect(await operations.refusal(comment, { input: { instanceId: id, comment: "Too expensive" } })).toBe("BAD_USER_INPUT");
});

test("an instance that has ended can be commented on internally, and does not change", async () => {
  const { operations, id } = await aTenant();
  await operations.run(fire, { id });
  const say = (audience: string) => ({ input: { instanceId: id, audience, comment: "Paid today" } });
  const { commentOnWorkflow } = await operations.run<{ commentOnWorkflow: { instance: { history: object[] } } }>(comment, say("INTERNAL"));
  expect(commentOnWorkflow.instance).toMatchObject({ state: "done", status: "COMPLETED", version: 2 });
  expect(commentOnWorkflow.instance.history.at(-1)).toMatchObject({ kind: "COMMENT", comment: "Paid today", actor: { id: operations.id } });
  expect(await operations.refusal(comment, say("PUBLIC"))).toBe("TRANSITION_REJECTED");
});

test("a reader cannot comment, and a requester comments only on their own instances", async () => {
  const { tenant, id } = await aTenant();
  const input = { instanceId: id, audience: "PUBLIC", comment: "Me too" };
  expect(await (await tenant.user("viewer")).refusal(comment, { input })).toBe("FORBIDDEN");
  expect(await (await tenant.user("requester")).refusal(comment, { input })).toBe("NOT_FOUND");
});

test(
  "a suspended instance refuses with the reason until it is resumed, and shows this to users with its task",
  { tags: "slow" },
  async () => {
    const { manager, operations, id } = await aTenant();
    const feed = await operations.subscribe<{ status: string }>("workflowTransitioned", transitions);
    expect(await manager.run(suspend, { input: { instanceId: id, reason: "Audit of the roof" } })).toMatchObject({
      suspendWorkflow: {
        instance: { status: "SUSPENDED", version: 2, tasks: [{ status: "OPEN", isSuspended: true }], availableTransitions: [] },
      },
    });
    const { tasks } = await operations.run<{ tasks: { edges: { node: { id: string } }[] } }>(queue);
    expect(tasks.edges).toMatchObject([{ node: { isSuspended: true } }]);
    const refused = await operations.refused(fire, { id });
    expect(refused.extensions?.code).toBe("TRANSITION_REJECTED");
    expect(reasonOf(refused)).toContain("Audit of the roof");
    expect(reasonOf(await operations.refused(claim, { id: tasks.edges[0]?.node.id }))).toContain("Audit of the roof");
    expect(await manager.refusal(suspend, { input: { instanceId: id, reason: "Again" } })).toBe("TRANSITION_REJECTED");
    expect(await manager.run(resume, { input: { instanceId: id } })).toMatchObject({
      resumeWorkflow: {
        instance: { status: "RUNNING", version: 3, tasks: [{ isSuspended: false }], availableTransitions: [{ name: "approve" }] },
      },
    });
    expect(await manager.refusal(resume, { input: { instanceId: id } })).toBe("TRANSITION_REJECTED");
    await operations.run(fire, { id });
    expect((await feed.until((seen) => seen.length === 3)).map(({ status }) => status)).toEqual(["SUSPENDED", "RUNNING", "COMPLETED"]);
    await feed.stop();
  },
);

test("users who cannot end an instance cannot suspend it", async () => {
  const { operations, id } = await aTenant();
  expect(await operations.refusal(suspend, { input: { instanceId: id, reason: "No" } })).toBe("FORBIDDEN");
  expect(await operations.refusal(resume, { input: { instanceId: id } })).toBe("FORBIDDEN");
});

test("a rollback is part of the history with its reason, and cannot be used to bypass four-eyes rules", { tags: "slow" }, async () => {
  const tenant = await weft.tenant();
  await tenant.definition(`weft: 1
key: loan
name: Loan
initial: review
states:
  review: { transitions: { approve: { to: approved, allow: { roles: [operations], notSameAs: [owner] } } } }
  approved: { transitions: { object: { to: review }, pay: { to: done } } }
  done: { final: completed }
`);
  const [manager, operations] = [await tenant.user("workflow_manager"), await tenant.user("operations")];
  const { startWorkflow } = await manager.run<{ startWorkflow: { instance: { id: string } } }>(start);
  const instanceId = startWorkflow.instance.id;
  await operations.run(fire, { id: instanceId });
  const input = { instanceId, toVersion: 1, data: "CURRENT", reason: "The wrong pump" };
  expect(await operations.refusal(rollback, { input })).toBe("FORBIDDEN");
  expect(await manager.run(rollback, { input })).toMatchObject({
    rollbackWorkflow: {
      instance: {
        state: "review",
        version: 3,
        history: [{}, {}, { kind: "ROLLBACK", comment: "The wrong pump", actor: { id: manager.id } }],
      },
    },
  });
  expect(await manager.refusal(rollback, { input: { ...input, toVersion: 2 } })).toBe("TRANSITION_REJECTED");
  expect(await tenant.admin.run(rollback, { input: { ...input, toVersion: 2 } })).toMatchObject({
    rollbackWorkflow: { instance: { state: "approved", version: 4 } },
  });
  expect(await (await weft.tenant()).admin.refusal(rollback, { input })).toBe("NOT_FOUND");
});

test("whether tasks are suspended takes one statement for all of them", { tags: "slow" }, async () => {
  const { tenant, operations } = await aTenant();
  const count = () => weft.statementCount(() => operations.run(queue));
  const one = await count();
  for (let made = 0; made < 5; made++) await tenant.admin.run(start);
  expect(await count()).toBe(one);
});

describe("another tenant", () => {
  test("cannot find anything to comment on, suspend or resume", async () => {
    const [ours, theirs] = [await aTenant(), await aTenant()];
    const input = { instanceId: ours.id };
    expect(await theirs.manager.refusal(comment, { input: { ...input, audience: "PUBLIC", comment: "x" } })).toBe("NOT_FOUND");
    expect(await theirs.manager.refusal(suspend, { input: { ...input, reason: "x" } })).toBe("NOT_FOUND");
    expect(await theirs.manager.refusal(resume, { input })).toBe("NOT_FOUND");
  });
});

import { sharedWeft, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
beforeAll(async () => void (weft = await sharedWeft()));

const source = `weft: 1
key: order
name: Order
data: { properties: { amount: { type: number } } }
initial: draft
states:
  draft: { transitions: { submit: { to: review, input: { properties: { amount: { type: number } } } } } }
  review: { transitions: { approve: { to: approved, allow: { notSameAs: [owner] } } } }
  approved: { transitions: { prepare: { to: payout, auto: true } } }
  payout: { transitions: { again: { to: draft }, pay: { to: done } } }
  done: { final: completed }
`;
const fire = `mutation ($id: ID!, $transition: String!, $input: JSON) {
  fireTransition(input: { instanceId: $id, transition: $transition, input: $input }) { instance { state } } }`;
const back = `mutation ($id: ID!, $toVersion: Int!, $data: RollbackData!) {
  rollbackWorkflow(input: { instanceId: $id, toVersion: $toVersion, data: $data, reason: "Back" }) { instance { state } } }`;

test("an earlier approval does not let any user bypass the current approval through a rollback to a state behind it", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(source);
  const [owner, other] = [await tenant.user("workflow_manager"), await tenant.user("workflow_manager")];
  const { startWorkflow } = await owner.run<{ startWorkflow: { instance: { id: string } } }>(
    `mutation { startWorkflow(input: { definitionKey: "order" }) { instance { id } } }`,
  );
  const { id } = startWorkflow.instance;
  await owner.run(fire, { id, transition: "submit", input: { amount: 10 } });
  await other.run(fire, { id, transition: "approve" });
  await other.run(fire, { id, transition: "again" });
  await owner.run(fire, { id, transition: "submit", input: { amount: 1_000_000 } });
  expect(await owner.refusal(fire, { id, transition: "approve" })).toBe("TRANSITION_REJECTED");
  for (const data of ["CURRENT", "RESTORED"]) expect(await owner.refusal(back, { id, toVersion: 4, data })).toBe("TRANSITION_REJECTED");
  // A rollback to the state before anybody had decided, or by a different user, works as before.
  expect(await other.run(back, { id, toVersion: 4, data: "RESTORED" })).toMatchObject({
    rollbackWorkflow: { instance: { state: "payout" } },
  });
  expect(await owner.run(back, { id, toVersion: 1, data: "CURRENT" })).toMatchObject({
    rollbackWorkflow: { instance: { state: "draft" } },
  });
});

test("a user who could complete a task is counted as involved when they assign it, even if they take it from another user for that", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(`weft: 1
key: claim
name: Claim
initial: review
states:
  review:
    task: { title: Review, candidates: { roles: [operations] } }
    transitions: { approve: { to: done, allow: { candidate: true, notSameAs: [owner] } } }
  done: { final: completed }
`);
  const owner = await tenant.user("operations", { roles: ["operator"] });
  const [colleague, manager, friend] = [
    await tenant.user("operations"),
    await tenant.user("workflow_manager"),
    await tenant.user("approver"),
  ];
  const begun = async () => {
    const { startWorkflow } = await owner.run<{ startWorkflow: { instance: { tasks: { id: string }[] } } }>(
      `mutation { startWorkflow(input: { definitionKey: "claim" }) { instance { tasks { id } } } }`,
    );
    const id = startWorkflow.instance.tasks[0]?.id;
    await colleague.run(`mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }`, { id });
    return id;
  };
  const assign = `mutation ($id: ID!, $userId: ID) { assignTask(input: { id: $id, userId: $userId }) { task { id } } }`;
  const approve = `mutation ($id: ID!) { completeTask(input: { id: $id, transition: "approve" }) { task { status } } }`;
  const first = await begun();
  await owner.run(assign, { id: first, userId: friend.id });
  expect(await friend.refusal(approve, { id: first })).toBe("TRANSITION_REJECTED");
  const second = await begun();
  await manager.run(assign, { id: second, userId: friend.id });
  expect(await friend.run(approve, { id: second })).toMatchObject({ completeTask: { task: { status: "COMPLETED" } } });
});

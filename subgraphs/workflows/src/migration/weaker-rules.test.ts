import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, beforeEach, expect, test } from "vitest";

const loan = (approve: string, submit = "submit") => `weft: 1
key: loan
name: Loan
initial: draft
states:
  draft: { transitions: { ${submit}: { to: review } } }
  review: { transitions: { approve: { to: approved${approve} } } }
  approved: { transitions: { pay: { to: done } } }
  done: { final: completed }
`;
const strict = loan(", allow: { notSameAs: [owner, draft.submit] }");
const start = `mutation { startWorkflow(input: { definitionKey: "loan" }) { instance { id } } }`;
const fire = `mutation ($id: ID!, $transition: String!) { fireTransition(input: { instanceId: $id, transition: $transition }) { instance { state } } }`;
const plan = `query ($from: ID!, $to: ID!, $mapping: MigrationMappingInput) { planMigration(from: $from, to: $to, mapping: $mapping) { compatible incompatible problems { code } } }`;
const migrate = `mutation ($input: MigrateInstancesInput!) { migrateInstances(input: $input) { operation { id } } }`;
const undo = `mutation ($input: UndoMigrationInput!) { undoMigration(input: $input) { operation { id } } }`;
const read = `query ($id: ID!) { bulkOperation(id: $id) { items(first: 9) { edges { node { status message } } } } }`;

let weft: SharedWeft;
let tenant: TestTenant;
/** Owns the instance and submitted it. */
let owner: TestUser;
let other: TestUser;
let from: string;
let id: string;
beforeAll(async () => void (weft = await sharedWeft()));
beforeEach(async () => {
  tenant = await weft.tenant();
  from = await tenant.definition(strict);
  [owner, other] = [await tenant.user("workflow_manager"), await tenant.user("workflow_manager")];
  id = (await owner.run<{ startWorkflow: { instance: { id: string } } }>(start)).startWorkflow.instance.id;
  await owner.run(fire, { id, transition: "submit" });
});

async function migrated(by: TestUser, input: object): Promise<{ status: string; message: string | null; operationId: string }> {
  const { migrateInstances } = await by.run<{ migrateInstances: { operation: { id: string } } }>(migrate, { input });
  await weft.weft.worker.idle();
  const { bulkOperation } = await by.run<{
    bulkOperation: { items: { edges: { node: { status: string; message: string | null } }[] } };
  }>(read, { id: migrateInstances.operation.id });
  const [edge] = bulkOperation.items.edges;
  if (!edge) throw new Error("the operation has no item");
  return { ...edge.node, operationId: migrateInstances.operation.id };
}

test(
  "an owner cannot bypass four eyes by migrating, even with a reason; a user who took no part can accept it, on record",
  { tags: "slow" },
  async () => {
    const to = await tenant.definition(loan(""));
    expect(await owner.run(plan, { from, to })).toMatchObject({ planMigration: { incompatible: 1, problems: [{ code: "WEAKER_RULES" }] } });
    const acceptWeakerRules = "The board decides from now on";
    for (const more of [{}, { acceptWeakerRules }]) {
      const { status, message } = await migrated(owner, { from, to, ...more });
      expect({ status, message }).toEqual({
        status: "FAILED",
        message: expect.stringContaining("You took part in the instance") as unknown,
      });
    }
    expect(await migrated(other, { from, to })).toMatchObject({ status: "FAILED" });
    expect(await migrated(other, { from, to, acceptWeakerRules })).toMatchObject({ status: "DONE" });
    const look = `query ($id: ID!) { workflowInstance(id: $id) { history { kind input } } }`;
    const { workflowInstance } = await owner.run<{ workflowInstance: { history: { kind: string; input: object }[] } }>(look, { id });
    expect(workflowInstance.history.at(-1)).toMatchObject({ kind: "MIGRATION", input: { weakerRules: { reason: acceptWeakerRules } } });
    const audited = `query { auditEntries(filter: { action: { eq: "workflow.acceptWeakerRules" } }) { edges { node { actor { id } after } } } }`;
    expect(await tenant.admin.run(audited)).toMatchObject({
      auditEntries: { edges: [{ node: { actor: { id: other.id }, after: { reason: acceptWeakerRules } } }] },
    });
  },
);

test("an owner cannot migrate past a vote of several users before anyone has voted", async () => {
  const voted = (votes: number) => `weft: 1
key: board
name: Board
initial: vote
states:
  vote:
    task: { title: Vote, count: 3, candidates: { roles: [workflow_manager] } }
    decide: { approve: ${votes}, otherwise: refuse }
    transitions: { approve: { to: done }, refuse: { to: refused } }
  done: { final: completed }
  refused: { final: rejected }
`;
  const two = await tenant.definition(voted(2));
  await owner.run(start.replace("loan", "board"));
  const one = await tenant.definition(voted(1));
  const refused = expect.stringContaining('2 must vote for "approve" in "vote". Under the new version, one user is enough') as unknown;
  expect(await migrated(owner, { from: two, to: one, acceptWeakerRules: "Quicker" })).toMatchObject({ status: "FAILED", message: refused });
  expect(await migrated(other, { from: two, to: one, acceptWeakerRules: "The board has one member now" })).toMatchObject({
    status: "DONE",
  });
});

test("a user who suspended an instance took part in it, a user who only commented did not", { tags: "slow" }, async () => {
  const to = await tenant.definition(loan(""));
  const comment = `mutation ($id: ID!) { commentOnWorkflow(input: { instanceId: $id, audience: PUBLIC, comment: "Hm" }) { instance { id } } }`;
  const suspend = `mutation ($id: ID!) { suspendWorkflow(input: { instanceId: $id, reason: "Wait" }) { instance { id } } }`;
  await other.run(suspend, { id });
  const third = await tenant.user("workflow_manager");
  await third.run(comment, { id });
  const input = { from, to, acceptWeakerRules: "Agreed" };
  expect(await migrated(other, input)).toMatchObject({ status: "FAILED" });
  expect(await migrated(third, input)).toMatchObject({ status: "DONE" });
});

test("a renamed step is mapped, and excludes the users who completed it before", async () => {
  const to = await tenant.definition(loan(", allow: { notSameAs: [owner, draft.send] }", "send"));
  expect(await other.run(plan, { from, to })).toMatchObject({
    planMigration: { incompatible: 1, problems: expect.arrayContaining([{ code: "UNMAPPED_STEP" }]) as unknown },
  });
  const mapping = { steps: [{ from: "draft.submit", to: "draft.send" }] };
  expect(await owner.run(plan, { from, to, mapping })).toMatchObject({ planMigration: { compatible: 1 } });
  const { status, operationId } = await migrated(owner, { from, to, mapping });
  expect(status).toBe("DONE");
  expect(await owner.refusal(fire, { id, transition: "approve" })).toBe("TRANSITION_REJECTED");
  await owner.run(undo, { input: { operationId } });
  await weft.weft.worker.idle();
  expect(await owner.refusal(fire, { id, transition: "approve" })).toBe("TRANSITION_REJECTED");
  expect(await other.run(fire, { id, transition: "approve" })).toMatchObject({ fireTransition: { instance: { state: "approved" } } });
});

test("a reason without content is refused", async () => {
  const to = await tenant.definition(loan(""));
  expect(await other.refusal(migrate, { input: { from, to, acceptWeakerRules: " " } })).toBe("BAD_USER_INPUT");
});

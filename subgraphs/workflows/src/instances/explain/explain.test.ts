import { sharedWeft, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

const loan = `weft: 1
key: loan
name: Loan
data: { type: object, required: [amount], properties: { amount: { type: number } } }
initial: review
states:
  review:
    transitions:
      approve: { to: done, allow: { roles: [operations], permissions: [request.assign], notSameAs: [owner] }, when: "data.amount <= 100" }
  done: { final: completed }
`;

const start = `mutation ($data: JSON) { startWorkflow(input: { definitionKey: "loan", data: $data }) { instance { id } } }`;
const explain = `query ($id: ID!, $transition: String!) { explainTransition(instanceId: $id, transition: $transition) {
  name to allowed requiresComment ruleResults { rule at holds isAlternative message path } } }`;
const fire = `mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "approve" }) { instance { state } } }`;

let weft: SharedWeft;
beforeAll(async () => void (weft = await sharedWeft()));

async function started(who: TestUser, amount: number): Promise<string> {
  const { startWorkflow } = await who.run<{ startWorkflow: { instance: { id: string } } }>(start, { data: { amount } });
  return startWorkflow.instance.id;
}

test("each rule is returned with its result, together with what firing would answer", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(loan);
  const [operations, viewer] = [await tenant.user("operations"), await tenant.user("viewer")];
  const [small, big] = [await started(tenant.admin, 50), await started(tenant.admin, 500)];
  expect(await operations.run(explain, { id: big, transition: "approve" })).toMatchObject({
    explainTransition: {
      to: "done",
      allowed: false,
      ruleResults: [
        { rule: "permission", at: "fireTransition", holds: true },
        { rule: "role", at: "allow.roles", holds: true, isAlternative: true },
        { rule: "permission", at: "allow.permissions", holds: true, isAlternative: true },
        { rule: "notSameAs", holds: true, isAlternative: false },
        { rule: "claimed", at: "tasks", holds: true },
        { rule: "when", at: "when", holds: false, path: "data.amount" },
      ],
    },
  });
  const result = async (who: TestUser, id: string) =>
    (await who.run<{ explainTransition: { allowed: boolean } }>(explain, { id, transition: "approve" })).explainTransition.allowed;
  for (const who of [viewer, tenant.admin, operations])
    for (const id of [big, small]) expect(await result(who, id)).toBe((await who.send(fire, { id })).errors === undefined);
  expect(await operations.run(explain, { id: small, transition: "approve" })).toMatchObject({
    explainTransition: { allowed: false, to: null, ruleResults: [{}, { rule: "status", holds: false }] },
  });
});

test("a role that the user lacks is called by its name, in what is offered, in the explanation and in the rejection", async () => {
  const tenant = await weft.tenant();
  await tenant.role("chief", ["workflow.read"]);
  await tenant.definition(
    loan.replace("roles: [operations], permissions: [request.assign], notSameAs: [owner]", "roles: [chief, operations]"),
  );
  const manager = await tenant.user("workflow_manager");
  const id = await started(tenant.admin, 50);
  const text = "This requires one of the roles chief, Operations.";
  const offered = "query ($id: ID!) { workflowInstance(id: $id) { availableTransitions { reasons } } }";
  expect(await manager.run(offered, { id })).toEqual({ workflowInstance: { availableTransitions: [{ reasons: [text] }] } });
  const { explainTransition } = await manager.run<{ explainTransition: { ruleResults: { rule: string; message: string }[] } }>(explain, {
    id,
    transition: "approve",
  });
  expect(explainTransition.ruleResults.find(({ rule }) => rule === "role")?.message).toBe(text);
  expect((await manager.refused(fire, { id })).extensions).toMatchObject({
    code: "TRANSITION_REJECTED",
    reasons: [{ code: "role", message: text }],
  });
});

test("users who cannot see the instance learn nothing about it", async () => {
  const [ours, theirs] = [await weft.tenant(), await weft.tenant()];
  await ours.definition(loan);
  const id = await started(ours.admin, 50);
  for (const who of [theirs.admin, await ours.user("requester")])
    expect(await who.refusal(explain, { id, transition: "approve" })).toBe("NOT_FOUND");
});

import { decodeId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import { sharedWeft, type TestUser, type SharedWeft } from "@weft/testkit";
import { hierarchyDefinition, memberDefinition } from "@weft/testkit/tenants/hierarchy-definition";
import { beforeAll, expect, test } from "vitest";
import { workByRecipients } from "./notices/work-by-recipients.js";

let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
});

const definition = `
weft: 1
key: noticed
name: Noticed
data: { type: object, properties: { what: { type: string } } }
initial: open
states:
  open:
    transitions:
      check:
        to: checking
        actions:
          - notify: { to: { owner: true, roles: [approver] }, title: "Checked: {{ data.what }}" }
  checking:
    onEntry:
      - notify: { to: { candidates: true }, title: "Waits: {{ data.what }}" }
    task: { title: Check, candidates: { roles: [operations] } }
    transitions: { close: { to: closed } }
  closed: { final: completed }
`;

async function noticesOf(user: TestUser): Promise<object[]> {
  await weft.weft.worker.idle();
  const { notifications } = await user.run<{ notifications: { edges: { node: object }[] } }>(
    `{ notifications(filter: { kind: { eq: WORKFLOW_NOTICE } }) { edges { node { title params subject { __typename id } } } } }`,
  );
  return notifications.edges.map(({ node }) => node);
}

test("actions notify the owner, roles, and the candidates of the tasks that a transition opens, once each", { tags: "slow" }, async () => {
  const acme = await weft.tenant();
  const [olga, ada, other] = [await acme.user("operations"), await acme.user("approver"), await acme.user("requester")];
  await acme.definition(definition);
  const { startWorkflow } = await acme.admin.run<{ startWorkflow: { instance: { id: string } } }>(
    `mutation { startWorkflow(input: { definitionKey: "noticed", data: { what: "a\\nb" } }) { instance { id } } }`,
  );
  const { id } = startWorkflow.instance;
  expect(await noticesOf(acme.admin)).toEqual([]);
  await acme.admin.run(`mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "check" }) { instance { state } } }`, {
    id,
  });
  const subject = { __typename: "WorkflowInstance", id };
  const checked = { title: "Checked: a b", params: { definitionKey: "noticed", state: "checking" }, subject };
  expect(await noticesOf(acme.admin)).toEqual([checked]);
  expect(await noticesOf(ada)).toEqual([checked]);
  expect(await noticesOf(olga)).toEqual([{ ...checked, title: "Waits: a b" }]);
  expect(await noticesOf(other)).toEqual([]);
});

test("a notice about the task of a child says what its parent is about", async () => {
  const acme = await weft.tenant();
  const { buildingId } = await acme.maintenance();
  const olga = await acme.user("operations");
  await acme.definition(memberDefinition.replace("candidates: { owner: true }", "candidates: { roles: [operations] }"));
  await acme.definition(hierarchyDefinition);
  await acme.admin.run("mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id } } }", {
    input: { definitionKey: "family", data: { members: ["Plan"] }, subjectId: buildingId },
  });
  await weft.weft.worker.idle();
  const { notifications } = await olga.run<{ notifications: { edges: { node: { title: string } }[] } }>(
    "{ notifications { edges { node { title } } } }",
  );
  expect(notifications.edges.map(({ node }) => node.title)).toEqual([expect.stringMatching(/Do Plan · HQ, Headquarters$/)]);
});

test("what a child's parent is about is told to nobody of a vendor that was not given the parent", async () => {
  const acme = await weft.tenant();
  const { buildingId } = await acme.maintenance();
  const vendor = await acme.vendor();
  await acme.definition(memberDefinition);
  await acme.definition(hierarchyDefinition);
  const { startWorkflow } = await acme.admin.run<{ startWorkflow: { instance: { children: { edges: { node: { id: string } }[] } } } }>(
    "mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { children(first: 1) { edges { node { id } } } } } }",
    { input: { definitionKey: "family", data: { members: ["Plan"] }, subjectId: buildingId } },
  );
  const instanceId = decodeId("instance", startWorkflow.instance.children.edges[0]?.node.id ?? "");
  const [employee, outsider] = [acme.admin.id, vendor.user.id].map((id) => decodeId("user", id)) as [string, string];
  const told = await asTenant(weft.weft.services.databases.app, { tenantId: acme.id }, "read", (tx) =>
    workByRecipients(tx, { related: {}, instanceId }, [employee, outsider]),
  );
  expect(told).toEqual([
    { work: { code: "HQ", name: "Headquarters" }, userIds: [employee] },
    { work: null, userIds: [outsider] },
  ]);
});

test("a definition with a wrong notice is refused, with its path", async () => {
  const acme = await weft.tenant();
  const problems = async (from: string, to: string): Promise<object[]> => {
    const { validateDefinition } = await acme.admin.run<{ validateDefinition: { problems: object[] } }>(
      "query ($source: String!) { validateDefinition(source: $source) { problems { path message } } }",
      { source: definition.replace(from, to) },
    );
    return validateDefinition.problems;
  };
  const at = "states.open.transitions.check.actions[0].notify";
  expect(await problems("roles: [approver]", "roles: [nobody]")).toMatchObject([
    { path: expect.stringContaining(`${at}.to.roles`) as unknown },
  ]);
  expect(await problems("owner: true, roles: [approver]", "owner: false")).toMatchObject([{ path: `${at}.to` }]);
  expect(await problems('data.what }}" }\n  checking', 'data.which }}" }\n  checking')).toMatchObject([{ path: `${at}.title` }]);
  expect(await problems("to: { owner: true, roles: [approver] }, ", "")).toMatchObject([{ path: `${at}.to` }]);
});

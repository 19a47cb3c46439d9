import {
  aMaintenanceTenant,
  loadExampleDefinition,
  sharedWeft,
  type MaintenanceTenant,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;
beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
});

type Subject = { __typename: string; id: string; number?: string; name?: string; state: string } | null;

const subject = "subject { __typename id ... on Request { number state } ... on Project { name state } }";
const readInstance = `query ($id: ID!) { workflowInstance(id: $id) { id ${subject} } }`;
const inbox = `query { tasks(queue: OFFERED_TO_ME) { edges { node { id ${subject} isSuspended instance { id ${subject} } } } } }`;
const fire = `mutation ($id: ID!, $transition: String!) { fireTransition(input: { instanceId: $id, transition: $transition }) { ${subject} instance { id state ${subject} } } }`;
const createRole = "mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }";

type Inbox = { tasks: { edges: { node: { id: string; subject: Subject; instance: { id: string; subject: Subject } | null } }[] } };
const inboxOf = async (who: TestUser) => (await who.run<Inbox>(inbox)).tasks.edges.map(({ node }) => node);
/** Names of the statements that an inbox executes, without those of background work. */
const ofAnswer = async (who: TestUser) => {
  const names = ["selectTaskPage", "selectInstancesOfTasks", "selectInstances", "findRequests"];
  const statements = await weft.statements(() => inboxOf(who));
  return statements.flatMap((text) => names.filter((name) => text.includes(`/* ${name} */`))).sort();
};
const shown = (id: string, state: string) => ({ __typename: "Request", id, number: expect.stringMatching(/^MR-\d+$/) as string, state });

test("an inbox shows the request of each task in one query, with as many statements for ten as for one", { tags: "slow" }, async () => {
  const few = await aMaintenanceTenant(weft);
  const first = await few.request("triage");
  const [task] = await inboxOf(few.operations);
  expect(task).toMatchObject({ subject: shown(first.id, "triage"), instance: { subject: shown(first.id, "triage") } });
  const statements = await ofAnswer(few.operations);
  expect(statements.length).toBeGreaterThan(0);
  for (let made = 0; made < 9; made++) await few.request("triage");
  expect(await inboxOf(few.operations)).toHaveLength(10);
  expect(await ofAnswer(few.operations)).toEqual(statements);
});

test("a workflow without a business object has a null subject, and a project is a business object", async () => {
  const { tenant, admin } = acme;
  await tenant.definition(
    "weft: 1\nkey: errand\nname: Errand\ninitial: open\nstates:\n  open: { transitions: { finish: { to: done } } }\n  done: { final: completed }\n",
  );
  const { startWorkflow } = await admin.run<{ startWorkflow: { subject: Subject; instance: { id: string; subject: Subject } } }>(
    `mutation { startWorkflow(input: { definitionKey: "errand" }) { ${subject} instance { id ${subject} } } }`,
  );
  expect([startWorkflow.subject, startWorkflow.instance.subject]).toEqual([null, null]);
  await tenant.definition(await loadExampleDefinition("project"));
  const { createProject } = await admin.run<{ createProject: { project: { id: string; workflow: { id: string; subject: Subject } } } }>(
    `mutation { createProject(input: { code: "B1", name: "Roof" }) { project { id workflow { id ${subject} } } } }`,
  );
  const { id, workflow } = createProject.project;
  expect(workflow.subject).toEqual({ __typename: "Project", id, name: "Roof", state: expect.any(String) as string });
});

test(
  "a child, such as a phase, has the project of its parent, also in inboxes; in one statement for all children",
  { tags: "slow" },
  async () => {
    const { tenant } = acme;
    const manager = await tenant.user("workflow_manager");
    for (const name of ["project-phase", "phased-project"]) await tenant.definition(await loadExampleDefinition(name));
    const { createProject } = await manager.run<{ createProject: { project: { id: string; workflow: { id: string } } } }>(
      `mutation { createProject(input: { code: "P1", name: "Lobby", definitionKey: "phased-project", phases: ["Floor", "Lights"] }) { project { id workflow { id } } } }`,
    );
    const { id, workflow } = createProject.project;
    await manager.run(fire, { id: workflow.id, transition: "start" });
    const parts = `query ($id: ID!, $first: Int!) { workflowInstance(id: $id) { children(first: $first) { edges { node { id ${subject} tasks { id ${subject} } } } } } }`;
    const ofProject = expect.objectContaining({ __typename: "Project", id, name: "Lobby" }) as Subject;
    const { workflowInstance } = await manager.run<{
      workflowInstance: { children: { edges: { node: { id: string; subject: Subject; tasks: { subject: Subject }[] } }[] } };
    }>(parts, { id: workflow.id, first: 10 });
    const children = workflowInstance.children.edges.map(({ node }) => node);
    expect(children.map((child) => child.subject)).toEqual([ofProject, ofProject]);
    expect(children.flatMap(({ tasks }) => tasks.map((task) => task.subject))).toEqual(children.map(() => ofProject));
    const count = async (first: number) => {
      const statements = await weft.statements(() => manager.run(parts, { id: workflow.id, first }));
      return statements.filter((text) => text.includes("/* selectSubjectsOfAncestors */")).length;
    };
    expect([await count(1), await count(2)]).toEqual([1, 1]);
  },
);

test("a list finds the workflows about a business object, only for viewers who can read objects of its type", async () => {
  const { id, instanceId } = await acme.request("triage");
  const list = "query ($filter: WorkflowInstanceFilter) { workflowInstances(filter: $filter) { edges { node { id } } } }";
  const ofRequest = { subjectId: { eq: id } };
  expect(await acme.admin.run(list, { filter: ofRequest })).toEqual({ workflowInstances: { edges: [{ node: { id: instanceId } }] } });
  const permissions = [{ permission: "workflow.read", scope: "TENANT" }];
  await acme.admin.run(createRole, { input: { key: "watcher", name: "Watcher", permissions } });
  const wanda = await acme.tenant.user("watcher");
  for (const filter of [ofRequest, { not: { subjectId: { in: [id] } } }, { subjectId: { ne: id } }])
    expect(await wanda.refusal(list, { filter })).toBe("FORBIDDEN");
  expect(await wanda.run(list, { filter: { subjectId: { isNull: true } } })).toMatchObject({ workflowInstances: {} });
});

test("transitions return the business object in its new state, so that a cache is correct at once", async () => {
  const request = await acme.request("triage");
  const { fireTransition } = await acme.operations.run<{
    fireTransition: { subject: Subject; instance: { state: string; subject: Subject } };
  }>(fire, { id: request.instanceId, transition: "escalate" });
  const after = shown(request.id, fireTransition.instance.state);
  expect(fireTransition.instance.state).not.toBe("triage");
  expect([fireTransition.subject, fireTransition.instance.subject]).toEqual([after, after]);
});

test("live transitions and task changes include the business object", async () => {
  const transitions = await acme.operations.subscribe<{ subject: Subject; to: string }>(
    "workflowTransitioned",
    `subscription { workflowTransitioned { cursor to ${subject} } }`,
  );
  const work = await acme.operations.subscribe<{ change: string; subject: Subject; task: { subject: Subject } }>(
    "taskChanged",
    `subscription { taskChanged { cursor change ${subject} task { id ${subject} } } }`,
  );
  const { id } = await acme.request("triage");
  const seen = await transitions.until((payloads) => payloads.some((one) => one.subject?.id === id && one.to === "triage"));
  expect(seen.find((one) => one.subject?.id === id)?.subject).toEqual(shown(id, "triage"));
  const changed = await work.until((payloads) => payloads.some((one) => one.subject?.id === id));
  expect(changed.find((one) => one.subject?.id === id)).toMatchObject({
    subject: shown(id, "triage"),
    task: { subject: shown(id, "triage") },
  });
  await transitions.stop();
  await work.stop();
});

test("the owner of the business object decides which users see it: null without an error, whatever is selected", async () => {
  const { tenant, admin } = acme;
  const request = await acme.request("triage");
  const role = (key: string, permissions: object[]) => admin.run(createRole, { input: { key, name: key, permissions } });
  const workflows = ["workflow.read", "task.read"].map((permission) => ({ permission, scope: "TENANT" }));
  await role("auditor_of_flows", [...workflows, { permission: "request.read", scope: "OWN" }]);
  await role("flows_only", workflows);
  const selections = [
    subject,
    "subject { id }",
    "subject { ... on Request { number } }",
    "subject { ... on Request { id building { name } } }",
  ];
  for (const who of [await tenant.user("auditor_of_flows"), await tenant.user("flows_only")]) {
    for (const selection of selections) {
      const query = `query ($id: ID!) { workflowInstance(id: $id) { tasks { ${selection} } ${selection} } }`;
      expect(await who.send(query, { id: request.instanceId })).toEqual({
        data: { workflowInstance: { subject: null, tasks: [{ subject: null }] } },
        errors: undefined,
        extensions: undefined,
      });
    }
  }
  expect(await acme.operations.run(readInstance, { id: request.instanceId })).toMatchObject({
    workflowInstance: { subject: shown(request.id, "triage") },
  });
});

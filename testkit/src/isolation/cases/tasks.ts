import { newAbsence } from "../../tenants/new-absence.js";
import type { TestUser } from "../../test-user.js";
import type { Cases } from "./case.js";
import type { HasId } from "./fresh.js";
import { submittedRequest, type Fixture } from "../fixture.js";

/** Returns the open task of a newly submitted request, which is offered to operations. */
async function newTask({ requester, operations }: Fixture): Promise<string> {
  const { instanceId } = await submittedRequest(requester);
  const { workflowInstance } = await operations.run<{ workflowInstance: { tasks: HasId[] } }>(
    "query ($id: ID!) { workflowInstance(id: $id) { tasks { id } } }",
    { id: instanceId },
  );
  return workflowInstance.tasks[0]?.id ?? "";
}

/** Returns such a task, claimed by operations. */
async function claimedTask(fixture: Fixture): Promise<string> {
  const id = await newTask(fixture);
  await fixture.operations.run("mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }", { id });
  return id;
}

let made = 0;

/** Creates a task with a checklist and returns the task with an item of it. */
const checkedTask = (fixture: Fixture) => taskFor(fixture, ", checklist: [Look]");

/** Creates a task for operations that requires no other users. */
async function taskFor({ tenant, admin }: Fixture, more = ""): Promise<{ id: string; itemKey: string }> {
  const key = `checked-${++made}`;
  await tenant.definition(`weft: 1
key: ${key}
name: Checked
data: { type: object, properties: {} }
initial: open
states:
  open: { task: { title: Check, candidates: { roles: [operations] }${more} }, transitions: { close: { to: closed } } }
  closed: { final: completed }
`);
  const { startWorkflow } = await admin.run<{ startWorkflow: { instance: { tasks: (HasId & { checklist: { key: string }[] })[] } } }>(
    `mutation { startWorkflow(input: { definitionKey: "${key}", data: {} }) { instance { tasks { id checklist { key } } } } }`,
  );
  const [task] = startWorkflow.instance.tasks;
  return { id: task?.id ?? "", itemKey: task?.checklist[0]?.key ?? "" };
}

async function ask(by: TestUser, id: string, askedId: string): Promise<string> {
  await by.run("mutation ($input: AskForInformationInput!) { askForInformation(input: $input) { task { id } } }", {
    input: { id, askedId, text: "Which pump?" },
  });
  return id;
}

/** Creates a task that waits for an answer from operations. */
async function questionForOperations(fixture: Fixture): Promise<string> {
  const { admin, operations } = fixture;
  const id = await newTask(fixture);
  await admin.run("mutation ($id: ID!, $userId: ID!) { assignTask(input: { id: $id, userId: $userId }) { task { id } } }", {
    id,
    userId: admin.id,
  });
  return ask(admin, id, operations.id);
}

/** Creates a task link for a new member of operations and returns its token. */
export async function newTaskLink(fixture: Fixture): Promise<string | undefined> {
  const user = await fixture.newVerifiedUser("operations");
  await fixture.admin.run("mutation ($input: CreateTaskLinkInput!) { createTaskLink(input: $input) { expiresAt } }", {
    input: { id: (await taskFor(fixture)).id, userId: user.id },
  });
  return (await fixture.tenant.mails(user.login)).at(-1)?.token;
}

const hours = (count: number) => new Date(Date.now() + count * 3_600_000).toISOString();

/** Cases of tasks, the actions on them, and substitutes. */
export const taskCases: Cases = {
  mutations: {
    delegateTask: {
      as: "operations",
      input: async (fixture) => ({ id: await newTask(fixture), userId: fixture.admin.id }),
    },
    assignTask: {
      as: "operations",
      input: async (fixture) => ({ id: await newTask(fixture), userId: fixture.admin.id }),
    },
    updateTask: { as: "operations", input: async (fixture) => ({ id: await newTask(fixture), priority: "HIGH" }) },
    updateChecklistItem: { as: "operations", input: checkedTask },
    commentOnTask: {
      as: "operations",
      input: async (fixture) => ({ id: await newTask(fixture), text: "It rains" }),
    },
    askForInformation: {
      as: "operations",
      input: async (fixture) => ({ id: await newTask(fixture), askedId: fixture.requester.id, text: "Which pump?" }),
    },
    answerQuestion: {
      as: "operations",
      input: async (fixture) => ({ id: await questionForOperations(fixture), text: "The old one" }),
    },
    withdrawQuestion: {
      as: "operations",
      input: async (fixture) => ({ id: await ask(fixture.operations, await newTask(fixture), fixture.requester.id) }),
    },
    createTaskLink: {
      as: "operations",
      // A new user each time, because each address gets at most one mail per minute.
      input: async (fixture) => ({ id: (await taskFor(fixture)).id, userId: (await fixture.newVerifiedUser("operations")).id }),
    },
    completeTaskByLink: { input: async (fixture) => ({ token: await newTaskLink(fixture), transition: "close" }) },
    setAbsence: {
      input: async ({ admin, operations }) => ({ userId: operations.id, substituteId: admin.id, startsAt: hours(24), endsAt: hours(48) }),
      ids: { userId: "input" },
    },
    updateAbsence: {
      input: async (fixture) => ({ id: await newAbsence(fixture), substituteId: fixture.admin.id }),
    },
    endAbsence: { input: async (fixture) => ({ id: await newAbsence(fixture) }) },
    claimTask: { as: "operations", input: async (fixture) => ({ id: await newTask(fixture) }) },
    releaseTask: { as: "operations", input: async (fixture) => ({ id: await claimedTask(fixture) }) },
    completeTask: {
      as: "operations",
      input: async (fixture) => ({ id: await newTask(fixture), transition: "approve" }),
    },
  },
  queryArguments: { taskByLink: { token: "wtl_" } },
  filters: {
    "absences.filter.userId": ["user"],
    "absences.filter.substituteId": ["user"],
    "tasks.filter.assigneeId": ["user"],
    "tasks.filter.instanceId": ["instance"],
  },
};

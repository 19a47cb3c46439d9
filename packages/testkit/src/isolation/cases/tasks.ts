import { newAbsence } from "../../new-absence.js";
import type { TestUser } from "../../test-user.js";
import { byType, type Cases } from "./case.js";
import type { HasId } from "./fresh.js";
import { submittedRequest, type World } from "../world.js";

/** The open task of a request that was just submitted: offered to operations. */
async function newTask({ requester, operations }: World): Promise<string> {
  const { instanceId } = await submittedRequest(requester);
  const { workflowInstance } = await operations.run<{ workflowInstance: { tasks: HasId[] } }>(
    "query ($id: ID!) { workflowInstance(id: $id) { tasks { id } } }",
    { id: instanceId },
  );
  return workflowInstance.tasks[0]?.id ?? "";
}

/** The same, claimed by operations. */
async function claimedTask(world: World): Promise<string> {
  const id = await newTask(world);
  await world.operations.run("mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }", { id });
  return id;
}

let made = 0;

/** A task with a checklist, and an item of it. */
const checkedTask = (world: World) => taskFor(world, ", checklist: [Look]");

/** A task for operations, that asks for nobody else. */
async function taskFor({ tenant, admin }: World, more = ""): Promise<{ id: string; itemKey: string }> {
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

/** A task that waits for the answer of operations. */
async function questionForOperations(world: World): Promise<string> {
  const { admin, operations } = world;
  const id = await newTask(world);
  await admin.run("mutation ($id: ID!, $userId: ID!) { assignTask(input: { id: $id, userId: $userId }) { task { id } } }", {
    id,
    userId: admin.id,
  });
  return ask(admin, id, operations.id);
}

/** The token of a link for a new person of operations. */
async function newLink(world: World): Promise<string | undefined> {
  const user = await world.newVerifiedUser("operations");
  await world.admin.run("mutation ($input: CreateTaskLinkInput!) { createTaskLink(input: $input) { expiresAt } }", {
    input: { id: (await taskFor(world)).id, userId: user.id },
  });
  return (await world.tenant.mails(user.login)).at(-1)?.token;
}

const hours = (count: number) => new Date(Date.now() + count * 3_600_000).toISOString();

/** Tasks: what people do with them, and who stands in for whom. */
export const taskCases: Cases = {
  mutations: {
    delegateTask: {
      as: "operations",
      input: async (world) => ({ id: await newTask(world), userId: world.admin.id }),
      ids: { id: "object", userId: "input" },
    },
    assignTask: {
      as: "operations",
      input: async (world) => ({ id: await newTask(world), userId: world.admin.id }),
      ids: { id: "object", userId: "input" },
    },
    updateTask: { as: "operations", input: async (world) => ({ id: await newTask(world), priority: "HIGH" }), ids: { id: "object" } },
    tickTask: { as: "operations", input: checkedTask, ids: { id: "object" } },
    commentOnTask: { as: "operations", input: async (world) => ({ id: await newTask(world), text: "It rains" }), ids: { id: "object" } },
    askForInformation: {
      as: "operations",
      input: async (world) => ({ id: await newTask(world), askedId: world.requester.id, text: "Which pump?" }),
      ids: { id: "object", askedId: "input" },
    },
    answerQuestion: {
      as: "operations",
      input: async (world) => ({ id: await questionForOperations(world), text: "The old one" }),
      ids: { id: "object" },
    },
    withdrawQuestion: {
      as: "operations",
      input: async (world) => ({ id: await ask(world.operations, await newTask(world), world.requester.id) }),
      ids: { id: "object" },
    },
    createTaskLink: {
      as: "operations",
      // Somebody new each time: an address gets one mail a minute.
      input: async (world) => ({ id: (await taskFor(world)).id, userId: (await world.newVerifiedUser("operations")).id }),
      ids: { id: "object", userId: "input" },
    },
    completeTaskByLink: { input: async (world) => ({ token: await newLink(world), transition: "close" }), ids: {} },
    setAbsence: {
      input: async ({ admin, operations }) => ({ userId: operations.id, standInId: admin.id, startsAt: hours(24), endsAt: hours(48) }),
      ids: { userId: "input", standInId: "input" },
    },
    updateAbsence: {
      input: async (world) => ({ id: await newAbsence(world), standInId: world.admin.id }),
      ids: { id: "object", standInId: "input" },
    },
    endAbsence: { input: async (world) => ({ id: await newAbsence(world) }), ids: { id: "object" } },
    claimTask: { as: "operations", input: async (world) => ({ id: await newTask(world) }), ids: { id: "object" } },
    releaseTask: { as: "operations", input: async (world) => ({ id: await claimedTask(world) }), ids: { id: "object" } },
    completeTask: {
      as: "operations",
      input: async (world) => ({ id: await newTask(world), transition: "approve" }),
      ids: { id: "object" },
    },
  },
  lookups: {
    "task.id": byType("task"),
  },
  filters: {
    "absences.filter.userId": ["user"],
    "absences.filter.standInId": ["user"],
    "tasks.filter.assigneeId": ["user"],
    "tasks.filter.instanceId": ["instance"],
  },
};

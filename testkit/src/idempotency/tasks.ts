import { decodeId } from "@weft/shared";
import type { MaintenanceTenant } from "../tenants/maintenance-tenant.js";
import type { IdempotencyCases } from "./case.js";

async function taskOf(acme: MaintenanceTenant, instanceId: string): Promise<string> {
  const query = "query ($id: ID!) { workflowInstance(id: $id) { tasks { id status } } }";
  const { workflowInstance } = await acme.admin.run<{ workflowInstance: { tasks: { id: string; status: string }[] } }>(query, {
    id: instanceId,
  });
  return workflowInstance.tasks.find(({ status }) => status === "OPEN")?.id ?? "no task";
}

/** Returns the request's task, claimed by operations. */
async function claimed(acme: MaintenanceTenant, { instanceId }: { instanceId: string }): Promise<string> {
  const id = await taskOf(acme, instanceId);
  await acme.operations.run("mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }", { id });
  return id;
}

/** Returns the request's task, with a question for the administrator. */
async function askedTask(acme: MaintenanceTenant): Promise<string> {
  const id = await taskOf(acme, (await acme.request("triage")).instanceId);
  const ask = "mutation ($input: AskForInformationInput!) { askForInformation(input: $input) { task { id } } }";
  await acme.operations.run(ask, { input: { id, askedId: acme.admin.id, text: "Which?" } });
  return id;
}

/** Creates a task for operations and returns an item of its checklist. */
async function checklistItem(acme: MaintenanceTenant): Promise<{ id: string; itemKey: string }> {
  await acme.tenant.definition(`weft: 1
key: checked
name: Checked
data: { type: object, properties: {} }
initial: open
states:
  open: { task: { title: Check, candidates: { roles: [operations] }, checklist: [Look] }, transitions: { close: { to: closed } } }
  closed: { final: completed }
`);
  const start = `mutation { startWorkflow(input: { definitionKey: "checked", data: {} }) { instance { tasks { id checklist { key } } } } }`;
  const { startWorkflow } = await acme.admin.run<{
    startWorkflow: { instance: { tasks: { id: string; checklist: { key: string }[] }[] } };
  }>(start);
  const [task] = startWorkflow.instance.tasks;
  return { id: task?.id ?? "", itemKey: task?.checklist[0]?.key ?? "" };
}

const span = { startsAt: new Date(Date.now() + 3_600_000).toISOString(), endsAt: new Date(Date.now() + 7_200_000).toISOString() };

async function anAbsence(acme: MaintenanceTenant): Promise<string> {
  const { setAbsence } = await acme.operations.run<{ setAbsence: { absence: { id: string } } }>(
    "mutation ($input: SetAbsenceInput!) { setAbsence(input: $input) { absence { id } } }",
    { input: { substituteId: acme.admin.id, ...span } },
  );
  return setAbsence.absence.id;
}

/** Cases of tasks and substitutes. */
export const taskCases: IdempotencyCases = {
  claimTask: {
    who: ({ acme }) => acme.operations,
    selection: "task { id status version }",
    inputs: async ({ acme }) => {
      const [one, two] = [await acme.request("triage"), await acme.request("triage")];
      return { input: { id: await taskOf(acme, one.instanceId) }, other: { id: await taskOf(acme, two.instanceId) } };
    },
  },
  releaseTask: {
    who: ({ acme }) => acme.operations,
    selection: "task { id status version }",
    inputs: async ({ acme }) => {
      const [one, two] = [await claimed(acme, await acme.request("triage")), await claimed(acme, await acme.request("triage"))];
      return { input: { id: one }, other: { id: two } };
    },
  },
  completeTask: {
    who: ({ acme }) => acme.operations,
    selection: "task { id status } instance { id version }",
    inputs: async ({ acme }) => {
      const id = await taskOf(acme, (await acme.request("triage")).instanceId);
      return { input: { id, transition: "escalate" }, other: { id, transition: "escalate", comment: "again" } };
    },
  },
  delegateTask: {
    who: ({ acme }) => acme.operations,
    selection: "task { id version assignee { id } }",
    inputs: async ({ acme }) => {
      const id = await taskOf(acme, (await acme.request("triage")).instanceId);
      return { input: { id, userId: acme.manager.id }, other: { id, userId: acme.admin.id } };
    },
  },
  assignTask: {
    who: ({ acme }) => acme.manager,
    selection: "task { id version assignee { id } }",
    inputs: async ({ acme }) => {
      const id = await taskOf(acme, (await acme.request("triage")).instanceId);
      return { input: { id, userId: acme.manager.id }, other: { id, userId: null } };
    },
  },
  updateTask: {
    who: ({ acme }) => acme.manager,
    selection: "task { id version priority }",
    inputs: async ({ acme }) => {
      const id = await taskOf(acme, (await acme.request("triage")).instanceId);
      return { input: { id, priority: "HIGH" }, other: { id, priority: "LOW" } };
    },
  },
  updateChecklistItem: {
    who: ({ acme }) => acme.operations,
    selection: "task { id version checklist { isDone } }",
    inputs: async ({ acme }) => {
      const item = await checklistItem(acme);
      return { input: item, other: { ...item, isDone: false } };
    },
  },
  commentOnTask: {
    who: ({ acme }) => acme.operations,
    selection: "task { id comments { id text } }",
    inputs: async ({ acme }) => {
      const id = await taskOf(acme, (await acme.request("triage")).instanceId);
      return { input: { id, text: "It rains" }, other: { id, text: "It pours" } };
    },
  },
  askForInformation: {
    who: ({ acme }) => acme.operations,
    selection: "task { id version question { id } }",
    inputs: async ({ acme }) => {
      const id = await taskOf(acme, (await acme.request("triage")).instanceId);
      return { input: { id, askedId: acme.admin.id, text: "Which?" }, other: { id, askedId: acme.admin.id, text: "Why?" } };
    },
  },
  answerQuestion: {
    who: ({ acme }) => acme.admin,
    selection: "task { id version comments { id } }",
    inputs: async ({ acme }) => {
      const id = await askedTask(acme);
      return { input: { id, text: "That" }, other: { id, text: "This" } };
    },
  },
  withdrawQuestion: {
    who: ({ acme }) => acme.operations,
    selection: "task { id version }",
    inputs: async ({ acme }) => {
      const [id, another] = [await askedTask(acme), await askedTask(acme)];
      return { input: { id }, other: { id: another } };
    },
  },
  createTaskLink: {
    who: ({ acme }) => acme.operations,
    selection: "expiresAt",
    inputs: async ({ acme, owner }) => {
      const { id } = await checklistItem(acme);
      const userId = (await acme.tenant.user("operations")).id;
      await owner`update identity.users set email_verified_at = now() where id = ${decodeId("user", userId)}`;
      return { input: { id, userId }, other: { id, userId, hours: 1 } };
    },
  },
  setAbsence: {
    who: ({ acme }) => acme.operations,
    selection: "absence { id version }",
    inputs: async ({ acme }) => ({ input: { substituteId: acme.admin.id, ...span }, other: { substituteId: acme.manager.id, ...span } }),
  },
  updateAbsence: {
    who: ({ acme }) => acme.operations,
    selection: "absence { id version note }",
    inputs: async ({ acme }) => {
      const id = await anAbsence(acme);
      return { input: { id, note: "Keys are with Ben" }, other: { id, note: "Keys are with Ada" } };
    },
  },
  endAbsence: {
    who: ({ acme }) => acme.operations,
    selection: "absence { id version endsAt }",
    inputs: async ({ acme }) => {
      const [id, another] = [await anAbsence(acme), await anAbsence(acme)];
      return { input: { id }, other: { id: another } };
    },
  },
};

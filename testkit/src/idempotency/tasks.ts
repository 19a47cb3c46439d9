import type { MaintenanceTenant } from "../tenants/maintenance-tenant.js";
import type { IdempotencyCases } from "./case.js";

async function taskOf(acme: MaintenanceTenant, instanceId: string): Promise<string> {
  const query = "query ($id: ID!) { workflowInstance(id: $id) { tasks { id status } } }";
  const { workflowInstance } = await acme.admin.run<{ workflowInstance: { tasks: { id: string; status: string }[] } }>(query, {
    id: instanceId,
  });
  return workflowInstance.tasks.find(({ status }) => status === "OPEN")?.id ?? "no task";
}

const span = { startsAt: new Date(Date.now() + 3_600_000).toISOString(), endsAt: new Date(Date.now() + 7_200_000).toISOString() };

/** Cases of tasks and substitutes. */
export const taskCases: IdempotencyCases = {
  delegateTask: {
    who: ({ acme }) => acme.operations,
    selection: "task { id version assignee { id } }",
    inputs: async ({ acme }) => {
      const id = await taskOf(acme, (await acme.request("triage")).instanceId);
      return { input: { id, userId: acme.manager.id }, other: { id, userId: acme.admin.id } };
    },
  },
  setAbsence: {
    who: ({ acme }) => acme.operations,
    selection: "absence { id version }",
    inputs: async ({ acme }) => ({ input: { substituteId: acme.admin.id, ...span }, other: { substituteId: acme.manager.id, ...span } }),
  },
};

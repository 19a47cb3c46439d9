import { newSlaClock } from "../../tenants/sla-definition.js";
import type { Cases } from "./case.js";

/** Cases of SLA clocks. */
export const slaCases: Cases = {
  mutations: {
    pauseSla: { input: async ({ admin }) => ({ id: await newSlaClock(admin), reason: "Parts" }), ids: { id: "object" } },
    resumeSla: {
      input: async ({ admin }) => {
        const id = await newSlaClock(admin);
        await admin.run(`mutation ($id: ID!) { pauseSla(input: { id: $id, reason: "Parts" }) { clock { id } } }`, { id });
        return { id, reason: "Delivered" };
      },
      ids: { id: "object" },
    },
  },
  lookups: {
    "slaExplain.id": { own: ({ ids }) => ids.get("slaClock")?.[0], refusal: "object" },
    "slaChanged.instanceId": { own: ({ measured }) => measured, refusal: "object", isOnly: true },
  },
  filters: {
    "slaTimers.filter.instanceId": ["instance"],
    "slaTimers.filter.taskId": ["task"],
    "slaBreaches.filter.instanceId": ["instance"],
    "slaBreaches.filter.taskId": ["task"],
    "slaReport.filter.assigneeId": ["user", "vendor"],
    "slaReport.filter.requestTypeId": ["requestType"],
    "slaReport.filter.teamId": ["team"],
  },
};

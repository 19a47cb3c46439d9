import { newSlaClock, newSlaPolicy, nextPolicyKey, samplePolicy } from "../../tenants/sla-definition.js";
import type { Cases } from "./case.js";

/** Cases of SLA clocks. */
export const slaCases: Cases = {
  mutations: {
    pauseSla: { input: async ({ admin }) => ({ id: await newSlaClock(admin), reason: "Parts" }) },
    resumeSla: {
      input: async ({ admin }) => {
        const id = await newSlaClock(admin);
        await admin.run(`mutation ($id: ID!) { pauseSla(input: { id: $id, reason: "Parts" }) { clock { id } } }`, { id });
        return { id, reason: "Delivered" };
      },
    },
    createSlaPolicy: { input: () => Promise.resolve({ ...samplePolicy, key: nextPolicyKey() }) },
    updateSlaPolicy: { input: async ({ admin }) => ({ id: await newSlaPolicy(admin), name: "Changed" }) },
    deleteSlaPolicy: { input: async ({ admin }) => ({ id: await newSlaPolicy(admin) }) },
  },
  lookups: {
    "slaPolicy.id": { own: ({ ids }) => ids.get("slaPolicy")?.[0], refusal: "object" },
    "previewSlaPolicy.input.id": { own: ({ ids }) => ids.get("slaPolicy")?.[0], refusal: "object" },
    "previewCalendarChange.input.teamId": { own: ({ ids }) => ids.get("team")?.[0], refusal: "object" },
    "slaRecomputation.id": { own: ({ ids }) => ids.get("slaRecomputation")?.[0], refusal: "object" },
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
  queryArguments: {
    previewSlaPolicy: { input: { target: "8 working hours" } },
    previewCalendarChange: { input: { patch: { timeZone: "Europe/Vienna" } } },
  },
};

import type { Cases } from "./case.js";

/** Cases of escalations. */
export const escalationCases: Cases = {
  mutations: {},
  lookups: {
    "escalationOccurred.instanceId": { own: ({ escalated }) => escalated, refusal: "object", isOnly: true },
  },
  filters: {
    "escalations.filter.instanceId": ["instance"],
    "escalations.filter.taskId": ["task"],
    "escalations.filter.startedInstanceId": ["instance"],
  },
};

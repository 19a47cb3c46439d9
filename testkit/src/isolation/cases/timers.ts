import { newTimer } from "../../tenants/timed-definition.js";
import type { Cases } from "./case.js";

/** Cases of timers. */
export const timerCases: Cases = {
  mutations: {
    cancelTimer: { input: async ({ admin }) => ({ id: await newTimer(admin), reason: "Enough" }) },
    rescheduleTimer: {
      input: async ({ admin }) => ({ id: await newTimer(admin), dueAt: "2100-01-01T00:00:00Z", reason: "Later" }),
    },
  },
  filters: {
    "workflowTimers.filter.instanceId": ["instance"],
    "workflowTimers.filter.taskId": ["task"],
  },
};

import { failingTrigger, newTrigger } from "../../../tenants/new-trigger.js";
import { samplePeriod } from "../../../tenants/new-webhook.js";
import type { Cases } from "../case.js";

const { name: _name, ...sample } = failingTrigger;

/** Cases of triggers. */
export const triggerCases: Cases = {
  mutations: {
    createTrigger: { input: () => Promise.resolve({ ...failingTrigger, isActive: false }) },
    updateTrigger: { input: async ({ admin }) => ({ id: await newTrigger(admin), name: "Changed" }) },
    activateTrigger: {
      input: async ({ admin }) => ({ id: await newTrigger(admin, { ...failingTrigger, isActive: false }) }),
    },
    deactivateTrigger: { input: async ({ admin }) => ({ id: await newTrigger(admin) }) },
    deleteTrigger: { input: async ({ admin }) => ({ id: await newTrigger(admin) }) },
    replayEventsToTrigger: {
      input: async ({ admin }) => ({ triggerId: await newTrigger(admin), ...samplePeriod }),
    },
    // It fails again, so it can be retried again.
    retryTriggerRun: { input: ({ ids }) => Promise.resolve({ id: ids.get("triggerRun")?.[0] }) },
  },
  lookups: {
    "trigger.id": { own: ({ ids }) => ids.get("trigger")?.[0], refusal: "object" },
    "explainTriggers.eventId": { own: ({ triggeringEventId }) => triggeringEventId, refusal: "object", isOnly: true },
    "testTrigger.eventId": { own: ({ triggeringEventId }) => triggeringEventId, refusal: "object", isOnly: true },
  },
  filters: {
    "triggerRuns.filter.triggerId": ["trigger"],
    "triggerRuns.filter.eventId": ["event"],
  },
  queryArguments: {
    testTrigger: { input: sample },
  },
};

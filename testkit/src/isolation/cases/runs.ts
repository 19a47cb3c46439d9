import { newFailedRun, newPausedRun, newRestingRun } from "../../tenants/runs-definition.js";
import { newLease } from "../../tenants/external-worker.js";
import { byType, type Cases } from "./case.js";

/** Cases of runs of steps. */
export const runCases: Cases = {
  mutations: {
    pauseRun: { input: async ({ admin }) => ({ id: await newRestingRun(admin) }) },
    resumeRun: { input: async ({ admin }) => ({ id: await newPausedRun(admin) }) },
    cancelRun: { input: async ({ admin }) => ({ id: await newPausedRun(admin) }) },
    rerunWorkflow: { input: async ({ admin }) => ({ runId: await newRestingRun(admin) }) },
    bulkChangeRuns: { input: async ({ admin }) => ({ action: "CANCEL", runIds: [await newRestingRun(admin)] }) },
    retryFromStep: { input: async ({ admin }) => ({ runId: await newFailedRun(admin) }) },
    // Leases are not IDs. The tests of external workers use those of other tenants and of other workers.
    takeSteps: { input: () => Promise.resolve({ tasks: ["isolation-work"] }) },
    extendStepLeases: { input: async ({ admin }) => ({ leases: [await newLease(admin)] }) },
    completeStep: { input: async ({ admin }) => ({ lease: await newLease(admin) }) },
    completeSteps: { input: async ({ admin }) => ({ steps: [{ lease: await newLease(admin) }] }) },
    failStep: { input: async ({ admin }) => ({ lease: await newLease(admin), code: "BROKEN", message: "M" }) },
    releaseSteps: { input: async ({ admin }) => ({ leases: [await newLease(admin)] }) },
    appendStepLog: { input: async ({ admin }) => ({ lease: await newLease(admin), lines: [{ text: "L" }] }) },
  },
  lookups: {
    "previewBulkRuns.runIds": { ...byType("run"), refusal: "input" },
    "runUpdated.runId": { ...byType("run"), isOnly: true },
    // The last run of the fixture has failed, and so has a log.
    "runLogs.runId": { own: ({ ids }) => ids.get("run")?.at(-1), refusal: "object", isOnly: true },
  },
  filters: {
    "runs.filter.instanceId": ["instance"],
    "runs.filter.ownerId": ["user"],
    "runs.filter.definitionId": ["definition"],
    "runs.filter.shareId": ["definitionShare"],
    "previewBulkRuns.filter.instanceId": ["instance"],
    "previewBulkRuns.filter.ownerId": ["user"],
    "previewBulkRuns.filter.definitionId": ["definition"],
    "previewBulkRuns.filter.shareId": ["definitionShare"],
  },
  queryArguments: {
    previewBulkRuns: { action: "CANCEL" },
  },
};

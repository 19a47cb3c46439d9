import { newFailedRun, newPausedRun, newRestingRun } from "../../tenants/runs-definition.js";
import { newLease } from "../../tenants/external-worker.js";
import { byType, type Cases } from "./case.js";

/** Cases of runs of steps. */
export const runCases: Cases = {
  mutations: {
    pauseRun: { input: async ({ admin }) => ({ id: await newRestingRun(admin) }), ids: { id: "object" } },
    resumeRun: { input: async ({ admin }) => ({ id: await newPausedRun(admin) }), ids: { id: "object" } },
    cancelRun: { input: async ({ admin }) => ({ id: await newPausedRun(admin) }), ids: { id: "object" } },
    rerunWorkflow: { input: async ({ admin }) => ({ runId: await newRestingRun(admin) }), ids: { runId: "object" } },
    bulkChangeRuns: { input: async ({ admin }) => ({ action: "CANCEL", runIds: [await newRestingRun(admin)] }), ids: { runIds: "input" } },
    retryFromStep: { input: async ({ admin }) => ({ runId: await newFailedRun(admin) }), ids: { runId: "object" } },
    // Leases are not IDs. The tests of external workers use those of other tenants and of other workers.
    takeSteps: { input: () => Promise.resolve({ tasks: ["isolation-work"] }), ids: {} },
    extendStepLeases: { input: async ({ admin }) => ({ leases: [await newLease(admin)] }), ids: {} },
    completeStep: { input: async ({ admin }) => ({ lease: await newLease(admin) }), ids: {} },
    completeSteps: { input: async ({ admin }) => ({ steps: [{ lease: await newLease(admin) }] }), ids: {} },
    failStep: { input: async ({ admin }) => ({ lease: await newLease(admin), code: "BROKEN", message: "M" }), ids: {} },
    releaseSteps: { input: async ({ admin }) => ({ leases: [await newLease(admin)] }), ids: {} },
    appendStepLog: { input: async ({ admin }) => ({ lease: await newLease(admin), lines: [{ text: "L" }] }), ids: {} },
  },
  lookups: {
    "run.id": byType("run"),
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

import type { TestTenant } from "../test-tenant.js";
import { newFailedRun, newPausedRun, refusedDefinition, restingDefinition } from "../tenants/runs-definition.js";
import type { IdempotencyCases } from "./case.js";

const defined = new WeakMap<object, Promise<void>>();

/** Publishes the automations once for each tenant. */
function define(tenant: Pick<TestTenant, "definition">): Promise<void> {
  const known =
    defined.get(tenant) ??
    (async () => {
      await tenant.definition(restingDefinition);
      await tenant.definition(refusedDefinition);
    })();
  defined.set(tenant, known);
  return known;
}

/** Cases of runs of steps. */
export const runCases: IdempotencyCases = {
  bulkChangeRuns: {
    who: ({ acme }) => acme.admin,
    selection: "operation { id total }",
    inputs: async ({ acme }) => {
      await define(acme.tenant);
      const input = { action: "CANCEL", runIds: [await newPausedRun(acme.admin)] };
      return { input, other: { ...input, comment: "another" } };
    },
  },
  rerunWorkflow: {
    who: ({ acme }) => acme.admin,
    selection: "run { id }",
    inputs: async ({ acme }) => {
      await define(acme.tenant);
      const runId = await newFailedRun(acme.admin);
      return { input: { runId }, other: { runId, inputs: { path: "other" } } };
    },
  },
  retryFromStep: {
    who: ({ acme }) => acme.admin,
    selection: "run { id }",
    inputs: async ({ acme }) => {
      await define(acme.tenant);
      const runId = await newFailedRun(acme.admin);
      return { input: { runId }, other: { runId, step: "send" } };
    },
  },
};

import { CallBatches } from "@weft/engine";
import { newId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import { wakeRelay } from "@weft/platform/events";
import { createCounters } from "@weft/api/limits";
import { publishDefinition } from "@weft/testkit/tenants/publish-definition";
import { defineStep, openProgramSandbox, startRunWorker } from "@weft/workflows";
import type { Site } from "../harness/systems/services.js";
import { anEngineTenant, submitAndWait, type EngineTenant } from "../harness/tenants/engine-tenant.js";

export const steps = ["first", "second"] as const;

/** Both steps go through a worker, with a lease and a recorded result, and do nothing. */
export const document = {
  weft: 1,
  kind: "automation",
  key: "two-steps",
  name: "Two steps",
  steps: steps.map((id) => ({ id, type: "http", with: { url: "https://example.test/" } })),
};

/** A worker, and tenants that run the automation of two steps. */
export interface TwoSteps {
  aTenant(): Promise<EngineTenant>;
  /** Starts the automation, and waits for the commit of its end. Returns its instance. */
  once(tenant: EngineTenant): Promise<string>;
  stop(): Promise<void>;
}

/** Starts a worker that does this number of steps at the same time. A tenant gets half of them. */
export async function openTwoSteps({ services }: Site, stepsAtOnce: number): Promise<TwoSteps> {
  const { app } = services.databases;
  const ends = new Map<string, () => void>();
  const worker = await startRunWorker({
    ...services,
    config: { ...services.config, automation: { ...services.config.automation, stepsAtOnce } },
    programs: await openProgramSandbox(services),
    counters: await createCounters(services),
    // In the place of the built-in type, so that only the engine is measured.
    hosted: {
      steps: [
        defineStep({
          name: "http",
          description: "",
          input: { properties: {} },
          perform: () => Promise.resolve({ kind: "succeeded", outputs: {} }),
        }),
      ],
    },
    onEnded: (ids) => {
      for (const id of ids) ends.get(id)?.();
    },
  });
  const batches = new CallBatches(app);
  return {
    aTenant: async () => {
      const tenant = await anEngineTenant(app, 1);
      const { tenantId, viewer } = tenant;
      await asTenant(app, { tenantId }, "write", (tx) => publishDefinition(tx, viewer, { document }));
      return tenant;
    },
    once: async (tenant) => {
      const { viewer, actor } = tenant;
      const id = newId();
      const ended = new Promise<void>((resolve) => ends.set(id, resolve));
      await submitAndWait(app, batches, tenant, {
        starting: { id, definitionKey: document.key, data: {}, ownerId: viewer.userId, actor },
      });
      wakeRelay(services.pubsub, services.log);
      await ended;
      ends.delete(id);
      return id;
    },
    stop: () => worker.stop(),
  };
}

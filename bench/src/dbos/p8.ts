import { workflows } from "@weft/drizzle";
import { CallBatches } from "@weft/engine";
import { asTenant, newId, wakeRelay } from "@weft/shared";
import { defineStep, openProgramSandbox, startRunWorker } from "@weft/workflows";
import type { BenchOptions, Report } from "../harness/report.js";
import { startSite } from "../harness/systems/services.js";
import { anEngineTenant, submitAndWait } from "../harness/tenants/engine-tenant.js";
import { againstDbos } from "./against-dbos.js";

const steps = ["first", "second"] as const;

/** Both steps go through a worker, with a lease and a recorded result, and do nothing. */
const document = {
  weft: 1,
  kind: "automation",
  key: "two-steps",
  name: "Two steps",
  steps: steps.map((id) => ({ id, type: "http", with: { url: "https://example.test/" } })),
};

/**
 * P8: an automation of two steps, from its start to the commit of its end, against a workflow of two steps in DBOS Transact. Steps do nothing, so only
 * the durability is measured.
 */
export async function run(options: BenchOptions): Promise<Report> {
  const site = await startSite();
  const { services, database } = site;
  const { app } = services.databases;
  const ends = new Map<string, () => void>();
  const worker = await startRunWorker({
    ...services,
    // A tenant gets half of the places of a worker, and should have one for each run in flight, as in DBOS.
    config: { ...services.config, automation: { ...services.config.automation, stepsAtOnce: 128 } },
    programs: await openProgramSandbox(services),
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
  try {
    const tenant = await anEngineTenant(app, 1);
    const { tenantId, viewer, actor } = tenant;
    await asTenant(app, { tenantId }, "write", (tx) =>
      tx.insert(workflows.definitions).values({
        tenantId,
        id: newId(),
        key: document.key,
        number: 1,
        name: document.name,
        status: "PUBLISHED",
        environments: ["DEV", "STAGING", "PROD"],
        source: JSON.stringify(document),
        format: "JSON",
        document,
        createdBy: viewer.userId,
      }),
    );
    const batches = new CallBatches(app);
    const once = async (): Promise<void> => {
      const id = newId();
      const ended = new Promise<void>((resolve) => ends.set(id, resolve));
      await submitAndWait(app, batches, tenant, {
        starting: { id, definitionKey: document.key, data: {}, ownerId: viewer.userId, actor },
      });
      wakeRelay(services.pubsub, services.log);
      await ended;
      ends.delete(id);
    };
    return await againstDbos(
      database.ownerUrl,
      {
        title: "P8  durable automation of two steps, against a workflow of two steps in DBOS Transact",
        noun: "runs",
        steps,
        once,
        verified: (count) => `${count} automations succeeded with two steps each`,
        assertComplete: async (owner, count) => {
          const [weft] = await owner`select
            (select count(*)::int from workflows.instances where definition_key = ${document.key} and state = 'succeeded') as instances,
            (select count(*)::int from workflows.runs where status = 'SUCCEEDED' and is_received) as runs,
            (select count(*)::int from workflows.run_steps where status = 'SUCCEEDED' and attempt = 1) as steps`;
          if (weft?.["instances"] !== count || weft["runs"] !== count || weft["steps"] !== count * steps.length)
            throw new Error(`${count} automations were through, and the tables have ${JSON.stringify(weft)}.`);
        },
      },
      options,
    );
  } finally {
    await worker.stop();
    await site.remove();
  }
}

import { createWeftClient, type WeftClient } from "@weft/client";
import { createWorker } from "@weft/server";
import { loadConfig, withDatabaseUrls } from "@weft/platform/config";
import { startWeft } from "@weft/standalone";
import { automation, aWorker, started } from "@weft/testkit/tenants/external-worker";
import type { BenchOptions, Report } from "../harness/report.js";
import { openTenant, startSite } from "../harness/systems/services.js";
import { againstDbos } from "./against-dbos.js";

const key = "external";
const steps = ["first", "second", "third", "fourth", "fifth"] as const;
const definition = automation(key, steps.map((id) => `  - { id: ${id}, type: worker, with: { task: work } }\n`).join(""));

type Steps = readonly { readonly lease: string; readonly step: string; readonly instanceId: string }[];

interface Answer {
  readonly takeSteps?: { readonly steps: Steps };
  readonly completeSteps?: { readonly reports: readonly { readonly lease: string }[]; readonly steps: Steps };
}

/** Returns a client for a worker that tells when the last step of an automation has been recorded, and with it the end of its run. */
function tellingEnds(client: WeftClient, onEnd: (instanceId: string) => void): WeftClient {
  const instances = new Map<string, string>();
  const mutate = async (...call: Parameters<WeftClient["mutate"]>): Promise<unknown> => {
    const answer = (await client.mutate<unknown, unknown>(...call)) as Answer;
    for (const { lease, step, instanceId } of (answer.takeSteps ?? answer.completeSteps)?.steps ?? [])
      if (step === steps.at(-1)) instances.set(lease, instanceId);
    for (const { lease } of answer.completeSteps?.reports ?? []) {
      const instanceId = instances.get(lease);
      if (instanceId !== undefined && instances.delete(lease)) onEnd(instanceId);
    }
    return answer;
  };
  return { ...client, mutate: mutate as WeftClient["mutate"] };
}

/**
 * An automation of five steps that a worker of `@weft/server` does, through the whole API, against a workflow of five steps in DBOS Transact. The steps do
 * nothing. The server, the worker, and the client that starts the automations share this process, so its time and that of PostgreSQL contain all work.
 */
export async function run(options: BenchOptions): Promise<Report> {
  const site = await startSite();
  const config = withDatabaseUrls(loadConfig({ ...site.env, PORT: "0", LIMIT_OPERATIONS_IN_FLIGHT_PER_TENANT: "400" }), site.services.keys);
  const weft = await startWeft({ config, keys: site.services.keys, log: site.services.log });
  const tenant = await openTenant(site.services, weft.url, key);
  await tenant.definition(definition);
  const ends = new Map<string, PromiseWithResolvers<void>>();
  const endOf = (instanceId: string): PromiseWithResolvers<void> => {
    const end = ends.get(instanceId) ?? Promise.withResolvers<void>();
    ends.set(instanceId, end);
    return end;
  };
  const { user } = await aWorker(tenant);
  const worker = createWorker(
    tellingEnds(createWeftClient({ url: weft.url, apiKey: user.token }), (instanceId) => endOf(instanceId).resolve()),
    { work: () => Promise.resolve() },
    { concurrency: 100 },
  );
  try {
    return await againstDbos(
      site.database.ownerUrl,
      {
        title: "Steps of external workers  an automation of five, against a workflow of five steps in DBOS Transact",
        noun: "runs",
        goal: "none was set",
        steps,
        once: async () => {
          const id = await started(tenant.admin, key);
          await endOf(id).promise;
          ends.delete(id);
        },
        verified: (count) => `${count} automations succeeded with ${steps.length} steps each`,
        assertComplete: async (owner, count) => {
          const [found] = await owner`select
            (select count(*)::int from workflows.runs where status = 'SUCCEEDED') as runs,
            (select count(*)::int from workflows.run_steps where status = 'SUCCEEDED') as steps`;
          if (found?.["runs"] !== count || found["steps"] !== count * steps.length)
            throw new Error(`${count} automations were through, and the tables have ${JSON.stringify(found)}.`);
        },
      },
      options,
    );
  } finally {
    await worker.stop(0);
    await weft.stop();
    await site.remove();
  }
}

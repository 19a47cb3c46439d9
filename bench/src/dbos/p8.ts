import type { BenchOptions, Report } from "../harness/report.js";
import { startSite } from "../harness/systems/services.js";
import { againstDbos } from "./against-dbos.js";
import { document, openTwoSteps, steps } from "./two-steps.js";

/**
 * P8: an automation of two steps, from its start to the commit of its end, against a workflow of two steps in DBOS Transact. Steps do nothing, so only
 * the durability is measured.
 */
export async function run(options: BenchOptions): Promise<Report> {
  const site = await startSite();
  // A tenant should have a place for each run in flight, as in DBOS.
  const twoSteps = await openTwoSteps(site, 128);
  try {
    const tenant = await twoSteps.aTenant();
    return await againstDbos(
      site.database.ownerUrl,
      {
        title: "P8  durable automation of two steps, against a workflow of two steps in DBOS Transact",
        noun: "runs",
        steps,
        once: async () => void (await twoSteps.once(tenant)),
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
    await twoSteps.stop();
    await site.remove();
  }
}

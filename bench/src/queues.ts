import { loadConfig, withDatabaseUrls } from "@weft/platform/config";
import { startWeft } from "@weft/standalone";
import { postgres } from "@weft/pg-driver";
import { openQueueCompany, queueOperations, queuesInTurn } from "./harness/tenants/queue-company.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { openTenant, startSite } from "./harness/systems/services.js";
import { settle } from "@weft/testkit/cost/sliced";
import { compareSizes } from "./harness/two-sizes.js";

/** P6 for task queues: the same operations with ten thousand tasks and with a million. In a skewed tenant, nearly all of them are in one queue. */
export async function run({ quick, isSkewed }: BenchOptions): Promise<Report> {
  const site = await startSite();
  const config = withDatabaseUrls(loadConfig({ ...site.env, PORT: "0" }), site.services.keys);
  const weft = await startWeft({ config, keys: site.services.keys, log: site.services.log });
  const owner = postgres(site.database.ownerUrl, { max: 1, onnotice: () => {} });
  const [few, many] = [10_000, quick ? 100_000 : 1_000_000];
  const sizes = isSkewed ? "skewed" : "even";
  const [small, large] = [few, many].map((count) => `${count.toLocaleString("en")} tasks`) as [string, string];
  try {
    const companies = [
      await openQueueCompany(owner, await openTenant(site.services, weft.url, "small"), { name: small, count: few, sizes }),
      await openQueueCompany(owner, await openTenant(site.services, weft.url, "large"), { name: large, count: many, sizes }),
    ];
    await settle(owner);
    await queuesInTurn(companies, 6);
    return await compareSizes({
      title: `P6  ${isSkewed ? "skewed queues" : "queues"} of tasks: what ${large} cost compared with ${small}, in ms`,
      names: [small, large],
      operations: Object.keys(queueOperations),
      measure: () => queuesInTurn(companies, quick ? 10 : 15),
      rounds: 3,
      noun: "operations",
      goal: "≤ 1.15",
      notes: [
        isSkewed
          ? "Half of the tasks are waiting, nearly all of them in the queue of operations. Means of the users: an approver, to whom nothing is offered; a clerk, for whom forty tasks wait; a manager, who sees all tasks. Through gateway and subgraphs in one process, request by request in turn."
          : "Half of the tasks waits. Means of those who ask: an approver, to whom a tenth of all is offered; a clerk whom twenty name, and whose team has a fiftieth; where it is theirs to see, a manager. Through gateway and subgraphs in one process, request by request in turn.",
      ],
    });
  } finally {
    await owner.end();
    await weft.stop();
    await site.remove();
  }
}

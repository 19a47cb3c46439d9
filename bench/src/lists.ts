import { loadConfig, withDatabaseUrls } from "@weft/shared";
import { startWeft } from "@weft/standalone";
import postgres from "postgres";
import { instanceOperations, listsInTurn, openInstanceCompany } from "./harness/tenants/instance-company.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { openTenant, startSite } from "./harness/systems/services.js";
import { settle } from "@weft/testkit/cost/sliced";
import { compareSizes } from "./harness/two-sizes.js";

/**
 * P6 for instances: compares lists with filters and orders in a tenant with many instances and in one with few. Both are in one database, and
 * requests through all of Weft alternate between them.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const sizes = { small: 10_000, large: quick ? 100_000 : 1_000_000 };
  const small = `${sizes.small} instances`;
  const large = `${sizes.large} instances`;
  const site = await startSite();
  const config = withDatabaseUrls(loadConfig({ ...site.env, PORT: "0" }), site.services.keys);
  const weft = await startWeft({ config, keys: site.services.keys, log: site.services.log });
  const owner = postgres(site.database.ownerUrl, { max: 1, onnotice: () => {} });
  const repeats = 10;
  try {
    const companies = [
      await openInstanceCompany(owner, await openTenant(site.services, weft.url, "small"), { name: small, count: sizes.small }),
      await openInstanceCompany(owner, await openTenant(site.services, weft.url, "large"), { name: large, count: sizes.large }),
    ];
    await settle(owner);
    await listsInTurn(companies, 3);
    return await compareSizes({
      title: "P6  lists of instances in a tenant of many beside one of few, in ms",
      names: [small, large],
      operations: Object.keys(instanceOperations),
      measure: () => listsInTurn(companies, repeats),
      rounds: 3,
      noun: "lists",
      goal: "≤ 1.15",
      notes: [`Medians of ${repeats} requests each, one at a time, by the administrator, through gateway and subgraphs in one process.`],
    });
  } finally {
    await owner.end();
    await weft.stop();
    await site.remove();
  }
}

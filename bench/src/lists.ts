import { decodeId, loadConfig, withDatabaseUrls } from "@weft/shared";
import { startWeft } from "@weft/standalone";
import { fillRecords, type RecordPlaces } from "@weft/testkit/cost/filled-records";
import { settle } from "@weft/testkit/cost/sliced";
import postgres from "postgres";
import { instanceOperations, listsInTurn, openInstanceCompany, type Places } from "./harness/tenants/instance-company.js";
import { recordOperations } from "./harness/tenants/record-operations.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { openTenant, startSite } from "./harness/systems/services.js";
import { compareSizes } from "./harness/two-sizes.js";

/**
 * P6 for instances, requests, audit entries and notifications: compares lists with filters and orders in a tenant with many of each and in one with
 * few. Both are in one database, and requests through all of Weft alternate between them. `--only=` measures the lists whose names contain a text.
 */
export async function run({ quick, only }: BenchOptions): Promise<Report> {
  const sizes = { small: 10_000, large: quick ? 100_000 : 1_000_000 };
  const small = `${sizes.small} of each`;
  const large = `${sizes.large} of each`;
  const site = await startSite();
  const config = withDatabaseUrls(loadConfig({ ...site.env, PORT: "0" }), site.services.keys);
  const weft = await startWeft({ config, keys: site.services.keys, log: site.services.log });
  const owner = postgres(site.database.ownerUrl, { max: 1, onnotice: () => {} });
  const repeats = 10;
  const lists: Record<string, (at: Places & RecordPlaces) => string> = { ...instanceOperations, ...recordOperations };
  for (const name of Object.keys(lists)) if (only !== undefined && !name.includes(only)) delete lists[name];
  const open = async (slug: string, name: string, count: number) => {
    const tenant = await openTenant(site.services, weft.url, slug);
    const company = await openInstanceCompany(owner, tenant, { name, count });
    const places = await fillRecords(owner, tenant.id, { count, reader: decodeId("user", tenant.admin.id) });
    return { ...company, places: { ...company.places, ...places } };
  };
  try {
    const companies = [await open("small", small, sizes.small), await open("large", large, sizes.large)];
    await settle(owner);
    await listsInTurn(companies, 3, lists);
    return await compareSizes({
      title: "P6  lists in a tenant of many instances, requests, audit entries and notifications beside one of few, in ms",
      names: [small, large],
      operations: Object.keys(lists),
      measure: () => listsInTurn(companies, repeats, lists),
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

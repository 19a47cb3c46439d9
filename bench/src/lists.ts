import { decodeId } from "@weft/shared/ids";
import { loadConfig, withDatabaseUrls } from "@weft/platform/config";
import { startWeft } from "@weft/standalone";
import {
  type AssetPlaces,
  fillAssets,
  fillClocks,
  fillNumbers,
  fillRecords,
  fillTags,
  fillWords,
  type RecordPlaces,
} from "@weft/testkit/cost/filled-records";
import { settle } from "@weft/testkit/cost/sliced";
import { explainStatements } from "@weft/testkit/cost/touched-pages";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { postgres } from "@weft/pg-driver";
import { assetOperations } from "./harness/tenants/asset-operations.js";
import { instanceOperations, listsInTurn, openInstanceCompany, type Places } from "./harness/tenants/instance-company.js";
import { recordOperations } from "./harness/tenants/record-operations.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { openTenant, startSite } from "./harness/systems/services.js";
import { compareSizes } from "./harness/two-sizes.js";

type AllPlaces = Places & RecordPlaces & AssetPlaces;

/**
 * P6 for instances, requests, assets, audit entries and notifications: compares lists with filters and orders in a tenant with many of each and in one
 * with few. Both are in one database, and requests through all of Weft alternate between them. `--only=` measures the lists whose names contain a text.
 * A complete run also writes the plans of the statements in the large tenant to `bench/results/lists.plans.txt`.
 */
export async function run({ quick, only }: BenchOptions): Promise<Report> {
  const sizes = { small: 10_000, large: quick ? 100_000 : 1_000_000 };
  const small = `${sizes.small} of each`;
  const large = `${sizes.large} of each`;
  const site = await startSite();
  const config = withDatabaseUrls(loadConfig({ ...site.env, PORT: "0" }), site.services.keys);
  const weft = await startWeft({ config, keys: site.services.keys, log: site.services.log });
  const owner = postgres(site.database.ownerUrl, { max: 1, onnotice: () => {} });
  const app = postgres(site.database.appUrl, { max: 1 });
  const auth = postgres(site.database.authUrl, { max: 1 });
  const repeats = 10;
  const lists: Record<string, (at: AllPlaces) => string> = { ...instanceOperations, ...recordOperations, ...assetOperations };
  for (const name of Object.keys(lists)) if (only !== undefined && !name.includes(only)) delete lists[name];
  const open = async (slug: string, name: string, count: number) => {
    const tenant = await openTenant(site.services, weft.url, slug);
    const company = await openInstanceCompany(owner, tenant, { name, count });
    const records = await fillRecords(owner, tenant.id, { count, reader: decodeId("user", tenant.admin.id) });
    await fillNumbers(owner, tenant.id);
    await fillTags(owner, tenant.id);
    await fillWords(owner, tenant.id, count);
    await fillClocks(owner, tenant.id, count);
    const assets = await fillAssets(owner, tenant.id, count);
    return { ...company, tenantId: tenant.id, places: { ...company.places, ...records, ...assets } };
  };
  try {
    const companies = [await open("small", small, sizes.small), await open("large", large, sizes.large)];
    await settle(owner);
    await listsInTurn(companies, 3, lists);
    const report = await compareSizes({
      title: "P6  lists in a tenant of many instances, requests, assets, audit entries and notifications beside one of few, in ms",
      names: [small, large],
      operations: Object.keys(lists),
      measure: () => listsInTurn(companies, repeats, lists),
      rounds: 3,
      noun: "lists",
      goal: "≤ 1.15",
      notes: [
        `Medians of ${repeats} requests each, one at a time, by the administrator, through gateway and subgraphs in one process.`,
        "Pages: those that all statements of an operation touch, in the small and in the large tenant.",
      ],
    });
    const watched = { databases: weft.services.databases, app, auth };
    const pages = new Map<string, number[]>();
    const plans = new Map<string, string[]>();
    for (const [operation, queryFor] of Object.entries(lists)) {
      for (const { tenantId, admin, places } of companies) {
        const statements = await explainStatements({ ...watched, tenantId }, () => admin.run(queryFor(places)));
        pages.set(operation, [...(pages.get(operation) ?? []), statements.reduce((sum, statement) => sum + statement.pages, 0)]);
        if (tenantId !== companies.at(-1)?.tenantId) continue;
        for (const { name, plan } of statements) {
          const text = `${name}\n${plan}`;
          plans.set(text, [...(plans.get(text) ?? []), operation]);
        }
      }
    }
    if (only === undefined && !quick) writePlans(plans);
    return {
      ...report,
      head: [...report.head, "pages", "pages"],
      rows: report.rows.map((row) => [...row, ...(pages.get(String(row[0])) ?? [])]),
    };
  } finally {
    await Promise.all([owner.end(), app.end(), auth.end()]);
    await weft.stop();
    await site.remove();
  }
}

/** Writes each plan once, below the operations that have it. */
function writePlans(plans: ReadonlyMap<string, readonly string[]>): void {
  const text = [...plans].map(([plan, operations]) => `${operations.map((operation) => `# ${operation}\n`).join("")}${plan}\n`).join("\n");
  writeFileSync(fileURLToPath(new URL("../results/lists.plans.txt", import.meta.url)), text);
}

import { loadConfig, withDatabaseUrls } from "@weft/shared";
import { startWeft } from "@weft/standalone";
import postgres from "postgres";
import { instanceOperations, type InstanceCompany, listsInTurn, openInstanceCompany } from "./harness/instance-company.js";
import { fillNeighbours } from "./harness/neighbours.js";
import { openQueueCompany, queueOperations, queuesInTurn, type QueueCompany } from "./harness/queue-company.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { openTenant, startSite, type Site } from "./harness/services.js";
import { settle, type Sliced } from "@weft/testkit/sliced";
import { compareSizes } from "./harness/two-sizes.js";

/** Of the tenant that is looked at. */
const rows = 2000;
/** Of each other one. */
const neighbourRows = 20;
/** Its rows come in so many turns, and those of its neighbours between them. */
const slices = 20;

/** P6 over tenants: the lists and queues of one tenant that is alone in its database beside those of one that shares it with 9,999 others. */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const neighbours = (quick ? 1000 : 10_000) - 1;
  const [alone, crowded] = ["1 tenant", `${(neighbours + 1).toLocaleString("en")} tenants`];
  const houses = [await openHouse(alone, 0), await openHouse(crowded, neighbours)] as const;
  try {
    const measure = async (repeats: number) => {
      const queues = await queuesInTurn(
        houses.map(({ queues: of }) => of),
        repeats,
      );
      const lists = await listsInTurn(
        houses.map(({ lists: of }) => of),
        repeats,
      );
      return new Map([alone, crowded].map((name) => [name, { ...queues.get(name), ...lists.get(name) }]));
    };
    await measure(4);
    return await compareSizes({
      title: "P6  lists and queues of a tenant that shares its database with others, in ms",
      names: [alone, crowded],
      operations: [...Object.keys(queueOperations), ...Object.keys(instanceOperations)],
      measure: () => measure(quick ? 5 : 8),
      rounds: 3,
      noun: "operations",
      goal: "≤ 1.2",
      notes: [
        `Two servers of PostgreSQL, a Weft before each. The tenant has ${rows} tasks and as many instances, each of the others ${neighbourRows}, and all of them worked at the same time: its rows stand among those of the others.`,
      ],
    });
  } finally {
    for (const { close } of houses) await close();
  }
}

interface House {
  readonly queues: QueueCompany;
  readonly lists: InstanceCompany;
  readonly close: () => Promise<void>;
}

async function openHouse(name: string, neighbours: number): Promise<House> {
  const site: Site = await startSite();
  const config = withDatabaseUrls(loadConfig({ ...site.env, PORT: "0" }), site.services.keys);
  const weft = await startWeft({ config, keys: site.services.keys, log: site.services.log });
  const owner = postgres(site.database.ownerUrl, { max: 1, onnotice: () => {} });
  const tenant = await openTenant(site.services, weft.url, "measured");
  const among = (what: "tasks" | "instances"): Sliced => ({
    slices,
    between: (tx, slice) => fillNeighbours(tx, { what, neighbours, each: neighbourRows / slices, slice }),
  });
  const lists = await openInstanceCompany(owner, tenant, { name, count: rows, sliced: among("instances") });
  const queues = await openQueueCompany(owner, tenant, { name, count: rows, sliced: among("tasks") });
  await settle(owner);
  const close = async (): Promise<void> => {
    await owner.end();
    await weft.stop();
    await site.remove();
  };
  return { queues, lists, close };
}

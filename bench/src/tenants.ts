import { loadConfig, withDatabaseUrls } from "@weft/platform/config";
import { startWeft } from "@weft/standalone";
import { postgres } from "@weft/pg-driver";
import { instanceOperations, type InstanceCompany, listsInTurn, openInstanceCompany } from "./harness/tenants/instance-company.js";
import { fillNeighbors } from "./harness/tenants/neighbors.js";
import { openQueueCompany, queueOperations, queuesInTurn, type QueueCompany } from "./harness/tenants/queue-company.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { openTenant, startSite, type Site } from "./harness/systems/services.js";
import { settle, type Sliced } from "@weft/testkit/cost/sliced";
import { compareSizes } from "./harness/two-sizes.js";

/** Number of rows of the measured tenant. */
const rows = 2000;
/** Number of rows of each other tenant. */
const neighborRows = 20;
/** The tenant's rows are written in this many slices, with its neighbors' rows in between. */
const slices = 20;

/** P6 over tenants: compares the lists and queues of a tenant that is alone in its database with those of one that shares it with 9,999 others. */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const neighbors = (quick ? 1000 : 10_000) - 1;
  const [alone, shared] = ["1 tenant", `${(neighbors + 1).toLocaleString("en")} tenants`];
  const houses = [await openHouse(alone, 0), await openHouse(shared, neighbors)] as const;
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
      return new Map([alone, shared].map((name) => [name, { ...queues.get(name), ...lists.get(name) }]));
    };
    await measure(4);
    return await compareSizes({
      title: "P6  lists and queues of a tenant that shares its database with others, in ms",
      names: [alone, shared],
      operations: [...Object.keys(queueOperations), ...Object.keys(instanceOperations)],
      measure: () => measure(quick ? 5 : 8),
      rounds: 3,
      noun: "operations",
      goal: "≤ 1.2",
      notes: [
        `Two servers of PostgreSQL, a Weft before each. The tenant has ${rows} tasks and as many instances, each of the others ${neighborRows}, and all of them worked at the same time: its rows stand among those of the others.`,
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

async function openHouse(name: string, neighbors: number): Promise<House> {
  const site: Site = await startSite();
  const config = withDatabaseUrls(loadConfig({ ...site.env, PORT: "0" }), site.services.keys);
  const weft = await startWeft({ config, keys: site.services.keys, log: site.services.log });
  const owner = postgres(site.database.ownerUrl, { max: 1, onnotice: () => {} });
  const tenant = await openTenant(site.services, weft.url, "measured");
  const among = (what: "tasks" | "instances"): Sliced => ({
    slices,
    between: (tx, slice) => fillNeighbors(tx, { what, neighbors, each: neighborRows / slices, slice }),
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

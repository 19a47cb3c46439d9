import type { Context } from "@weft/api/context";
import { type CostSum, sumCostsOfContracts, sumCostsOfProjects } from "./project-cost.store.js";

/** Loads the sum of the costs of a project. Null if there are none. All its costs have one currency. */
export function loadCostsOfProject(ctx: Context, projectId: string): Promise<CostSum | null> {
  const loader = ctx.loader<string, CostSum>(
    "vendors.costsOfProject",
    async (tx, ids) => new Map((await sumCostsOfProjects(tx, ids)).map((sum) => [sum.id, sum])),
  );
  return loader.load(projectId);
}

/** Loads the sum of the costs under a contract in a currency. */
export async function loadSpent(ctx: Context, contractId: string, currency: string): Promise<number> {
  const loader = ctx.loader<string, CostSum[]>("vendors.costsOfContract", async (tx, ids) =>
    Map.groupBy(await sumCostsOfContracts(tx, ids), ({ id }) => id),
  );
  return ((await loader.load(contractId)) ?? []).find((sum) => sum.currency === currency)?.amount ?? 0;
}

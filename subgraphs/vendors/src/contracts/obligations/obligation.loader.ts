import type { Context } from "@weft/api/context";
import { findObligationsOf } from "./obligation.store.js";
import { toObligation, type TrackedObligation } from "./obligation.type.js";

/** Loads the obligations of a contract, by day. One statement for all contracts of the response. */
export async function loadObligations(ctx: Context, contractId: string): Promise<readonly TrackedObligation[]> {
  const loader = ctx.loader<string, readonly TrackedObligation[]>("vendors.contractObligations", async (tx, ids) => {
    const byContract = Map.groupBy(await findObligationsOf(tx, ids), (row) => row.contractId);
    return new Map([...byContract].map(([id, rows]) => [id, rows.map(toObligation)]));
  });
  return (await loader.load(contractId)) ?? [];
}

import type { Context } from "@weft/api/context";
import { selectEscalationsOf } from "./escalation.store.js";
import { toEscalation, type Escalation } from "./escalation.type.js";

/** Loads the newest escalations of an instance. One statement for all instances of the response. */
export async function loadEscalationsOfInstance(ctx: Context, instanceId: string): Promise<Escalation[]> {
  const found = await ctx
    .loader<string, Escalation[]>("escalationsOfInstance", async (tx, ids) => {
      const rows = await selectEscalationsOf(tx, ctx.viewer, ids);
      return new Map(Map.groupBy(rows.map(toEscalation), (one) => one.instanceId));
    })
    .load(instanceId);
  return found ?? [];
}

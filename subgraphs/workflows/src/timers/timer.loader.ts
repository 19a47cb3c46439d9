import type { Context } from "@weft/api/context";
import { selectSetTimers } from "./timer.store.js";
import { toTimer, type WorkflowTimer } from "./timer.type.js";

/** Loads the set timers of an instance, next first. One statement for all instances of the response. */
export async function loadSetTimers(ctx: Context, instanceId: string): Promise<WorkflowTimer[]> {
  const { viewer } = ctx;
  const loader = ctx.loader<string, WorkflowTimer[]>("setTimers", async (tx, ids) => {
    const byInstance = Map.groupBy(await selectSetTimers(tx, viewer, ids), (row) => row.instanceId);
    return new Map([...byInstance].map(([id, rows]) => [id, rows.map(toTimer)]));
  });
  return (await loader.load(instanceId)) ?? [];
}

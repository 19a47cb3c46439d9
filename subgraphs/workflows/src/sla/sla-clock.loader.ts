import type { Context } from "@weft/api/context";
import { selectClocksOf, selectClocksOfRequests, selectClocksOfTasks } from "./sla-clock.store.js";
import { toSlaClock, type SlaClock } from "./sla-clock.type.js";

/** Loads the clocks of an instance that the viewer can see. A few statements for all instances of the response. */
export async function loadClocksOfInstance(ctx: Context, instanceId: string): Promise<SlaClock[]> {
  const found = await ctx
    .loader<string, SlaClock[]>("slaClocksOfInstance", async (tx, ids) => {
      const clocks = await selectClocksOf(tx, ids);
      return new Map(Map.groupBy(clocks.map(toSlaClock), (clock) => clock.instanceId));
    })
    .load(instanceId);
  return found ?? [];
}

/** Loads the clocks of a request's instance. Empty if the viewer cannot see the instance. A few statements for all requests of the response. */
export async function loadClocksOfRequest(ctx: Context, requestId: string): Promise<SlaClock[]> {
  const found = await ctx
    .loader<string, SlaClock[]>("slaClocksOfRequest", async (tx, ids) => {
      const clocks = await selectClocksOfRequests(tx, ctx.viewer, ids);
      const byRequest = Map.groupBy(clocks, (clock) => clock.requestId);
      return new Map([...byRequest].map(([id, ofRequest]) => [id, ofRequest.map(toSlaClock)]));
    })
    .load(requestId);
  return found ?? [];
}

/** Loads the clock of a task that the viewer can see; null: it has none. */
export function loadClockOfTask(ctx: Context, taskId: string): Promise<SlaClock | null> {
  return ctx
    .loader<string, SlaClock>("slaClockOfTask", async (tx, ids) => {
      const clocks = (await selectClocksOfTasks(tx, ids)).map(toSlaClock);
      return new Map(clocks.map((clock) => [clock.taskId ?? "", clock]));
    })
    .load(taskId);
}

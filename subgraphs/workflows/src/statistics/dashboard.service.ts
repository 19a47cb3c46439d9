import { workflows } from "@weft/drizzle";
import { readNow } from "@weft/engine";
import { effectiveConfigOf } from "@weft/platform/configuration";
import type { Context } from "@weft/api/context";
import { selectIntervals, timeOf } from "@weft/api/periods";
import { and, eq } from "drizzle-orm";
import { countWaitingTasks, type WaitingTasks } from "../tasks/task.counts.js";
import { Dashboard, type DashboardArgs } from "./dashboard.type.js";
import { readStatistics } from "./statistics.service.js";
import { compare } from "./totals.js";

const { instances } = workflows;

/** A dashboard, with what its tasks are counted by. */
export class CountedDashboard extends Dashboard {
  args!: DashboardArgs;
  tasks?: Promise<WaitingTasks>;
}

/** Counts instances: the unfinished ones now, and those that started or ended today. Errors: FORBIDDEN, QUERY_LIMIT_EXCEEDED. */
export async function readDashboard(ctx: Context, args: DashboardArgs, cursor: string | null): Promise<Dashboard> {
  const { timeZone } = await effectiveConfigOf(ctx.services, ctx.viewer.tenantId);
  const today = await ctx.read(async (tx) => {
    const now = Math.floor(Date.parse(await readNow(tx)) / 1_000);
    const [day] = await selectIntervals(tx, { from: now, to: now + 1 }, { timeZone, unit: "day" });
    return day?.start ?? now;
  });
  const { definitionKey = null, environment = null } = args;
  // From the first quarter of an hour of the day, however long the day is.
  const filter = { definitionKey, environment, from: timeOf(today), timeZone };
  const { totals, unfinished, states } = await readStatistics(ctx, filter, null);
  const sum = (status: "running" | "suspended" | "failed"): number => states.reduce((total, state) => total + state[status], 0);
  return Object.assign(new CountedDashboard(), {
    args,
    cursor,
    unfinished,
    running: sum("running"),
    suspended: sum("suspended"),
    failed: sum("failed"),
    states: states
      .filter(({ running, suspended, failed }) => running + suspended + failed > 0)
      .map(({ definitionKey: key, state, running, suspended, failed }) => ({ definitionKey: key, state, running, suspended, failed }))
      .toSorted((a, b) => compare(a.definitionKey, b.definitionKey) || compare(a.state, b.state)),
    startedToday: totals.started,
    completedToday: totals.completed,
    rejectedToday: totals.rejected,
    cancelledToday: totals.cancelled,
  });
}

/** Counts the tasks of a dashboard once, however many of its fields are selected. */
export function countTasks(ctx: Context, dashboard: CountedDashboard): Promise<WaitingTasks> {
  const { definitionKey = null, environment } = dashboard.args;
  const ofInstances = and(
    eq(instances.environment, environment ?? "PROD"),
    definitionKey === null ? undefined : eq(instances.definitionKey, definitionKey),
  );
  return (dashboard.tasks ??= countWaitingTasks(ctx, ofInstances));
}

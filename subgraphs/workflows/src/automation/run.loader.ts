import type { Context } from "@weft/shared";
import { selectRuns, selectRunSteps } from "./run.store.js";
import { toRun, toRunStep, type Run, type RunStep } from "./run.type.js";

/** Loads the runs of an instance, newest first. One statement for all instances of the response. */
export async function loadRuns(ctx: Context, instanceId: string): Promise<Run[]> {
  const { viewer } = ctx;
  const loader = ctx.loader<string, Run[]>("runs", async (tx, ids) => {
    const byInstance = Map.groupBy(await selectRuns(tx, viewer, ids), (row) => row.instanceId);
    return new Map([...byInstance].map(([id, rows]) => [id, rows.map(toRun)]));
  });
  return (await loader.load(instanceId)) ?? [];
}

/** Loads the steps of a run. One statement for all runs of the response. */
export async function loadRunSteps(ctx: Context, runId: string): Promise<RunStep[]> {
  const { viewer } = ctx;
  const loader = ctx.loader<string, RunStep[]>("runSteps", async (tx, ids) => {
    const byRun = Map.groupBy(await selectRunSteps(tx, viewer, ids), (row) => row.runId);
    return new Map([...byRun].map(([id, rows]) => [id, rows.map(toRunStep)]));
  });
  return (await loader.load(runId)) ?? [];
}

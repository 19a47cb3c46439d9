import { inputsOfStoredRun, machinesOf, type StateRun } from "@weft/engine";
import type { Context } from "@weft/api/context";
import { boundedInput } from "./input-budget.js";
import type { RunAttemptRow } from "./run-attempt.type.js";
import { selectAttempts, selectContinuing, selectRuns, selectRunsById, selectRunSteps } from "./run.store.js";
import { toRun, toRunStep, type Run, type RunRow, type RunStep } from "./run.type.js";

/** Loads the runs of an instance, newest first. One statement for all instances of the response. */
export async function loadRuns(ctx: Context, instanceId: string): Promise<Run[]> {
  const { viewer } = ctx;
  const loader = ctx.loader<string, Run[]>("runs", async (tx, ids) => {
    const byInstance = Map.groupBy(await selectRuns(tx, viewer, ids), (row) => row.instanceId);
    return new Map([...byInstance].map(([id, rows]) => [id, rows.map(toRun)]));
  });
  return (await loader.load(instanceId)) ?? [];
}

/** Loads runs by UUID. Null for those that the viewer cannot see. */
export function loadRun(ctx: Context, id: string): Promise<Run | null> {
  const { viewer } = ctx;
  return ctx
    .loader<string, Run>("run", async (tx, ids) => new Map((await selectRunsById(tx, viewer, ids)).map((row) => [row.id, toRun(row)])))
    .load(id);
}

/** Loads the run that continues another one. */
export function loadContinuing(ctx: Context, id: string): Promise<Run | null> {
  const { viewer } = ctx;
  return ctx
    .loader<string, Run>(
      "continuingRun",
      async (tx, ids) => new Map((await selectContinuing(tx, viewer, ids)).map((row) => [row.retriedFromId ?? "", toRun(row)])),
    )
    .load(id);
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

/** Loads the earlier attempts of a step of a visible run. One statement for all runs of the response. */
export async function loadAttempts(ctx: Context, { runId, step }: RunStep["row"]): Promise<RunAttemptRow[]> {
  const loader = ctx.loader<string, RunAttemptRow[]>("runAttempts", async (tx, ids) =>
    Map.groupBy(await selectAttempts(tx, ids), (row) => row.runId),
  );
  return ((await loader.load(runId)) ?? []).filter((one) => one.step === step);
}

/** Loads the steps of the definition of a run. Null if the definition can no longer be read. */
export async function loadStateRun(ctx: Context, row: Pick<RunRow, "definitionId" | "state">): Promise<StateRun | null> {
  const { tenantId } = ctx.viewer;
  const loader = ctx.loader("machineOfRun", (tx, ids: readonly string[]) => machinesOf(tx, tenantId, ids, ctx.computing));
  return (await loader.load(row.definitionId))?.states.get(row.state)?.run ?? null;
}

const inputsOfRuns = new WeakMap<Run, ReturnType<typeof inputsOfStoredRun>>();

/**
 * Loads the input of a step of a visible run. The values that all its steps read are put together once for each run of the response. The templates are
 * those of tenants, so they share the computing time of the operation, and the inputs the characters of the response.
 */
export async function loadStepInput(ctx: Context, { row }: RunStep): Promise<unknown> {
  const run = await loadRun(ctx, row.runId);
  const stateRun = run && (await loadStateRun(ctx, run.row));
  if (!run || !stateRun) return null;
  const steps = await loadRunSteps(ctx, row.runId);
  return boundedInput(ctx, (maxChars) => {
    const stored = (): ReturnType<typeof inputsOfStoredRun> =>
      inputsOfStoredRun({ stateRun, row: run.row, ownerId: run.row.ownerId, steps: steps.map((one) => one.row) });
    const inputOf = inputsOfRuns.get(run) ?? stored();
    inputsOfRuns.set(run, inputOf);
    return inputOf(row, maxChars);
  });
}

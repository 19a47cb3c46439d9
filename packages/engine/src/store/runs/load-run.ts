/** Reads runs, under their locks and those of their instances. */
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { newRun } from "../../core/automation/new-run.js";
import type { JsonObject } from "../../core/model/json.js";
import type { RunSnapshot, StepSnapshot } from "../../core/model/run.js";
import { findMachine } from "../definition/machines.js";
import { openIncident } from "../incidents/incidents.js";
import type { InstanceRead } from "../model/snapshot.js";
import { causedBy } from "./cause.js";
import { flushWrites } from "./held-writes.js";
import type { LoadedRun } from "./loaded-run.js";
import { runPlace } from "./run-incidents.js";
import { factsOf, lockRuns, snapshotOfStep, type LockedRun, type LockedStep } from "./runs.store.js";

/** Locks a run and reads it. Null: there is none, or its end has had its effect. */
export async function loadRun(
  tx: Tx,
  meta: WriteMeta,
  { runId }: { readonly instanceId: string; readonly runId: string },
): Promise<LoadedRun | null> {
  const [loaded] = await loadRuns(tx, meta, [runId], { skipLocked: false });
  return loaded ?? null;
}

/** Locks runs and reads them. Those that have ended, with the effect of that, are missing; see also `lockRuns`. */
export async function loadRuns(
  tx: Tx,
  meta: WriteMeta,
  runIds: readonly string[],
  options: { readonly skipLocked: boolean },
): Promise<LoadedRun[]> {
  await flushWrites(tx);
  const { now, isActive, instances, runs, stepsOf } = await lockRuns(tx, runIds, options);
  const loaded: LoadedRun[] = [];
  for (const row of runs) {
    const read = instances.get(row.instanceId);
    const machine = row.isReceived ? null : await findMachine(tx, meta.tenantId, row.definitionId);
    const stateRun = machine?.states.get(row.state)?.run;
    if (row.isReceived) continue;
    if (read && stateRun) loaded.push(loadedOf({ row, read, stateRun, steps: stepsOf.get(row.id) ?? [], now, isTenantActive: isActive }));
    else await becomeUnreadable(tx, meta, row, read);
  }
  return loaded;
}

async function becomeUnreadable(tx: Tx, meta: WriteMeta, row: LockedRun, read: InstanceRead | undefined): Promise<void> {
  const message = "The definition of the steps can no longer be read.";
  if (read?.head.status === "RUNNING")
    await openIncident(tx, causedBy(meta, row), row.instanceId, { kind: "DEFINITION", message, place: runPlace(row) });
}

/** What a loaded run is made of. */
type RunParts = Pick<LoadedRun, "row" | "stateRun" | "now" | "isTenantActive"> & {
  readonly read: InstanceRead;
  readonly steps: readonly LockedStep[];
};

/** Returns the run as it is in memory. */
export function loadedOf({ row, read, stateRun, steps: stepRows, now, isTenantActive }: RunParts): LoadedRun {
  const { ownerId, finishedAt, state } = read.head;
  const fresh = newRun(stateRun.graph, row.inputs as JsonObject, factsOf({ id: row.id, startedAt: row.createdAt, ownerId }));
  const steps = new Map<string, StepSnapshot>(fresh.steps);
  for (const step of stepRows) steps.set(step.step, snapshotOfStep(step));
  const run: RunSnapshot = {
    ...fresh,
    status: row.status as RunSnapshot["status"],
    ending: row.ending as RunSnapshot["ending"],
    outputs: row.outputs as JsonObject | null,
    steps,
  };
  const rows = new Map(stepRows.map((step) => [step.step, step]));
  const isCurrent = row.leftAt === null && finishedAt === null && state === row.state;
  return { row, head: read.head, stateRun, run, rows, read, isCurrent, isTenantActive, now, instanceNow: read.now };
}

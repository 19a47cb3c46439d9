/** What people do with runs that go on: pause, resume, and cancel them. */
import { Conflict } from "@weft/shared/errors";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { isEnded } from "../../core/automation/run-draft.js";
import type { RunEvent, RunStatus } from "../../core/model/run.js";
import { cancelInstance } from "../instance/cancel.js";
import { advanceRun } from "./advance-run.js";
import { loadRun } from "./load-run.js";
import { getRun, runRejected, type RunRequest } from "./find-run.js";
import type { LoadedRun } from "./loaded-run.js";
import { beginRun } from "./take-step.js";

export type RunChange = RunRequest & {
  /** Of the run. */
  readonly expectedVersion?: number | null | undefined;
};

/**
 * Lets no further step begin. Steps at work go on. A run that is paused only because its instance is suspended stays paused when the instance goes on.
 * Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (it is neither).
 */
export const pauseRun = (tx: Tx, meta: WriteMeta, change: RunChange): Promise<void> => changeRun(tx, meta, change, "pause");

/** Lets the steps of a paused run begin again. Errors: as `pauseRun`, and TRANSITION_REJECTED if its instance is suspended. */
export const resumeRun = (tx: Tx, meta: WriteMeta, change: RunChange): Promise<void> => changeRun(tx, meta, change, "resume");

async function changeRun(tx: Tx, meta: WriteMeta, change: RunChange, kind: "pause" | "resume"): Promise<void> {
  const loaded = await openRun(tx, meta, change);
  const { status } = loaded.run;
  if (kind === "resume" && loaded.head.status === "SUSPENDED")
    throw runRejected("The instance of the run is suspended. Resume the instance, which also resumes the run.");
  if (kind === "pause" && status === "PAUSED" && loaded.isCurrent && loaded.row.isSuspended) {
    await advanceRun(tx, meta, loaded, { events: [], isSuspended: false });
    return auditRun(tx, meta, loaded, { action: "run.pause", before: status, after: status });
  }
  // A run that has not begun is judged by its security profile first.
  const first = loaded.isCurrent && !loaded.row.hasBegun ? await beginRun(tx, meta, loaded) : { events: [] };
  const after = loaded.isCurrent
    ? await advanceRun(tx, meta, loaded, { ...first, events: [...first.events, { kind }], isSuspended: false })
    : null;
  if (after === null || isEnded(after.status))
    throw runRejected(`The run is ${status}. Only a run that is ${kind === "pause" ? "RUNNING" : "PAUSED"} can be ${kind}d.`);
  await auditRun(tx, meta, loaded, { action: `run.${kind}`, before: status, after: after.status });
}

/**
 * Stops a run: no further step begins, and steps at work are told to stop. The instance of an automation is canceled with it. The instance of another
 * workflow goes on as if the run had failed. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (it has ended or already stops).
 */
export async function cancelRun(
  tx: Tx,
  meta: WriteMeta,
  { comment, ...change }: RunChange & { readonly comment?: string | null },
): Promise<void> {
  const loaded = await openRun(tx, meta, change);
  const { run, row, stateRun } = loaded;
  if (run.status !== "RUNNING" && run.status !== "PAUSED") throw runRejected(`The run is ${run.status}, so it cannot be canceled.`);
  const before = run.status;
  const isAutomation = stateRun.graph.root === "inputs";
  if (isAutomation) await cancelInstance(tx, meta, { id: row.instanceId, comment: comment ?? null, actor: change.actor });
  const current = isAutomation ? await loadRun(tx, meta, { instanceId: row.instanceId, runId: row.id }) : loaded;
  const cancel: RunEvent[] = isAutomation ? [] : [{ kind: "cancel" }];
  const after = current && (await advanceRun(tx, meta, current, { events: cancel }));
  await auditRun(tx, meta, loaded, { action: "run.cancel", before, after: after?.status ?? before, comment: comment ?? null });
}

/** Locks the run and reads it. A run whose end has had its effect, or that can no longer be read, cannot be changed. */
async function openRun(tx: Tx, meta: WriteMeta, { expectedVersion, ...request }: RunChange): Promise<LoadedRun> {
  const { id, instanceId, status } = await getRun(tx, request, "workflow.cancel");
  const loaded = await loadRun(tx, meta, { instanceId, runId: id });
  if (!loaded) throw runRejected(`The run is ${status}, so it cannot be changed.`);
  const { version } = loaded.row;
  if (expectedVersion !== null && expectedVersion !== undefined && expectedVersion !== version)
    throw new Conflict(`The run has changed: its version is ${version}, not ${expectedVersion}. Read it again before you change it.`);
  return loaded;
}

type Audited = { readonly action: string; readonly before: RunStatus; readonly after: RunStatus; readonly comment?: string | null };

/** The instance itself may not change, so it has no version here. */
function auditRun(tx: Tx, meta: WriteMeta, { row }: LoadedRun, { action, before, after, comment }: Audited): Promise<void> {
  const image = (status: RunStatus) => ({ runId: row.id, runStatus: status });
  const ended = { ...image(after), ...(comment && { reason: comment }) };
  return writeAudit(tx, meta, [{ action, entityType: "instance", entityId: row.instanceId, before: image(before), after: ended }]);
}

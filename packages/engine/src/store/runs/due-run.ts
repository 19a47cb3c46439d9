/** What a worker does when a run itself is due, and what keeps it from doing the same in a loop. */
import { named, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { sql } from "drizzle-orm";
import { isUndecided } from "../../core/automation/compensations.js";
import { MAX_LOST } from "../../core/automation/failures.js";
import { advanceRun, runIsNotDue, type Advancing } from "./advance-run.js";
import type { LoadedRun } from "./loaded-run.js";
import { openStepIncident } from "./run-incidents.js";
import type { DueRun } from "./runs.store.js";

/** Seconds after which a run that cannot be read now, or a step that cannot be changed now, is due again. */
const LATER_SECONDS = 60;

/**
 * Begins the run, stops it if its state was left, and creates the incident of a step that has lost its worker too often, if that was not possible
 * before because the instance was suspended or had another incident.
 * @param first what begins it, if it has not begun
 */
export async function continueDueRun(tx: Tx, meta: WriteMeta, loaded: LoadedRun, first: Advancing): Promise<void> {
  const { row, run } = loaded;
  const advanced = await advanceRun(tx, meta, loaded, first);
  if (advanced !== null) return;
  await runIsNotDue(tx, row.id);
  const parked = [...run.steps.values()].find((step) => isUndecided(step) || (step.isParked && step.status === "WAITING"));
  if (!parked || !loaded.isCurrent) return;
  const message = isUndecided(parked) ? "The step could not be undone." : (parked.error?.message ?? lostMessage(MAX_LOST));
  await openStepIncident(tx, meta, row, parked.id, message);
}

const lostMessage = (times: number): string =>
  `The worker of the step was lost ${times} times. The step probably ends its worker, so it waits until somebody decides.`;

/** Makes a due run or step due later. Without this, what cannot be done now would be found due again at once, forever. */
export async function postponeDue(tx: Tx, { runId, step }: DueRun): Promise<void> {
  const later = sql`clock_timestamp() + make_interval(secs => ${LATER_SECONDS}::int)`;
  const statement =
    step === null
      ? // What has ended and was received is due for nothing.
        sql`update workflows.runs set due_at = case when is_received then null else ${later} end
             where tenant_id = app.tenant() and id = ${runId}::uuid and due_at <= clock_timestamp()`
      : sql`update workflows.run_steps set due_at = case when due_at is not null then ${later} end, offered_at = case when offered_at is not null then ${later} end
             where tenant_id = app.tenant() and run_id = ${runId}::uuid and step = ${step} and coalesce(due_at, offered_at) <= clock_timestamp()`;
  await tx.execute(named("postponeDue", statement));
}

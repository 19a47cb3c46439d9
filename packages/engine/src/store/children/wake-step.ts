import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";
import type { StepRule } from "../../core/automation/child-runs.js";

/** The attempt of a step that has started an instance. `instanceVersion`: of the parent when it entered the state of the run. */
export type WaitingParent = StepRule & { readonly attempt: number; readonly instanceId: string; readonly instanceVersion: number };

/**
 * Makes a waiting step due, so that a worker looks at what it waited for. Nothing happens if the attempt no longer waits. The caller holds the lock of
 * the run's instance, under which every write of the run happens.
 */
export async function wakeStep(tx: Tx, { instanceId, instanceVersion, step, attempt, isCompensation }: WaitingParent): Promise<void> {
  const isWaiting = isCompensation
    ? sql`s.compensation = 'RUNNING' and s.compensation_attempt = ${attempt}::int`
    : sql`s.status = 'WAITING' and not s.is_parked and s.attempt = ${attempt}::int`;
  await tx.execute(
    named(
      "wakeStep",
      sql`update workflows.run_steps s set due_at = clock_timestamp() from workflows.runs r
       where r.tenant_id = app.tenant() and r.instance_id = ${instanceId}::uuid and r.instance_version = ${instanceVersion}::int
         and s.tenant_id = r.tenant_id and s.run_id = r.id and s.step = ${step} and s.lease_token is null and ${isWaiting}`,
    ),
  );
}

import { automation } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { and, eq, sql } from "drizzle-orm";
import { openIncident } from "../incidents/incidents.js";
import { runPlace } from "./run-incidents.js";

const { runs } = automation;

/** Stops the instance of a run that cannot be worked on, again and again, until somebody has looked at it. An instance that has stopped stays as it is. */
export async function stopUnworkableRun(tx: Tx, meta: WriteMeta, runId: string): Promise<void> {
  const [run] = await named(
    "findUnworkableRun",
    tx
      .select({ instanceId: runs.instanceId, state: runs.state })
      .from(runs)
      .where(and(eq(runs.tenantId, sql`app.tenant()`), eq(runs.id, runId))),
  );
  if (!run) return;
  const message = "The steps cannot be worked on. See the log of the worker for the cause. They are tried again from time to time.";
  await openIncident(tx, meta, run.instanceId, { kind: "JOB", message, place: runPlace(run) });
}

/** Lets the steps that can begin be worked on at once, which `postponeRun` lets wait. Leases stay: some may have been extended since. */
export async function endPostponement(tx: Tx, runId: string): Promise<void> {
  const statement = sql`with locked as materialized (
      select r.tenant_id, r.id from workflows.runs r
       where r.tenant_id = app.tenant() and r.id = ${runId}::uuid and r.failed_transactions > 0 for update
    )
    update workflows.run_steps s set due_at = case when s.due_at is not null then clock_timestamp() end,
           offered_at = case when s.offered_at is not null then clock_timestamp() end from locked l
     where s.tenant_id = app.tenant() and s.run_id = l.id and (s.status = 'READY' or s.compensation = 'READY')
       and coalesce(s.due_at, s.offered_at) > clock_timestamp() and (s.not_before is null or s.not_before <= clock_timestamp())`;
  await tx.execute(named("endPostponement", statement));
}

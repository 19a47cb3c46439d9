import { automation } from "@weft/drizzle";
import { named, type Tx, type WriteMeta } from "@weft/shared";
import { and, eq, sql } from "drizzle-orm";
import { openIncident } from "../incidents/incidents.js";

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
  await openIncident(tx, meta, run.instanceId, { kind: "JOB", message, place: `states.${run.state}.run` });
}

/** The resolution of an incident, with what it means for the steps of the instance: those that wait for a decision, and a run that has failed. */
import { automation, workflows } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { and, desc, eq, inArray, isNull, sql } from "drizzle-orm";
import { resolveIncident as resolveInInstance, type Resolving } from "../incidents/incidents.js";
import type { InstanceHead } from "../model/instance-head.js";
import { findInstances } from "../model/snapshot.js";
import { advanceRun } from "./advance-run.js";
import { loadRun } from "./load-run.js";
import { STEPS } from "./receive-end.js";
import { runPlace } from "./run-incidents.js";
import { continueInPlace } from "./continue-run.js";
import { endPostponement } from "./unworkable.js";

const { runs } = automation;
const { incidents } = workflows;

/**
 * Resolves an incident as `incidents` does. If it is one of steps that have lost their workers too often, miss a key, or could not be undone, RETRY lets
 * them be tried again, and SKIP lets them fail, with everything that follows. If it is one of a run that has failed, RETRY starts another run that
 * continues it. If it is one of a run that could not be worked on, its steps need not wait for the next try.
 */
export async function resolveIncident(tx: Tx, meta: WriteMeta, request: Resolving): Promise<InstanceHead> {
  const head = await resolveInInstance(tx, meta, request);
  const { action } = request;
  if ((action !== "RETRY" && action !== "SKIP") || head.status !== "RUNNING") return head;
  const run = await findRunOfIncident(tx, request.id);
  if (run === null) return head;
  if (run.place === `integrations.${STEPS}`) {
    const hasFailed = run.status === "FAILED" || run.status === "CANCELLED";
    if (action === "RETRY" && hasFailed) await continueInPlace(tx, meta, run);
    return head;
  }
  if (run.place === runPlace(run)) {
    await endPostponement(tx, run.runId);
    return head;
  }
  const loaded = run.place.startsWith(`${runPlace(run)}.`) ? await loadRun(tx, meta, run) : null;
  const parked = [...(loaded?.run.steps.values() ?? [])].filter(({ isParked }) => isParked);
  if (!loaded || parked.length === 0) return head;
  const events = parked.map(({ id, attempt }) => ({ kind: "resolved" as const, step: id, attempt, isRetried: action === "RETRY" }));
  await advanceRun(tx, meta, loaded, { events });
  // The failure of a step can have ended the run, and so moved the instance.
  const [after] = await findInstances(tx, [head.id]);
  return after?.head ?? head;
}

/** Returns the run that is current in the instance of the incident, and the place that the incident names. */
async function findRunOfIncident(tx: Tx, incidentId: string) {
  const [found] = await named(
    "findRunOfIncident",
    tx
      .select({ runId: runs.id, instanceId: runs.instanceId, state: runs.state, status: runs.status, place: incidents.place })
      .from(incidents)
      .innerJoin(runs, and(eq(runs.tenantId, incidents.tenantId), eq(runs.instanceId, incidents.instanceId)))
      .where(
        and(
          eq(incidents.tenantId, sql`app.tenant()`),
          eq(incidents.id, incidentId),
          isNull(runs.leftAt),
          inArray(runs.status, ["RUNNING", "PAUSED", "STOPPING", "COMPENSATING", "FAILED", "CANCELLED"]),
        ),
      )
      .orderBy(desc(runs.instanceVersion))
      .limit(1),
  );
  return found ?? null;
}

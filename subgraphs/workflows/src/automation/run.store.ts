import { automation, workflows } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { visibleObjects } from "@weft/platform/access";
import { among, named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, asc, count, desc, eq, getTableColumns, sql, type SQL } from "drizzle-orm";
import type { RunAttemptRow } from "./run-attempt.type.js";
import type { RunRow, RunStepRow } from "./run.type.js";

const { runAttempts, runs, runSteps } = automation;
const { instances } = workflows;

/** The instance of a run. */
export const ofInstance = and(eq(instances.tenantId, runs.tenantId), eq(instances.id, runs.instanceId));

/** Users who can read the instance can read its runs. */
export const visibleRuns = (viewer: Viewer): SQL => visibleObjects("instance", viewer, "workflow.read");

const withInstances = (tx: Tx) =>
  tx
    .select({
      ...getTableColumns(runs),
      subjectType: instances.subjectType,
      definitionKey: instances.definitionKey,
      ownerId: instances.ownerId,
    })
    .from(runs)
    .innerJoin(instances, ofInstance);

/** Returns the runs of instances that the viewer can see, newest first. */
export const selectRuns = (tx: Tx, viewer: Viewer, instanceIds: readonly string[]): Promise<RunRow[]> =>
  named(
    "selectRuns",
    withInstances(tx)
      .where(and(among(runs.instanceId, instanceIds), visibleRuns(viewer)))
      .orderBy(desc(runs.id)),
  );

export const selectRunsById = (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<RunRow[]> =>
  named("selectRunsById", withInstances(tx).where(and(among(runs.id, ids), visibleRuns(viewer))));

export async function findRun(tx: Tx, viewer: Viewer, id: string): Promise<RunRow | null> {
  const [row] = await named("findRun", withInstances(tx).where(and(eq(runs.id, id), visibleRuns(viewer))));
  return row ?? null;
}

export const selectRunPage = (tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<RunRow[]> =>
  named(
    "selectRunPage",
    withInstances(tx)
      .where(and(where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );

/** Returns the oldest of the runs that fulfill the condition. */
export const selectOldestRuns = (tx: Tx, where: SQL | undefined, limit: number): Promise<RunRow[]> =>
  named("selectOldestRuns", withInstances(tx).where(where).orderBy(asc(runs.id)).limit(limit));

export async function countRuns(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named("countRuns", tx.select({ count: count() }).from(runs).innerJoin(instances, ofInstance).where(where));
  return row?.count ?? 0;
}

/** Returns the runs that continue others, if the viewer can see them. */
export const selectContinuing = (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<RunRow[]> =>
  named("selectContinuing", withInstances(tx).where(and(among(runs.retriedFromId, ids), visibleRuns(viewer))));

/** Returns the steps of runs that the viewer can see, in the order in which they came to exist. */
export const selectRunSteps = (tx: Tx, viewer: Viewer, runIds: readonly string[]): Promise<RunStepRow[]> =>
  named(
    "selectRunSteps",
    tx
      .select(getTableColumns(runSteps))
      .from(runSteps)
      .innerJoin(runs, and(eq(runs.tenantId, runSteps.tenantId), eq(runs.id, runSteps.runId)))
      .innerJoin(instances, ofInstance)
      .where(and(among(runSteps.runId, runIds), visibleRuns(viewer)))
      .orderBy(runSteps.id),
  );

/** Returns the attempts of many visible runs that another one follows. */
export const selectAttempts = (tx: Tx, runIds: readonly string[]): Promise<RunAttemptRow[]> =>
  named(
    "selectAttempts",
    tx
      .select()
      .from(runAttempts)
      .where(and(eq(runAttempts.tenantId, sql`app.tenant()`), among(runAttempts.runId, runIds))),
  );

/** Marks a run that goes on as watched. Returns the version of its instance; null if it has ended or is watched already. */
export async function markWatched(tx: Tx, id: string): Promise<number | null> {
  const [row] = await tx.execute<{ version: number }>(
    named(
      "markRunWatched",
      sql`update workflows.runs r set is_watched = true from workflows.instances i
        where r.tenant_id = app.tenant() and r.id = ${id}::uuid and r.finished_at is null and not r.is_watched
          and i.tenant_id = r.tenant_id and i.id = r.instance_id
      returning i.version`,
    ),
  );
  return row?.version ?? null;
}

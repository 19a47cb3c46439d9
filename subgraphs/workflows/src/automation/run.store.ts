import { automation, workflows } from "@weft/drizzle";
import { among, named, visibleObjects, type Tx, type Viewer } from "@weft/shared";
import { and, desc, eq, getTableColumns } from "drizzle-orm";
import type { RunRow, RunStepRow } from "./run.type.js";

const { runs, runSteps } = automation;
const { instances } = workflows;

/** Returns the runs of instances that the viewer can see, newest first. */
export const selectRuns = (tx: Tx, viewer: Viewer, instanceIds: readonly string[]): Promise<RunRow[]> =>
  named(
    "selectRuns",
    tx
      .select(getTableColumns(runs))
      .from(runs)
      .innerJoin(instances, and(eq(instances.tenantId, runs.tenantId), eq(instances.id, runs.instanceId)))
      .where(and(among(runs.instanceId, instanceIds), visibleObjects("instance", viewer, "workflow.read")))
      .orderBy(desc(runs.id)),
  );

/** Returns the steps of runs that the viewer can see, in the order in which they came to exist. */
export const selectRunSteps = (tx: Tx, viewer: Viewer, runIds: readonly string[]): Promise<RunStepRow[]> =>
  named(
    "selectRunSteps",
    tx
      .select(getTableColumns(runSteps))
      .from(runSteps)
      .innerJoin(runs, and(eq(runs.tenantId, runSteps.tenantId), eq(runs.id, runSteps.runId)))
      .innerJoin(instances, and(eq(instances.tenantId, runs.tenantId), eq(instances.id, runs.instanceId)))
      .where(and(among(runSteps.runId, runIds), visibleObjects("instance", viewer, "workflow.read")))
      .orderBy(runSteps.id),
  );

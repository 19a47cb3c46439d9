import { automation, workflows } from "@weft/drizzle";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { visibleObjects } from "@weft/platform/access";
import { named, planForValues, type Tx } from "@weft/platform/db";
import { and, asc, count, eq, sql, type SQL } from "drizzle-orm";
import type { Target } from "../../bulk/create-operation.js";
import { ofInstance, visibleRuns } from "../run.store.js";

const { runs } = automation;
const { instances } = workflows;

/** Whether another run continues it. */
export const isContinued = sql<boolean>`exists (select from workflows.runs later
  where later.tenant_id = app.tenant() and later.retried_from_id = ${runs.id})`;

/** Runs that match the condition, that the viewer can reach with the permission, and that the viewer can see. */
export const targetRunsWhere = (viewer: Viewer, permission: Permission, where: SQL | undefined): SQL | undefined =>
  and(visibleObjects("instance", viewer, permission), visibleRuns(viewer), where);

/** Returns the oldest of these runs, up to the limit. */
export async function selectTargetRuns(tx: Tx, where: SQL | undefined, limit: number): Promise<Target[]> {
  await planForValues(tx);
  return named(
    "selectTargetRuns",
    tx
      .select({ id: instances.id, version: instances.version, runId: runs.id })
      .from(runs)
      .innerJoin(instances, ofInstance)
      .where(where)
      .orderBy(asc(runs.id))
      .limit(limit),
  );
}

export interface RunCount {
  readonly status: string;
  readonly isContinued: boolean;
  readonly count: number;
}

/** Returns how many of these runs have each status. */
export async function countTargetRuns(tx: Tx, where: SQL | undefined): Promise<RunCount[]> {
  await planForValues(tx);
  const rows = tx
    .select({ status: runs.status, isContinued: isContinued.as("is_continued") })
    .from(runs)
    .innerJoin(instances, ofInstance);
  const found = rows.where(where).as("found");
  return named(
    "countTargetRuns",
    tx
      .select({ status: found.status, isContinued: found.isContinued, count: count() })
      .from(found)
      .groupBy(found.status, found.isContinued),
  );
}

/** Returns the IDs of those of the runs that fulfill the condition. */
export const selectFoundIds = (tx: Tx, where: SQL | undefined): Promise<{ readonly id: string }[]> =>
  named("selectFoundRuns", tx.select({ id: runs.id }).from(runs).innerJoin(instances, ofInstance).where(where));

/** Returns the version of an instance. */
export async function selectInstanceVersion(tx: Tx, id: string): Promise<number> {
  const [row] = await named("selectInstanceVersion", tx.select({ version: instances.version }).from(instances).where(eq(instances.id, id)));
  return row?.version ?? 0;
}

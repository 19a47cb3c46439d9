import { type BaselineSnapshot, scope } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { and, asc, desc, eq, sql } from "drizzle-orm";

const { projectBaselines: baselines, projectBaselineTasks: baselineTasks } = scope;

export type BaselineRow = typeof baselines.$inferSelect;
export type BaselineTaskRow = typeof baselineTasks.$inferSelect;

/** Baselines of a project that are listed. */
const maxListed = 100;

/** Returns the baselines of projects that the caller has found visible, the newest first, at most 100 of each, and the current one in any case. */
export const findBaselines = (tx: Tx, projectIds: readonly string[]): Promise<BaselineRow[]> =>
  named(
    "findBaselines",
    tx
      .select()
      .from(baselines)
      .where(
        and(
          among(baselines.projectId, projectIds),
          sql`(${baselines.isCurrent} or ${baselines.number} > (select max(b.number) - ${maxListed} from vendors.project_baselines b
            where b.tenant_id = ${baselines.tenantId} and b.project_id = ${baselines.projectId}))`,
        ),
      )
      .orderBy(desc(baselines.number)),
  );

/** Returns the tasks of baselines, in the order of their plans. */
export const findBaselineTasks = (tx: Tx, baselineIds: readonly string[]): Promise<BaselineTaskRow[]> =>
  named(
    "findBaselineTasks",
    tx.select().from(baselineTasks).where(among(baselineTasks.baselineId, baselineIds)).orderBy(asc(baselineTasks.place)),
  );

export async function selectBaseline(tx: Tx, id: string): Promise<BaselineRow | null> {
  const [row] = await named("selectBaseline", tx.select().from(baselines).where(eq(baselines.id, id)));
  return row ?? null;
}

/** Writes a baseline of a project that the caller has locked, and makes it the current one. Returns its ID. */
export async function insertBaseline(
  tx: Tx,
  projectId: string,
  createdBy: string,
  snapshot: BaselineSnapshot & { readonly planVersion: number; readonly scopeNumber: number | null },
): Promise<string> {
  const [row] = await tx.execute<{ id: string }>(
    named(
      "insertBaseline",
      sql`select vendors.set_baseline(app.tenant(), ${projectId}::uuid, ${createdBy}::uuid, ${JSON.stringify(snapshot)}::text::jsonb) as id`,
    ),
  );
  if (!row) throw new Error("vendors.set_baseline returned no row.");
  return row.id;
}

/** Makes a baseline the current one of its project, which the caller has locked. In two statements, because only one row can be current at any time. */
export async function makeCurrent(tx: Tx, { id, projectId }: Pick<BaselineRow, "id" | "projectId">): Promise<void> {
  const nextVersion = sql`${baselines.version} + 1`;
  const current = and(eq(baselines.projectId, projectId), eq(baselines.isCurrent, true));
  await named("unsetCurrentBaseline", tx.update(baselines).set({ isCurrent: false, version: nextVersion }).where(current));
  await named("setCurrentBaseline", tx.update(baselines).set({ isCurrent: true, version: nextVersion }).where(eq(baselines.id, id)));
}

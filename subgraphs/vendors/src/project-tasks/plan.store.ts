import { vendors as tables } from "@weft/drizzle";
import { insertedRow, named, type Tx } from "@weft/platform/db";
import { eq, sql } from "drizzle-orm";

const { projectPlans } = tables;

export type ProjectPlanRow = typeof projectPlans.$inferSelect;
export type PlanChanges = Partial<Pick<ProjectPlanRow, "calendar" | "direction" | "startAt" | "finishAt">>;

/**
 * Increments the version of a project's plan, and locks the plan until the transaction ends. Every change of the tasks or dependencies begins with this:
 * without the lock, two concurrent changes could together make a cycle, or a tree that is too deep.
 */
export const lockPlan = (tx: Tx, projectId: string, changes: PlanChanges = {}): Promise<ProjectPlanRow> =>
  insertedRow(
    named(
      "lockPlan",
      tx
        .insert(projectPlans)
        .values({ tenantId: sql`app.tenant()`, projectId, ...changes })
        .onConflictDoUpdate({
          target: [projectPlans.tenantId, projectPlans.projectId],
          set: { ...changes, version: sql`${projectPlans.version} + 1`, updatedAt: sql`now()` },
        })
        .returning(),
    ),
  );

/** Locks a plan against changes until the transaction ends, without changing it. The caller has locked the project, so that no plan is created meanwhile. */
export async function holdPlan(tx: Tx, projectId: string): Promise<void> {
  const query = tx.select({ version: projectPlans.version }).from(projectPlans).where(eq(projectPlans.projectId, projectId)).for("share");
  await named("holdPlan", query);
}

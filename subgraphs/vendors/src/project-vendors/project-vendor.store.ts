import { vendors as tables } from "@weft/drizzle";
import { among, insertedRow, named, type Tx } from "@weft/platform/db";
import { and, eq, isNull, sql } from "drizzle-orm";

const { projectVendors } = tables;

export type ProjectVendorRow = typeof projectVendors.$inferSelect;

/** Returns the vendors of projects that were already checked to be visible, in the order of their assignments. */
export const findProjectVendors = (tx: Tx, projectIds: readonly string[], includeEnded: boolean): Promise<ProjectVendorRow[]> =>
  named(
    "findProjectVendors",
    tx
      .select()
      .from(projectVendors)
      .where(and(among(projectVendors.projectId, projectIds), includeEnded ? undefined : isNull(projectVendors.endedAt)))
      .orderBy(projectVendors.assignedAt, projectVendors.id),
  );

export const insertProjectVendor = (tx: Tx, row: Omit<typeof projectVendors.$inferInsert, "assignedAt">): Promise<ProjectVendorRow> =>
  insertedRow(
    named(
      "insertProjectVendor",
      tx
        .insert(projectVendors)
        .values({ ...row, assignedAt: sql`app.weft_now()` })
        .returning(),
    ),
  );

/** Ends an assignment. Its row stays as history. */
export const endProjectVendor = (tx: Tx, id: string, endedBy: string): Promise<ProjectVendorRow> =>
  insertedRow(
    named(
      "endProjectVendor",
      tx
        .update(projectVendors)
        .set({ endedBy, endedAt: sql`app.weft_now()` })
        .where(eq(projectVendors.id, id))
        .returning(),
    ),
  );

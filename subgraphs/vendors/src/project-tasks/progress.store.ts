import { vendors as tables } from "@weft/drizzle";
import { insertedRow, named, type Tx } from "@weft/platform/db";
import { type KeysetSlice, rowsOfEach } from "@weft/api/pages";
import { count, eq } from "drizzle-orm";

const { projectTaskReports: reports } = tables;

export type ReportRow = typeof reports.$inferSelect;

export const insertReport = (tx: Tx, values: typeof reports.$inferInsert): Promise<ReportRow> =>
  insertedRow(named("insertReport", tx.insert(reports).values(values).returning()));

export async function selectReport(tx: Tx, id: string): Promise<ReportRow> {
  const [row] = await named("selectReport", tx.select().from(reports).where(eq(reports.id, id)));
  if (row === undefined) throw new Error(`The report ${id} was written but cannot be read.`);
  return row;
}

/** Returns at most `slice.limit` reports of each task, in the slice's order. */
export function listReportsOfTasks(tx: Tx, taskIds: readonly string[], slice: KeysetSlice): Promise<ReportRow[]> {
  return rowsOfEach(tx, "listReportsOfTasks", reports, { parent: reports.taskId, parentIds: taskIds, slice });
}

export async function countReports(tx: Tx, taskId: string): Promise<number> {
  const [row] = await named("countReports", tx.select({ count: count() }).from(reports).where(eq(reports.taskId, taskId)));
  return row?.count ?? 0;
}

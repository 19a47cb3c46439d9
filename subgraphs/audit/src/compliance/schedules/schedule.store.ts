import { compliance } from "@weft/drizzle";
import { reachesAll, type Viewer } from "@weft/shared/viewer";
import { among, countRows, dueInTrueTime, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, asc, eq, type SQL, sql } from "drizzle-orm";
import type { ReportScheduleRow } from "./schedule.type.js";

const { complianceReportSchedules } = compliance;

/** Schedules are visible to those who can read all reports. */
export const visibleSchedules = (viewer: Viewer): SQL => (reachesAll(viewer, "complianceReport.read") ? sql`true` : sql`false`);

/** Returns those of the given IDs that the viewer can see, in any order. */
export const findSchedules = (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<ReportScheduleRow[]> =>
  named(
    "findReportSchedules",
    tx
      .select()
      .from(complianceReportSchedules)
      .where(and(among(complianceReportSchedules.id, ids), visibleSchedules(viewer))),
  );

export const countSchedules = (tx: Tx): Promise<number> =>
  countRows(tx, { name: "countReportSchedules", table: complianceReportSchedules, where: undefined });

export const insertSchedule = (tx: Tx, values: typeof complianceReportSchedules.$inferInsert): Promise<ReportScheduleRow> =>
  insertedRow(named("insertReportSchedule", tx.insert(complianceReportSchedules).values(values).returning()));

/** Deletes a schedule. Null if there is none. */
export async function deleteScheduleRow(tx: Tx, id: string): Promise<ReportScheduleRow | null> {
  const query = tx.delete(complianceReportSchedules).where(eq(complianceReportSchedules.id, id)).returning();
  const [row] = await named("deleteReportSchedule", query);
  return row ?? null;
}

/** The two searches of due schedules. */
export const dueSchedules = dueInTrueTime({ name: "ReportSchedule", dueAt: complianceReportSchedules.nextAt });

/** Locks the schedule that has been due longest until commit, unless another transaction has locked it. With the time. */
export async function lockDueSchedule(tx: Tx): Promise<{ readonly row: ReportScheduleRow; readonly now: string } | null> {
  const query = tx
    .select({ row: complianceReportSchedules, now: sql<string>`now()` })
    .from(complianceReportSchedules)
    .where(sql`${complianceReportSchedules.nextAt} <= now()`)
    .orderBy(asc(complianceReportSchedules.nextAt))
    .limit(1)
    .for("update", { skipLocked: true });
  const [found] = await named("lockDueReportSchedule", query);
  return found ?? null;
}

/** Locks a schedule until commit. */
export async function lockSchedule(tx: Tx, id: string): Promise<ReportScheduleRow | null> {
  const query = tx.select().from(complianceReportSchedules).where(eq(complianceReportSchedules.id, id)).for("update");
  const [row] = await named("lockReportSchedule", query);
  return row ?? null;
}

export const updateSchedule = (
  tx: Tx,
  id: string,
  changes: Partial<Pick<ReportScheduleRow, "nextAt" | "message" | "reportedTo">>,
): Promise<ReportScheduleRow | null> =>
  writtenRow(
    named(
      "updateReportSchedule",
      tx
        .update(complianceReportSchedules)
        .set({ ...changes, ...nextVersion(complianceReportSchedules) })
        .where(eq(complianceReportSchedules.id, id))
        .returning(),
    ),
  );

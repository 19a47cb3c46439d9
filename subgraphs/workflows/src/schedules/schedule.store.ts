import { schedules as tables } from "@weft/drizzle";
import { among, atVersion, countRows, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { eq, sql } from "drizzle-orm";

const { schedules } = tables;

export type ScheduleRow = typeof schedules.$inferSelect;
export type NewSchedule = typeof schedules.$inferInsert;

export const selectSchedules = (tx: Tx, ids: readonly string[]): Promise<ScheduleRow[]> =>
  named("selectSchedules", tx.select().from(schedules).where(among(schedules.id, ids)));

/** Returns the schedule and locks it, so that no worker processes it until commit. */
export async function lockSchedule(tx: Tx, id: string): Promise<ScheduleRow | null> {
  const [row] = await named("lockSchedule", tx.select().from(schedules).where(eq(schedules.id, id)).for("update"));
  return row ?? null;
}

/** Returns the number of schedules. No other transaction can add one until this one ends. */
export async function lockCount(tx: Tx): Promise<number> {
  await tx.execute(named("lockScheduleCount", sql`select pg_advisory_xact_lock(hashtextextended('weft.schedules.' || app.tenant(), 0))`));
  return countRows(tx, { name: "countAllSchedules", table: schedules, where: undefined });
}

export const insertSchedule = (tx: Tx, values: NewSchedule): Promise<ScheduleRow> =>
  insertedRow(named("insertSchedule", tx.insert(schedules).values(values).returning()));

/** Changes a locked schedule. */
export async function updateSchedule(tx: Tx, { id, version }: ScheduleRow, changes: Partial<NewSchedule>): Promise<ScheduleRow> {
  const query = tx
    .update(schedules)
    .set({ ...changes, ...nextVersion(schedules), updatedAt: sql`app.weft_now()` })
    .where(atVersion(schedules, id, version))
    .returning();
  const row = await writtenRow(named("updateSchedule", query));
  if (!row) throw new Error("A locked schedule has changed.");
  return row;
}

export const removeSchedule = (tx: Tx, id: string): Promise<unknown> =>
  named("removeSchedule", tx.delete(schedules).where(eq(schedules.id, id)));

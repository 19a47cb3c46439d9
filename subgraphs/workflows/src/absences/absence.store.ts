import { workflows } from "@weft/drizzle";
import { Conflict } from "@weft/shared/errors";
import { reachesAll, type Viewer } from "@weft/shared/viewer";
import { among, named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, count, eq, gt, or, sql, type SQL } from "drizzle-orm";

const { absences } = workflows;

/** Row of an absence. */
export type AbsenceRow = typeof absences.$inferSelect;

/** Absences visible to a viewer: their own, those for which they are the substitute, and all if they can assign tasks. */
export const visible = (viewer: Viewer): SQL | undefined =>
  reachesAll(viewer, "task.assign") ? undefined : or(eq(absences.userId, viewer.userId), eq(absences.substituteId, viewer.userId));

/** Absences that a viewer can change: their own, and all if they can assign tasks. */
const changeable = (viewer: Viewer): SQL | undefined =>
  reachesAll(viewer, "task.assign") ? undefined : eq(absences.userId, viewer.userId);

export async function findAbsence(tx: Tx, viewer: Viewer, id: string): Promise<AbsenceRow | null> {
  const [row] = await named(
    "findAbsence",
    tx
      .select()
      .from(absences)
      .where(and(eq(absences.id, id), visible(viewer))),
  );
  return row ?? null;
}

export function selectAbsences(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<AbsenceRow[]> {
  return named(
    "selectAbsences",
    tx
      .select()
      .from(absences)
      .where(and(among(absences.id, ids), visible(viewer))),
  );
}

/** Includes the tenant's time. */
export async function findAbsenceToChange(tx: Tx, viewer: Viewer, id: string): Promise<{ row: AbsenceRow; now: string } | null> {
  const query = tx.select({ row: absences, now: sql<string>`app.weft_now()` }).from(absences);
  const [found] = await named("findAbsenceToChange", query.where(and(eq(absences.id, id), changeable(viewer))));
  return found ?? null;
}

export function selectAbsencePage(tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<AbsenceRow[]> {
  return named(
    "selectAbsencePage",
    tx
      .select()
      .from(absences)
      .where(and(where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );
}

export const countAbsences = (tx: Tx, where: SQL | undefined): Promise<number> => tx.$count(absences, where);

/** Returns the tenant's time, and the number of a user's absences that are not over. */
export async function countOpenAbsences(tx: Tx, userId: string): Promise<{ now: string; open: number }> {
  const [row] = await named(
    "countOpenAbsences",
    tx
      .select({ now: sql<string>`to_jsonb(app.weft_now()) #>> '{}'`, open: count() })
      .from(absences)
      .where(and(eq(absences.userId, userId), gt(absences.endsAt, sql`app.weft_now()`))),
  );
  if (!row) throw new Error("count query returned no row");
  return row;
}

export async function insertAbsence(tx: Tx, row: typeof absences.$inferInsert): Promise<AbsenceRow> {
  const [inserted] = await named("insertAbsence", tx.insert(absences).values(row).returning());
  if (!inserted) throw new Error("insert returned no row");
  return inserted;
}

export type AbsenceChanges = Partial<Pick<AbsenceRow, "substituteId" | "startsAt" | "endsAt" | "note">>;

/** Fails with CONFLICT if another request changed the absence first. */
export async function changeAbsence(tx: Tx, before: AbsenceRow, changes: AbsenceChanges): Promise<AbsenceRow> {
  const update = tx
    .update(absences)
    .set({ ...changes, version: sql`${absences.version} + 1`, updatedAt: sql`app.weft_now()` })
    .where(and(eq(absences.id, before.id), eq(absences.version, before.version)))
    .returning();
  const [changed] = await named("changeAbsence", update);
  if (!changed)
    throw new Conflict("The absence was changed by another request. Read it again and retry.", { currentVersion: before.version + 1 });
  return changed;
}

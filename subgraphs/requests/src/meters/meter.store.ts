import { meters as tables } from "@weft/drizzle";
import { quote } from "@weft/shared/errors";
import { among, atVersion, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { type KeysetSlice, rowsOfEach } from "@weft/api/pages";
import { and, count, desc, eq, gt, gte, isNull, lte, sql } from "drizzle-orm";

const { meters, meterReadings } = tables;

export type MeterRow = typeof meters.$inferSelect;
export type NewMeter = typeof meters.$inferInsert;
export type MeterChanges = Partial<Pick<MeterRow, "name" | "unit" | "status" | "above" | "below" | "every">>;
export type ReadingRow = typeof meterReadings.$inferSelect;
export type NewReading = Omit<typeof meterReadings.$inferInsert, "recordedAt">;

/** Returns meters by ID, whether their assets are visible or not. */
export const findMeters = (tx: Tx, ids: readonly string[]): Promise<MeterRow[]> =>
  named("findMeters", tx.select().from(meters).where(among(meters.id, ids)));

/** Returns the meters of assets that were already checked to be visible, by name. */
export const findMetersOfAssets = (tx: Tx, assetIds: readonly string[]): Promise<MeterRow[]> =>
  named("findMetersOfAssets", tx.select().from(meters).where(among(meters.assetId, assetIds)).orderBy(meters.name, meters.id));

export async function countMetersOf(tx: Tx, assetId: string): Promise<number> {
  const [row] = await named("countMetersOf", tx.select({ count: count() }).from(meters).where(eq(meters.assetId, assetId)));
  return row?.count ?? 0;
}

/** Locks a meter, so that its readings are recorded one after the other. */
export async function lockMeter(tx: Tx, id: string): Promise<void> {
  await named("lockMeter", tx.select({ id: meters.id }).from(meters).where(eq(meters.id, id)).for("update"));
}

/** @throws BadUserInput if the asset has a meter of this name */
export const insertMeter = (tx: Tx, values: NewMeter): Promise<MeterRow> =>
  insertedRow(named("insertMeter", tx.insert(meters).values(values).returning()), unique(values.name));

/**
 * Returns null if the meter's version is no longer `version`.
 * @throws BadUserInput if the asset has another meter of this name
 */
export function updateMeterRow(tx: Tx, id: string, version: number, changes: MeterChanges): Promise<MeterRow | null> {
  const query = tx
    .update(meters)
    .set({ ...changes, ...nextVersion(meters) })
    .where(atVersion(meters, id, version))
    .returning();
  return writtenRow(named("updateMeterRow", query), unique(changes.name));
}

const unique = (name = "") => ({ meters_name_key: { path: "input.name", message: `The asset has a meter named ${quote(name)} already.` } });

const isValid = isNull(meterReadings.replacedById);

/** Returns the newest valid reading of each meter that has one. */
export async function findLatestReadings(tx: Tx, meterIds: readonly string[]): Promise<ReadingRow[]> {
  const latest = tx
    .select()
    .from(meterReadings)
    .where(and(eq(meterReadings.meterId, sql`wanted.id`), isValid))
    .orderBy(desc(meterReadings.readAt))
    .limit(1)
    .as("latest");
  const rows = await named(
    "findLatestReadings",
    tx
      .select()
      .from(sql`unnest(${sql.param([...meterIds])}::uuid[]) as wanted(id)`)
      .crossJoinLateral(latest),
  );
  return rows.map((row) => row.latest);
}

export const findReadings = (tx: Tx, ids: readonly string[]): Promise<ReadingRow[]> =>
  named("findReadings", tx.select().from(meterReadings).where(among(meterReadings.id, ids)));

/** Returns at most `slice.limit` readings of each meter, in the slice's order. */
export function listReadingsOfMeters(tx: Tx, meterIds: readonly string[], slice: KeysetSlice): Promise<ReadingRow[]> {
  return rowsOfEach(tx, "listReadingsOfMeters", meterReadings, { parent: meterReadings.meterId, parentIds: meterIds, slice });
}

export async function countReadings(tx: Tx, meterId: string): Promise<number> {
  const query = tx.select({ count: count() }).from(meterReadings).where(eq(meterReadings.meterId, meterId));
  const [row] = await named("countReadings", query);
  return row?.count ?? 0;
}

/** The valid readings before (or at) and after a time, except one that is being replaced. */
export interface Neighbors {
  readonly before: ReadingRow | null;
  readonly after: ReadingRow | null;
}

export async function findNeighbors(tx: Tx, meterId: string, readAt: string): Promise<Neighbors> {
  const ofMeter = and(eq(meterReadings.meterId, meterId), isValid);
  const earlier = tx
    .select()
    .from(meterReadings)
    .where(and(ofMeter, lte(meterReadings.readAt, readAt)))
    .orderBy(desc(meterReadings.readAt))
    .limit(1);
  const later = tx
    .select()
    .from(meterReadings)
    .where(and(ofMeter, gt(meterReadings.readAt, readAt)))
    .orderBy(meterReadings.readAt)
    .limit(1);
  const rows = await named("findNeighbors", earlier.unionAll(later));
  const isLater = (row: ReadingRow): boolean => Date.parse(row.readAt) > Date.parse(readAt);
  return { before: rows.find((row) => !isLater(row)) ?? null, after: rows.find(isLater) ?? null };
}

export async function insertReading(tx: Tx, row: NewReading): Promise<void> {
  await named("insertReading", tx.insert(meterReadings).values({ ...row, recordedAt: sql`app.weft_now()` }));
}

/** Marks a reading as replaced. Returns false if it already was. */
export async function replaceReading(tx: Tx, id: string, replacedById: string): Promise<boolean> {
  const query = tx
    .update(meterReadings)
    .set({ replacedById })
    .where(and(eq(meterReadings.id, id), isValid))
    .returning({ id: meterReadings.id });
  return (await named("replaceReading", query)).length > 0;
}

/** Adds to the totals of the valid readings from a time on. */
export async function shiftReadings(tx: Tx, meterId: string, from: string, by: string): Promise<void> {
  const query = tx
    .update(meterReadings)
    .set({ shift: sql`${meterReadings.shift} + ${by}::numeric` })
    .where(and(eq(meterReadings.meterId, meterId), isValid, gte(meterReadings.readAt, from)));
  await named("shiftReadings", query);
}

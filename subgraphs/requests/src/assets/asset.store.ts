import { requests as tables } from "@weft/drizzle";
import { BadUserInput, mapDatabaseError, quote, type Tx } from "@weft/shared";
import { and, eq, inArray, sql } from "drizzle-orm";

const { assets } = tables;

export type AssetRow = typeof assets.$inferSelect;
export type NewAsset = typeof assets.$inferInsert;
export type AssetChanges = Partial<Pick<AssetRow, "buildingId" | "tag" | "name" | "type" | "status" | "installedOn">>;

export const selectAssets = (tx: Tx) => tx.select().from(assets).$dynamic();

export const findAssets = (tx: Tx, ids: readonly string[]): Promise<AssetRow[]> => selectAssets(tx).where(inArray(assets.id, [...ids]));

export async function findAsset(tx: Tx, id: string): Promise<AssetRow | null> {
  const [row] = await findAssets(tx, [id]);
  return row ?? null;
}

export async function insertAsset(tx: Tx, values: NewAsset): Promise<AssetRow> {
  try {
    const [row] = await tx.insert(assets).values(values).returning();
    if (row === undefined) throw new Error("The inserted asset was not returned.");
    return row;
  } catch (error) {
    throw tagTaken(error, values.tag);
  }
}

/** Null when the asset has moved on from `version`. */
export async function updateAssetRow(tx: Tx, id: string, version: number, changes: AssetChanges): Promise<AssetRow | null> {
  try {
    const [row] = await tx
      .update(assets)
      .set({ ...changes, version: sql`${assets.version} + 1`, updatedAt: sql`now()` })
      .where(and(eq(assets.id, id), eq(assets.version, version)))
      .returning();
    return row ?? null;
  } catch (error) {
    throw tagTaken(error, changes.tag ?? "");
  }
}

const tagTaken = (error: unknown, tag: string): Error =>
  mapDatabaseError(error, {
    assets_tag_key: () => new BadUserInput([{ path: "input.tag", message: `There is an asset ${quote(tag)} already; choose another tag.` }]),
  });

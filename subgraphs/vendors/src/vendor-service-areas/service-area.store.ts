import { vendors as tables } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { objectAccessRules } from "@weft/platform/access";
import { among, named, type Tx } from "@weft/platform/db";
import { asc, eq, sql } from "drizzle-orm";

const { vendorServiceAreas } = tables;
const { from, id: buildingId, inScope } = objectAccessRules.building;

type ServiceAreaRow = typeof vendorServiceAreas.$inferSelect;
export type ServiceArea = Omit<ServiceAreaRow, "regionKey">;

/** Returns the areas of vendors that were already checked to be visible, in the order in which they were set. */
export const findServiceAreas = (tx: Tx, vendorIds: readonly string[]): Promise<ServiceAreaRow[]> =>
  named(
    "findServiceAreas",
    tx
      .select()
      .from(vendorServiceAreas)
      .where(among(vendorServiceAreas.vendorId, vendorIds))
      .orderBy(asc(vendorServiceAreas.vendorId), asc(vendorServiceAreas.position)),
  );

/** Replaces the areas of a vendor that the caller has locked. */
export async function replaceServiceAreas(tx: Tx, vendorId: string, rows: readonly ServiceArea[]): Promise<void> {
  await named("deleteServiceAreas", tx.delete(vendorServiceAreas).where(eq(vendorServiceAreas.vendorId, vendorId)));
  if (rows.length > 0) await named("insertServiceAreas", tx.insert(vendorServiceAreas).values([...rows]));
}

/** Returns those of the buildings that the viewer can see. */
export const findVisibleBuildings = async (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<{ id: string }[]> =>
  tx.execute<{ id: string }>(
    named(
      "findVisibleBuildings",
      sql`select ${buildingId} as id from ${from} where ${among(buildingId, ids)} and ${inScope(viewer, "building.read")}`,
    ),
  );

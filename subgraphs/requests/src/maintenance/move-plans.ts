import { maintenance } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";

const { maintenancePlans } = maintenance;

/** Lets the plans of assets follow them to their new building. The space of a template is in the old one, and no longer counts. */
export async function movePlansOfAssets(tx: Tx, assetIds: readonly string[], buildingId: string): Promise<void> {
  const query = tx.update(maintenancePlans).set({ buildingId, spaceId: null }).where(among(maintenancePlans.assetId, assetIds));
  await named("movePlansOfAssets", query);
}

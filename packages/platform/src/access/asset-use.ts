import { sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";

const keyOf = (id: string) => sql`hashtextextended(${`weft.asset.${id}`}::text, 0)`;

/** Waits for transactions that refer to the asset, and makes later ones wait. See requests.assert_asset_exists. */
export async function lockAssetUse(tx: Tx, id: string): Promise<void> {
  await tx.execute(named("lockAssetUse", sql`select pg_advisory_xact_lock(${keyOf(id)})`));
}

/** Makes deletions of the asset wait until the transaction ends. Read the asset afterwards: it can be deleted by now. */
export async function keepAssetUse(tx: Tx, id: string): Promise<void> {
  await tx.execute(named("keepAssetUse", sql`select pg_advisory_xact_lock_shared(${keyOf(id)})`));
}

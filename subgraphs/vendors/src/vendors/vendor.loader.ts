import type { Context } from "@weft/api/context";
import { findVendorsByIds } from "./vendor.store.js";
import { toVendor } from "./vendor.type.js";
import type { Vendor } from "./vendor.type.js";

/** Loads the vendor with this UUID. Null if the viewer cannot see it. */
export async function loadVendor(ctx: Context, uuid: string): Promise<Vendor | null> {
  const row = await ctx.loader("vendors.vendor", (tx, ids: readonly string[]) => findVendorsByIds(tx, ctx.viewer, ids)).load(uuid);
  return row && toVendor(row);
}

export function loadVendors(ctx: Context, uuids: readonly string[]): Promise<(Vendor | null)[]> {
  return Promise.all(uuids.map((uuid) => loadVendor(ctx, uuid)));
}

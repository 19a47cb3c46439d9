import type { Context } from "@weft/shared";
import { findTenantsByIds } from "./tenant.store.js";
import { toTenant } from "./tenant.type.js";
import type { Tenant } from "./tenant.type.js";

/** The tenant with this UUID; null for every tenant but the viewer's own. */
export async function loadTenant(ctx: Context, uuid: string): Promise<Tenant | null> {
  const row = await ctx.loader("identity.tenant", findTenantsByIds).load(uuid);
  return row && toTenant(row);
}

export function loadTenants(ctx: Context, uuids: readonly string[]): Promise<(Tenant | null)[]> {
  return Promise.all(uuids.map((uuid) => loadTenant(ctx, uuid)));
}

import { reachesAll } from "@weft/shared/viewer";
import type { Context } from "@weft/api/context";
import { findTenantsByIds } from "./tenant.store.js";
import { toTenant } from "./tenant.type.js";
import type { Tenant } from "./tenant.type.js";

/** Loads the tenant with this UUID. Null for other tenants than the viewer's own, unless the viewer can read all tenants. */
export async function loadTenant(ctx: Context, uuid: string): Promise<Tenant | null> {
  const isForeign = uuid !== ctx.viewer.tenantId;
  const loader =
    isForeign && reachesAll(ctx.viewer, "platform.read")
      ? ctx.loader("identity.anyTenant", (_tx, ids: readonly string[]) =>
          ctx.services.databases.auth.begin((tx) => findTenantsByIds(tx, ids), "read"),
        )
      : ctx.loader("identity.tenant", findTenantsByIds);
  const row = await loader.load(uuid);
  return row && toTenant(row);
}

export function loadTenants(ctx: Context, uuids: readonly string[]): Promise<(Tenant | null)[]> {
  return Promise.all(uuids.map((uuid) => loadTenant(ctx, uuid)));
}

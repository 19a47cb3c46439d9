import { reachesAll } from "@weft/shared/viewer";
import { findUsage, findUsageOfTenants, type Usage } from "@weft/platform/usage";
import type { Context } from "@weft/api/context";

/**
 * Loads a tenant's usage of its plan's limits. Null for other tenants than the viewer's own, unless the viewer can read all tenants. `tenantId` is a
 * UUID.
 */
export async function loadUsage(ctx: Context, tenantId: string): Promise<Usage[] | null> {
  if (tenantId === ctx.viewer.tenantId) return ctx.read(findUsage);
  if (!reachesAll(ctx.viewer, "platform.read")) return null;
  return ctx
    .loader("identity.usageOfTenants", (_tx, ids: readonly string[]) =>
      ctx.services.databases.auth.begin((tx) => findUsageOfTenants(tx, ids), "read"),
    )
    .load(tenantId);
}

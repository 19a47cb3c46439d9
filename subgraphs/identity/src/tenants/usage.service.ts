import { findUsage, inOtherTenant, reachesAll } from "@weft/shared";
import type { Context, Tx, Usage } from "@weft/shared";

/** What a tenant uses of its plan's limits; null for every tenant but the viewer's own, unless he looks after all of them. `tenantId` is a UUID. */
export async function loadUsage(ctx: Context, tenantId: string): Promise<Usage[] | null> {
  if (tenantId === ctx.viewer.tenantId) return ctx.read(findUsage);
  if (!reachesAll(ctx.viewer, "platform.read")) return null;
  return ctx
    .loader("identity.usageOfTenants", (_tx, ids: readonly string[]) =>
      ctx.services.databases.auth.begin((tx) => findUsageOf(tx, ctx.viewer.tenantId, ids), "read"),
    )
    .load(tenantId);
}

/** Runs as weft_auth. One after the other: each statement is of the tenant that the transaction is in. */
async function findUsageOf(tx: Tx, from: string, tenantIds: readonly string[]): Promise<Map<string, Usage[]>> {
  const found = new Map<string, Usage[]>();
  for (const to of tenantIds) found.set(to, await inOtherTenant(tx, { from, to }, findUsage));
  return found;
}

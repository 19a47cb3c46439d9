import { identity } from "@weft/drizzle";
import { reachesAll } from "@weft/shared/viewer";
import { among, named, type Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { sql } from "drizzle-orm";

const { tenants } = identity;

/** As `app.weft_now()`, for several tenants. */
const timeOfTenant = sql<string>`coalesce(${tenants.clockStandsAt}, transaction_timestamp() + ${tenants.clockOffsetMs} * interval '1 millisecond')`;

async function findTimesOfTenants(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  const query = tx.select({ id: tenants.tenantId, now: timeOfTenant }).from(tenants).where(among(tenants.tenantId, ids));
  return new Map((await named("findTimesOfTenants", query)).map(({ id, now }) => [id, now]));
}

/** Loads the time of a tenant that the viewer can see. `tenantId` is a UUID. */
export async function loadTenantTime(ctx: Context, tenantId: string): Promise<string | null> {
  const isForeign = tenantId !== ctx.viewer.tenantId;
  const loader =
    isForeign && reachesAll(ctx.viewer, "platform.read")
      ? ctx.loader("identity.timeOfAnyTenant", (_tx, ids: readonly string[]) =>
          ctx.services.databases.auth.begin((tx) => findTimesOfTenants(tx, ids), "read"),
        )
      : ctx.loader("identity.timeOfTenant", findTimesOfTenants);
  return loader.load(tenantId);
}

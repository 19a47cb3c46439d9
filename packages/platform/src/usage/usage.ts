import { sql } from "drizzle-orm";
import { findLayers } from "../configuration/effective.store.js";
import { toEffectiveConfig } from "../configuration/resolve.js";
import { named } from "../db/named.js";
import type { Tx } from "../db/database.js";
import { meteredLimits } from "./meter.js";
import type { MeteredLimit } from "./meter.js";

/** Usage of a limit. */
export interface Usage {
  readonly limit: MeteredLimit;
  readonly used: number;
  /** Null if unlimited. */
  readonly allowed: number | null;
  /** ISO 8601. Null for usage that counts until it is released. */
  readonly windowEndsAt: string | null;
}

/** Returns the current usage of each limit of the transaction's tenant, in the order of `meteredLimits`. */
export async function findUsage(tx: Tx): Promise<Usage[]> {
  const rows = await tx.execute<{ limit: MeteredLimit; used: string; allowed: string | null; windowEndsAt: string | null }>(
    named(
      "findUsage",
      sql`select l.metric as "limit", app.limit_of(l.metric) as allowed, app.usage_window_end(l.metric) as "windowEndsAt",
        (select coalesce(sum(u.used), 0) from app.usage u
          where u.tenant_id = app.tenant() and u.metric = l.metric and u.window_start = app.usage_window(l.metric)) as used
      from unnest(${sql.param([...meteredLimits])}::text[]) with ordinality as l (metric, place) order by l.place`,
    ),
  );
  return rows.map(({ limit, used, allowed, windowEndsAt }) => ({
    limit,
    used: Number(used),
    allowed: allowed === null ? null : Number(allowed),
    windowEndsAt,
  }));
}

/** Returns the usage of several tenants (UUIDs), in two statements regardless of their number. Runs as weft_auth, across tenants. */
export async function findUsageOfTenants(tx: Tx, tenantIds: readonly string[]): Promise<Map<string, Usage[]>> {
  const layers = await findLayers(
    tx,
    tenantIds.map((tenantId) => ({ tenantId, teamId: null })),
  );
  const limits = new Map(tenantIds.map((tenantId, place) => [tenantId, toEffectiveConfig(layers[place] ?? []).limits]));
  const rows = await tx.execute<{ tenantId: string; limit: MeteredLimit; used: string; windowEndsAt: string | null }>(
    named(
      "findUsageOfTenants",
      sql`select w.tenant_id as "tenantId", l.metric as "limit", app.usage_window_end(l.metric) as "windowEndsAt",
        (select coalesce(sum(u.used), 0) from app.usage u
          where u.tenant_id = w.tenant_id and u.metric = l.metric and u.window_start = app.usage_window(l.metric)) as used
      from unnest(${sql.param([...tenantIds])}::uuid[]) as w (tenant_id)
        cross join unnest(${sql.param([...meteredLimits])}::text[]) with ordinality as l (metric, place) order by l.place`,
    ),
  );
  const found = new Map<string, Usage[]>(tenantIds.map((tenantId) => [tenantId, []]));
  for (const { tenantId, limit, used, windowEndsAt } of rows)
    found.get(tenantId)?.push({ limit, used: Number(used), allowed: limits.get(tenantId)?.[limit] ?? null, windowEndsAt });
  return found;
}

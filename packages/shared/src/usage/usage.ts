import { sql } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Tx } from "../db/database.js";
import { meteredLimits } from "./meter.js";
import type { MeteredLimit } from "./meter.js";

/** How far a limit is used up. */
export interface Usage {
  readonly limit: MeteredLimit;
  readonly used: number;
  /** null: no limit. */
  readonly allowed: number | null;
  /** ISO 8601; null for what counts until it is taken away. */
  readonly windowEndsAt: string | null;
}

/** What the transaction's tenant uses of each limit in the windows of now, in the order of `meteredLimits`. */
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

/** What webhooks and triggers did in the past is known as long as their deliveries and runs are kept. Without it, an event could have its effect twice. */
import { sql } from "drizzle-orm";
import type { Tx } from "../../db/database.js";
import { named } from "../../db/named.js";
import { BadUserInput } from "@weft/shared/errors";
import { holdEvents } from "./past-events.store.js";

/** DELIVERIES of webhooks, or RUNS of triggers. */
type Forgotten = "DELIVERIES" | "RUNS";

const columns = { DELIVERIES: sql.raw("deliveries_deleted_until"), RUNS: sql.raw("runs_deleted_until") };

/**
 * Records that deliveries or runs were deleted. `lockRetention` must have returned true before they were deleted, in a statement of its own.
 * @param until when the last of them began. Null if there were none.
 */
export async function recordForgotten(tx: Tx, what: Forgotten, until: string | null): Promise<void> {
  if (until === null) return;
  const column = columns[what];
  await tx.execute(
    named(
      "recordForgotten",
      sql`insert into events.retention as r (tenant_id, ${column}) values (app.tenant(), ${until}::timestamptz)
      on conflict (tenant_id) do update set ${column} = greatest(r.${column}, excluded.${column})`,
    ),
  );
}

/**
 * Ensures that it is known what a webhook or a trigger did since a time. Until the transaction ends, neither that nor any event is deleted.
 * @throws BadUserInput (`input.from`) if it is not
 */
export async function assertRemembered(
  tx: Tx,
  what: Forgotten,
  { from, createdAt, explain }: { readonly from: string; readonly createdAt: string; readonly explain: (until: string) => string },
): Promise<void> {
  await holdEvents(tx);
  const rows = await tx.execute<{ until: string | null; ahead_ms: number }>(
    named(
      "findForgotten",
      sql`select to_char(${columns[what]} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as until, (extract(epoch from app.weft_now() - now()) * 1000)::float8 as ahead_ms
        from events.retention where tenant_id = app.tenant()`,
    ),
  );
  const until = rows[0]?.until ?? null;
  // Webhooks are created in true time, and everything else here is in the tenant's.
  const created = Date.parse(createdAt) + (what === "DELIVERIES" ? (rows[0]?.ahead_ms ?? 0) : 0);
  if (until === null || created > Date.parse(until) || Date.parse(from) > Date.parse(until)) return;
  throw new BadUserInput([{ path: "input.from", message: explain(until) }]);
}

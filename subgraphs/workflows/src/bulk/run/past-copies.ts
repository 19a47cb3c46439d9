import type { Chore } from "@weft/platform/cleaning";
import { named } from "@weft/platform/db";
import { sql } from "drizzle-orm";

/** By then, an undo operation requested in the last minute has ended. */
const KEPT_HOURS = 48;

/** Deletes the copies of data and tasks kept for undoing migrations that can no longer be undone. */
export const pastCopies: Chore = {
  what: "copies for undoing migrations",
  deleteSome: async (tx, limit) => {
    const rows = await tx.execute<{ forgotten: number }>(
      named(
        "forgetCopies",
        sql`with gone as (
          update workflows.bulk_items set kept = null where tenant_id = app.tenant() and has_kept and finished_at <= (
            select max(oldest.finished_at) from (
              select finished_at from workflows.bulk_items
              where tenant_id = app.tenant() and has_kept and finished_at < app.weft_now() - make_interval(hours => ${KEPT_HOURS}::int)
              order by finished_at limit ${limit}::int) oldest)
          returning tenant_id
        )
        select count(*)::int as forgotten from gone`,
      ),
    );
    return rows[0]?.forgotten ?? 0;
  },
};

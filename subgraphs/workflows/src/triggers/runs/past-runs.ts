import type { Chore } from "@weft/platform/cleaning";
import { named } from "@weft/platform/db";
import { lockRetention, recordForgotten } from "@weft/platform/events";
import { sql } from "drizzle-orm";

/**
 * Deletes the oldest runs of triggers. A run that started a workflow with a correlation key stays until the workflow has ended, because it prevents a
 * second one with the same key. The runs of a trigger stay while events are replayed to it, because they prevent that it acts on an event twice.
 * @param daysOf returns the number of days for which a tenant (by UUID) keeps runs
 */
export const pastTriggerRuns = (daysOf: (tenantId: string) => Promise<number>): Chore => ({
  what: "runs of triggers",
  deleteSome: async (tx, limit, tenantId) => {
    const days = await daysOf(tenantId);
    if (!(await lockRetention(tx))) return 0;
    const rows = await tx.execute<{ deleted: number; until: string | null }>(
      named(
        "deletePastTriggerRuns",
        sql`with old as (
          select r.id from workflows.trigger_runs r
           where r.tenant_id = app.tenant() and r.created_at < app.weft_now() - make_interval(days => ${days}::int)
             and not (r.correlation_key is not null and r.outcome = 'STARTED' and exists (
               select from workflows.instances i where i.tenant_id = r.tenant_id and i.id = r.instance_id and i.finished_at is null))
             and not exists (select from workflows.trigger_replays p
               where p.tenant_id = r.tenant_id and p.trigger_id = r.trigger_id and p.status = 'RUNNING')
           order by r.created_at, r.id limit ${limit}::int
        ), gone as (
          delete from workflows.trigger_runs r using old where r.tenant_id = app.tenant() and r.id = old.id returning r.created_at
        )
        select count(*)::int as deleted, max(created_at)::text as until from gone`,
      ),
    );
    await recordForgotten(tx, "RUNS", rows[0]?.until ?? null);
    return rows[0]?.deleted ?? 0;
  },
});

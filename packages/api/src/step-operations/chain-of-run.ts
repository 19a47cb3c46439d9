import { sql } from "drizzle-orm";
import { named, type Tx } from "@weft/platform/db";

/** Events that are looked at. More than a chain has that triggers let grow. */
const MAX_CHAIN = 100;

/**
 * Returns how many runs of other hierarchies have led to what an event has caused. Follows the causes of the event, which only Weft writes: the event with
 * which a run's instance entered its state is the cause of everything that the steps of the run do, and so on through triggers and other runs.
 */
export async function countRunsBefore(tx: Tx, causeId: string): Promise<number> {
  const [row] = await tx.execute<{ count: number }>(
    named(
      "countRunsBefore",
      sql`with recursive chain (id, cause_id, subject_id, subject_version, length) as (
        (select e.id, e.cause_id, e.subject_id, e.subject_version, 1 from events.log e
          where e.tenant_id = app.tenant() and e.id = ${causeId}::uuid limit 1)
        union all
        select l.id, l.cause_id, l.subject_id, l.subject_version, c.length + 1 from chain c
          cross join lateral (
            select e.id, e.cause_id, e.subject_id, e.subject_version from events.log e
             where e.tenant_id = app.tenant() and e.id = c.cause_id limit 1
          ) l
         where c.length < ${MAX_CHAIN}::int
      ), hierarchies as (
        select distinct coalesce(i.ancestors[1], i.id) as root from chain c
          join workflows.runs r on r.tenant_id = app.tenant() and r.instance_id = c.subject_id and r.instance_version = c.subject_version
          join workflows.instances i on i.tenant_id = app.tenant() and i.id = r.instance_id
      )
      select greatest(count(*) - 1, 0)::int as count from hierarchies`,
    ),
  );
  return row?.count ?? 0;
}

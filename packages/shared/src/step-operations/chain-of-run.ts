import { sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";
import { decodeId } from "../ids/type-ids.js";

/**
 * Returns how many runs have led to this one: the run whose operation has started the instance, the run that has started that one's instance, and so on,
 * at most `max`. The audit trail says who has started an instance. One statement for each run.
 */
export async function countRunsBefore(tx: Tx, runId: string, max: number): Promise<number> {
  let current = runId;
  for (let count = 0; count < max; count++) {
    const [row] = await tx.execute<{ requestId: string }>(
      named(
        "findStartingRun",
        sql`select e.request_id as "requestId" from workflows.runs r
          join workflows.instances i on i.tenant_id = app.tenant() and i.id = r.instance_id
          join audit.entries e on e.tenant_id = app.tenant() and e.entity_id = coalesce(i.ancestors[1], i.id)
           and e.action = 'workflow.start' and e.request_id like 'run\\_%'
         where r.tenant_id = app.tenant() and r.id = ${current}::uuid limit 1`,
      ),
    );
    if (!row) return count;
    current = decodeId("run", row.requestId, "requestId");
  }
  return max;
}

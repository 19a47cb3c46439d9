/** Votes as they are stored: tasks of the present entry into a state that were completed without moving the instance. */
import { workflows } from "@weft/drizzle";
import { named, type Tx } from "@weft/shared";
import { eq, sql } from "drizzle-orm";
import type { SnapshotVote } from "../core/types.js";

const { instances, tasks } = workflows;

/** The votes that count together with a task's: those of the tasks that were opened with it. */
export async function readVotes(tx: Tx, taskId: string): Promise<SnapshotVote[]> {
  const rows = await tx.execute<{ rule: string; transition: string; by: (string | null)[] }>(
    named(
      "readVotes",
      sql`select t.rule, t.transition, array[t.completed_by, t.on_behalf_of] || t.delegated_from as by
        from ${tasks} o
        join ${tasks} t on t.tenant_id = o.tenant_id and t.instance_id = o.instance_id and t.state = o.state and t.opened_at_version = o.opened_at_version
        where o.id = ${taskId} and t.status = 'COMPLETED' order by t.id`,
    ),
  );
  return rows.map(({ rule, transition, by }) => ({ rule, transition, by: by.filter((id) => id !== null) }));
}

/**
 * Waits for others who vote on the same instance. Votes do not contradict each other, so whoever votes meanwhile must not be told to decide anew. Not for
 * an instance that another has started: locks go from the root down.
 */
export async function lockForVote(tx: Tx, instanceId: string): Promise<void> {
  await named("lockForVote", tx.select({ id: instances.id }).from(instances).where(eq(instances.id, instanceId)).for("update"));
}

/**
 * Votes: reads the votes of the present entry into a state: tasks that were completed without a transition.
 * One statement, whatever the number of tasks.
 * This module never counts votes: the core does.
 */
import { among, named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";
import type { SnapshotVote } from "../../core/model/snapshot.js";

/** Returns the votes that count together with a task's: those since its instance entered its state. */
export async function readVotes(tx: Tx, taskId: string): Promise<readonly SnapshotVote[]> {
  return (await readVotesBeside(tx, [taskId])).get(taskId) ?? [];
}

/** Returns the votes of many tasks, by task ID. Tasks without other votes are absent. One statement, none without tasks. */
export async function readVotesBeside(tx: Tx, taskIds: readonly string[]): Promise<ReadonlyMap<string, readonly SnapshotVote[]>> {
  if (taskIds.length === 0) return new Map();
  const rows = await tx.execute<{ taskId: string; rule: string; transition: string; by: (string | null)[] }>(
    named(
      "readVotes",
      // A migration can have opened further tasks in the meantime: the entry counts, not the time when a task was opened.
      sql`select o.id as "taskId", t.rule, t.transition, array[t.completed_by, t.on_behalf_of, t.assignee_id] || t.delegated_from as by
        from workflows.tasks o
        cross join lateral (
          select h.version from workflows.history h
          where h.tenant_id = o.tenant_id and h.instance_id = o.instance_id
            and (h.kind in ('START', 'TRANSITION', 'ROLLBACK') or h.from_state <> h.to_state)
          order by h.version desc limit 1) as entry
        join workflows.tasks t on t.tenant_id = o.tenant_id and t.instance_id = o.instance_id and t.state = o.state and t.opened_at_version >= entry.version
        where ${among(sql`o.id`, taskIds)} and t.status = 'COMPLETED' order by t.id`,
    ),
  );
  const votes = new Map<string, SnapshotVote[]>();
  for (const { taskId, rule, transition, by } of rows) {
    votes.set(taskId, [...(votes.get(taskId) ?? []), { rule, transition, by: by.filter((id) => id !== null) }]);
  }
  return votes;
}

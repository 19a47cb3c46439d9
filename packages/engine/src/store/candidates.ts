/** Candidates whose ids come from the data: of those only people and teams that there are, so that nothing waits for nobody unseen. */
import { identity } from "@weft/drizzle";
import { named, type Tx } from "@weft/shared";
import { sql } from "drizzle-orm";
import type { Outcome, TaskToOpen } from "../core/outcome.js";
import { asStaff } from "./as-staff.js";

/**
 * The outcomes with the tasks that they really open: an id that no active user of the organisation and no team has is left out, and the task stays for
 * its other candidates, or without any. A statement only where a definition reads candidates from the data.
 */
export async function withKnownCandidates(tx: Tx, outcomes: readonly [Outcome, ...Outcome[]]): Promise<readonly [Outcome, ...Outcome[]]> {
  const tasks = outcomes.flatMap(({ openTasks }) => openTasks.filter((task) => task.isFromData));
  if (tasks.length === 0) return outcomes;
  const known = await selectKnown(tx, [...new Set(tasks.flatMap(({ candidates: { users, teams } }) => [...users, ...teams]))]);
  const isKnown = (id: string): boolean => known.has(id);
  const checked = (task: TaskToOpen): TaskToOpen => {
    if (!task.isFromData) return task;
    const { users, teams } = task.candidates;
    return { ...task, candidates: { ...task.candidates, users: users.filter(isKnown), teams: teams.filter(isKnown) } };
  };
  const [first, ...rest] = outcomes.map((outcome) => ({ ...outcome, openTasks: outcome.openTasks.map(checked) }));
  return first ? [first, ...rest] : outcomes;
}

/** Of the ids those that can take work. A vendor's user sees none of the organisation's people, but may lead to work of theirs; never to his own. */
async function selectKnown(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  return ids.length === 0 ? new Set() : asStaff(tx, () => selectThose(tx, ids));
}

async function selectThose(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const { users, teams } = identity;
  const rows = await tx.execute<{ id: string }>(
    named(
      "selectKnownCandidates",
      sql`with named as (select unnest(${sql.param([...ids])}::uuid[]) as id)
        select n.id from named n
         where exists (select 1 from ${users} u where u.tenant_id = app.tenant() and u.id = n.id and u.status = 'ACTIVE' and u.vendor_id is null and u.type <> 'OPERATOR')
            or exists (select 1 from ${teams} t where t.tenant_id = app.tenant() and t.id = n.id and t.deleted_at is null)`,
    ),
  );
  return new Set(rows.map(({ id }) => id));
}

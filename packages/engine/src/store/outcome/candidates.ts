/** Candidates whose IDs come from the data: keeps only existing users and teams, so that no task waits unnoticed for nobody. */
import { identity } from "@weft/drizzle";
import { named, type Tx } from "@weft/shared";
import { sql } from "drizzle-orm";
import type { Outcome, TaskToOpen } from "../../core/model/outcome.js";
import { withoutVendorScope } from "../model/without-vendor-scope.js";

/**
 * Returns the outcomes with the tasks that are really opened: IDs without an active user of the organization or a team are removed. The task stays
 * for its other candidates, or without any. Runs a statement only if a definition reads candidates from the data.
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

/**
 * Returns which of the IDs can take work. A vendor user sees none of the organization's users, but an action can open work for them; never for the
 * vendor user.
 */
async function selectKnown(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  return ids.length === 0 ? new Set() : withoutVendorScope(tx, () => selectThose(tx, ids));
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

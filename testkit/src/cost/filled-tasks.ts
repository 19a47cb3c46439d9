import type { postgres } from "@weft/pg-driver";
import { inSlices, type Sliced } from "./sliced.js";

/** UUIDs of a user and a team whose queues are read. */
export interface Queuers {
  readonly clerk: string;
  readonly team: string;
}

/** How the tasks are distributed: over many roles, or nearly all to operations. */
type QueueSizes = "even" | "skewed";

export interface Fill extends Queuers {
  readonly count: number;
  /** Default: `even`. */
  readonly sizes?: QueueSizes;
  readonly sliced?: Sliced;
}

const perInstance = 10;

/**
 * Fills a tenant with tasks as they are after years of use, bypassing the engine. Half of them are waiting. A tenth of all tasks is offered to
 * approvers, a fiftieth to a team, a two-hundredth to nobody, and the rest to fifty other roles. One in fifty is offered to several candidates (two
 * roles, or a role and the team). Regardless of the number of tasks, twenty wait for the clerk by name and twenty are claimed by the clerk. A
 * thousandth is claimed by other users. Half of the tasks have a deadline, and a quarter of these deadlines have passed, which was noticed; the same ones
 * of the clerk's, regardless of the number of tasks. If the sizes are skewed, all tasks except those that wait for the clerk are offered to operations.
 */
export async function fillTasks(
  owner: postgres.Sql,
  tenantId: string,
  { count, clerk, team, sizes = "even", sliced }: Fill,
): Promise<void> {
  const part = count / 20;
  await inSlices(owner, count, sliced, async (tx, from, to) => {
    await tx`insert into workflows.instances (tenant_id, id, definition_id, definition_key, state, data, version, owner_id, created_at, updated_at)
      select ${tenantId}::uuid, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, app.uuid_v7(), 'bench', 'review', '{}', 1, md5((n % 1000)::text)::uuid,
             now() - n * interval '1 second', now()
        from generate_series(${Math.ceil(from / perInstance)}::int, ${Math.ceil(to / perInstance) - 1}::int) n`;
    await tx`with opened as (
      insert into workflows.tasks (tenant_id, id, instance_id, state, rule, title, copy, status, candidate_roles, candidate_user_ids, candidate_team_ids,
        assignee_id, priority, due_at, overdue_at, created_at, closed_at)
      select ${tenantId}::uuid, ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid,
             ('00000000-0000-7000-8000-' || lpad(to_hex(n / ${perInstance}::int), 12, '0'))::uuid, 'review', 'review', 'Review ' || n, 1 + n % ${perInstance}::int,
             case when over then 'CLOSED' when mine or taken then 'CLAIMED' else 'OPEN' end,
             case when named then '{}'::text[] when skewed then '{operations}' when n % 50 = 1 or n % 200 = 157 then '{}'::text[] when n % 100 = 3 then '{operations,approver}' when n % 100 = 43 then '{role7}'
                  when n % 5 = 0 then '{approver}' else array['role' || n % 50] end,
             case when named then array[${clerk}::uuid] else '{}' end,
             case when not named and not skewed and (n % 50 = 1 or n % 100 = 43) then array[${team}::uuid] else '{}' end,
             case when mine then ${clerk}::uuid when taken then md5((n % 1000)::text)::uuid end,
             h / 8 % 4, case when h % 2 = 0 then now() + interval '1 minute' * case when h / 2 % 4 = 0 then -n else n end end,
             case when h % 8 = 0 then now() end,
             now() - (${count}::int - n) * interval '1 second', case when over then now() end
        from (select n, ${sizes === "skewed"}::boolean as skewed, n % 2 = 0 as over, n % ${part}::int = 11 as named, n % ${part}::int = 33 as mine, n % 1000 = 7 as taken, case when n % ${part}::int in (11, 33) then n / ${part}::int else hashint4(n) & 2147483647 end as h
                from generate_series(${from}::int, ${to - 1}::int) n) given
      returning *
    )
    insert into workflows.task_candidates (tenant_id, id, queue_key, instance_id, status, assignee_id, priority, due_order, created_at)
    select t.tenant_id, t.id, c.queue_key, t.instance_id, t.status, t.assignee_id, t.priority, t.due_order, t.created_at
      from opened t, lateral unnest(
        array(select 'role:' || r from unnest(t.candidate_roles) r) || array(select 'team:' || g from unnest(t.candidate_team_ids) g)) c(queue_key) where t.queue_key = 'many' and t.status in ('OPEN', 'CLAIMED')`;
  });
}

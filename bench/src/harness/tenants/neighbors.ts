import type { postgres } from "@weft/pg-driver";

interface Neighbors {
  readonly what: "tasks" | "instances";
  readonly neighbors: number;
  /** Number of rows to write per tenant in this slice. */
  readonly each: number;
  readonly slice: number;
}

/**
 * Writes the rows of the database's other tenants in a slice. The tenants are similar, like companies that use the same built-in roles. The first
 * slice also creates the tenants.
 */
export async function fillNeighbors(tx: postgres.TransactionSql, { what, neighbors, each, slice }: Neighbors): Promise<void> {
  if (neighbors === 0) return;
  if (slice === 0 && what === "instances") {
    await tx`insert into identity.tenants (tenant_id, slug, name)
      select md5('tenant ' || t)::uuid, 'neighbor-' || t, 'Neighbor ' || t from generate_series(1, ${neighbors}::int) t`;
  }
  const first = slice * each;
  // The rows of each tenant in this slice, by row number `n`.
  const rows = tx`(select md5('tenant ' || t)::uuid as tenant_id, n, ('00000000-0000-7000-a000-' || lpad(to_hex(n), 12, '0'))::uuid as id, now() - (100 - n) * interval '1 hour' as at
    from generate_series(${first}::int, ${first + each - 1}::int) n, generate_series(1, ${neighbors}::int) t) r`;
  if (what === "instances") {
    await tx`insert into workflows.instances (tenant_id, id, definition_id, definition_key, state, status, data, version, owner_id, assignee_user_id, created_at, updated_at, finished_at)
      select tenant_id, id, tenant_id, 'process-' || n % 5, case when n % 10 = 0 then (array['triage', 'review', 'work', 'wait'])[1 + n / 10 % 4] else 'done' end,
             case when n % 10 = 0 then 'RUNNING' else 'COMPLETED' end, '{"summary": "The elevator in the lobby grinds", "estimate": 1200}', 3, md5((n % 5)::text)::uuid,
             case when n % 10 = 0 then md5((n % 5)::text)::uuid end, at, at, case when n % 10 <> 0 then at end
        from ${rows}`;
    await tx`insert into workflows.instance_fields (tenant_id, instance_id, definition_key, field, text_value, created_at)
      select tenant_id, id, 'process-' || n % 5, 'site', 'site-' || n % 10, at from ${rows}`;
    await tx`insert into workflows.instance_words (tenant_id, instance_id, word)
      select tenant_id, id, w.word from ${rows}, unnest(array['elevator', 'floor' || n % 10]) w(word)`;
    return;
  }
  await tx`with opened as (
    insert into workflows.tasks (tenant_id, id, instance_id, state, rule, title, status, candidate_roles, priority, due_at, created_at, closed_at)
    select tenant_id, id, id, 'review', 'review', 'Review ' || n, case when n % 2 = 0 then 'CLOSED' else 'OPEN' end,
           case when n % 100 = 3 then '{operations,approver}' when n % 5 = 0 then '{approver}' else array['role' || n % 50] end,
           n % 4, case when n % 3 = 0 then at end, at, case when n % 2 = 0 then now() end
      from ${rows}
    returning *
  )
  insert into workflows.task_candidates (tenant_id, id, queue_key, instance_id, status, assignee_id, priority, due_order, created_at)
  select t.tenant_id, t.id, 'role:' || c.role, t.instance_id, t.status, t.assignee_id, t.priority, t.due_order, t.created_at
    from opened t, unnest(t.candidate_roles) c(role) where t.queue_key = 'many' and t.status = 'OPEN'`;
}

-- Writes starts and transitions of different instances of one tenant in one statement. See docs/explanation/decisions/0010-calls-in-batches.md.
-- ids and versions: the instances, each once, and the version that each was decided on, 0 for a start. Their position, from 1, is the `n` of everything else.
-- batch { changes: [{ n, at, actorId, onBehalfOf, sessionId, requestId, traceId, address }], starts: as engine.start_instances takes them, updates,
-- the lists of engine.write_rows, guards, sla, metered }. `metered`: the context of usage announcements; null if nothing starts or ends.
-- guards: [{ n, clocks, runs, recomputations }], sla: of instances with SLA clocks or escalations, what was read about them (engine.read_clocks, and the number of recomputations of the
-- tenant's clocks), and what engine.write_clocks writes. A write whose guard does not hold is busy.
-- Returns those that were not written, [{ n, isBusy, currentVersion, currentState }], or null if all were. isBusy: the instance is unchanged or not started yet, but another transaction has
-- locked it or one of its tasks, or changed the SLA settings; call engine.apply for it, which waits. This function waits for no row, so that no instance is delayed by another.
-- Errors: WF001 the transaction has no tenant, or a vendor; WF010 the batch would exceed a limit of the tenant; 40001 as engine.write_rows.
create or replace function engine.apply_batch(ids uuid[], versions integer[], batch jsonb) returns jsonb language plpgsql as $$
#variable_conflict use_variable
declare
  tenant uuid := app.tenant();
  ready integer[];
  changes engine.change[];
  written integer;
  running integer;
  executions integer;
begin
  if tenant is null or not app.is_staff() then
    raise exception 'engine.apply_batch needs a transaction of a tenant, and none of a vendor''s user' using errcode = 'WF001';
  end if;
  -- The remaining waits (for the same idempotency key, for a counter) are short.
  perform set_config('lock_timeout', '250ms', true),
          -- Planning the statements takes longer than running them.
          set_config('plan_cache_mode', 'force_generic_plan', true);

  select coalesce(array_agg(w.n), '{}') into ready
    from unnest(ids, versions) with ordinality as w(id, version, n)
    join (select i.id, i.version from workflows.instances i
           where i.tenant_id = tenant and i.id = any(ids) and i.finished_at is null for update skip locked) l
      on l.id = w.id and l.version = w.version;
  ready := ready || array(select w.n::integer from unnest(versions) with ordinality as w(version, n) where w.version = 0);

  if jsonb_array_length(batch->'closeTasks') > 0 then
    with closing as materialized (
      select * from jsonb_to_recordset(batch->'closeTasks') as c(n integer, id uuid, version integer)
    ), locked as materialized (
      select t.id, t.version from workflows.tasks t
       where t.tenant_id = tenant and t.id = any(array(select c.id from closing c)) and t.status in ('OPEN', 'CLAIMED') for update skip locked
    )
    select coalesce(array_agg(r.n), '{}') into ready from unnest(ready) as r(n)
     where not exists (
       select from closing c where c.n = r.n and not exists (select from locked l where l.id = c.id and l.version = c.version));
  end if;

  if jsonb_array_length(coalesce(batch->'guards', '[]')) > 0 then
    -- A recomputation of clocks waits for the transactions before it, so this one must have its number before it looks.
    perform pg_current_xact_id();
    with guarded as materialized (
      select g.n, ids[g.n] as id, g.clocks, g.runs, g.recomputations
        from jsonb_to_recordset(batch->'guards') as g(n integer, clocks text, runs text, recomputations integer) where g.n = any(ready)
    ), clocks as materialized (
      select c.instance_id, c.id, c.xmin as row_version from workflows.sla_clocks c
       where c.tenant_id = tenant and c.instance_id = any(array(select g.id from guarded g)) and c.ended_at is null for update skip locked
    ), runs as materialized (
      select r.instance_id, r.id, r.xmin as row_version from workflows.escalation_runs r
       where r.tenant_id = tenant and r.instance_id = any(array(select g.id from guarded g)) and r.ended_at is null for update skip locked
    )
    select coalesce(array_agg(r.n), '{}') into ready from unnest(ready) as r(n)
     where not exists (
       select from guarded g where g.n = r.n and (
         g.clocks is distinct from (select string_agg(c.id::text || ' ' || c.row_version::text, ', ' order by c.id) from clocks c where c.instance_id = g.id)
         or g.runs is distinct from (select string_agg(u.id::text || ' ' || u.row_version::text, ', ' order by u.id) from runs u where u.instance_id = g.id)
         or g.recomputations is distinct from (select count(*) from workflows.sla_recomputations s where s.tenant_id = tenant)));
  end if;

  changes := array(
    select row(ids[c.n], versions[c.n] + 1, c.at, c."actorId", c."onBehalfOf", c."sessionId", c."requestId", c."traceId", c.address)::engine.change
      from jsonb_to_recordset(batch->'changes') as c(
        n integer, at timestamptz, "actorId" uuid, "onBehalfOf" uuid, "sessionId" uuid, "requestId" text, "traceId" text, address text)
     order by c.n);
  if cardinality(ready) < cardinality(ids) then
    batch := batch || (
      select jsonb_object_agg(m.key, (
               select coalesce(jsonb_agg(r.value order by r.position), '[]') from jsonb_array_elements(m.value) with ordinality as r(value, position)
                where (r.value->>'n')::integer = any(ready)))
        from jsonb_each(batch) as m where jsonb_typeof(m.value) = 'array');
  end if;

  update workflows.instances i
     set state = n.state, status = n.status, data = coalesce(n.data, i.data), version = c.version, assignee_user_id = n."assigneeUserId",
         assignee_team_id = n."assigneeTeamId", assignee_vendor_id = n."assigneeVendorId", updated_at = c.at, finished_at = n."finishedAt",
         closed_at = n."closedAt", done_by = coalesce(n."doneBy", i.done_by)
    from jsonb_to_recordset(coalesce(batch->'updates', '[]')) as n(
      n integer, state text, status text, data jsonb, "assigneeUserId" uuid, "assigneeTeamId" uuid, "assigneeVendorId" uuid,
      "finishedAt" timestamptz, "closedAt" timestamptz, "doneBy" jsonb)
   cross join lateral (select (changes[n.n]).*) as c
   where i.tenant_id = tenant and i.id = any(ids) and i.id = c.instance_id;
  get diagnostics written = row_count;
  written := written + coalesce(engine.start_instances(tenant, changes, batch->'starts'), 0);
  if written <> cardinality(ready) then
    raise exception 'engine.apply_batch has written % of % writes', written, cardinality(ready) using errcode = 'WF002';
  end if;
  perform engine.write_rows(tenant, changes, batch);
  if jsonb_typeof(batch->'sla') = 'object' then
    perform engine.write_clocks(batch->'sla', ready);
  end if;

  -- Counted last, so that the slots are held for the shortest time.
  if jsonb_typeof(batch->'metered') = 'object' then
    executions := jsonb_array_length(coalesce(batch->'starts', '[]'));
    running := executions - (
      select count(*) from jsonb_array_elements(coalesce(batch->'starts', '[]') || coalesce(batch->'updates', '[]')) as r(value) where r.value ? 'finishedAt');
    if running <> 0 then
      perform app.meter('runningInstances', running, batch->'metered');
    end if;
    if executions > 0 then
      perform app.meter('executionsPerHour', executions, batch->'metered'), app.meter('executionsPerMonth', executions, batch->'metered');
    end if;
  end if;

  if cardinality(ready) = cardinality(ids) then
    return null;
  end if;
  return (
    select jsonb_agg(jsonb_build_object('n', w.n, 'isBusy', w.version = 0 or i.version is not distinct from w.version and i.finished_at is null,
                                        'currentVersion', i.version, 'currentState', i.state))
      from unnest(ids, versions) with ordinality as w(id, version, n)
      left join workflows.instances i on i.tenant_id = tenant and i.id = w.id
     where w.n <> all(ready));
end $$;

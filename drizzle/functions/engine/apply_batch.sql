-- Writes starts and transitions of different instances of one tenant in one statement. See docs/explanation/decisions/0010-calls-in-batches.md.
-- ids and versions: the instances, each once, and the version that each was decided on, 0 for a start. Their position, from 1, is the `n` of everything else.
-- batch { writes: [{ n, … }], closeTasks: [{ n, … }], openTasks: [{ n, … }], events: [{ n, … }], clearTimers: [{ n, at, … }], setTimers: [{ n, at, … }], runs: [{ n, … }], stopsRuns: [n, …], guards, kept, metered }. A write has the columns of the instance that a start sets or a
-- transition changes (never the data), of the history row and of the audit entry, and the actor. Of the audit image after the change it has what differs from
-- the image before. Null members are omitted. `metered`: the context of usage announcements; null if nothing starts or ends.
-- A run with `begun` begins with its start: as engine.begin_steps takes it, with the version, the number of attempts and the profile of the run.
-- guards: [{ n, clocks, runs, recomputations }], kept: of instances with SLA clocks or escalations, what was read about them (engine.read_clocks, and the number of recomputations of the
-- tenant's clocks), and what engine.write_clocks writes. A write whose guard does not hold is busy.
-- Returns those that were not written, [{ n, isBusy, currentVersion, currentState }], or null if all were. isBusy: the instance is unchanged or not started yet, but another transaction has
-- locked it or one of its tasks, or changed the SLA settings; call engine.apply for it, which waits. This function waits for no row, so that no instance is delayed by another.
-- Errors: WF001 the transaction has no tenant, or a vendor; WF010 the batch would exceed a limit of the tenant.
create or replace function engine.apply_batch(ids uuid[], versions integer[], batch jsonb) returns jsonb language plpgsql as $$
#variable_conflict use_variable
declare
  tenant uuid := app.tenant();
  ready integer[];
  written integer;
  running integer;
  executions integer;
  begun jsonb;
begin
  if tenant is null or not app.is_staff() then
    raise exception 'engine.apply_batch needs a transaction of a tenant, and none of a vendor''s user' using errcode = 'WF001';
  end if;
  -- The remaining waits (for the same idempotency key, for a counter) are short.
  perform set_config('lock_timeout', '250ms', true),
          -- Planning the large statement below takes longer than running it.
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

  with m as materialized (
    select * from jsonb_to_recordset(batch->'writes') as m(
      n integer, at timestamptz, state text, status text, data jsonb, "assigneeUserId" uuid, "assigneeTeamId" uuid, "assigneeVendorId" uuid,
      "finishedAt" timestamptz, "closedAt" timestamptz, "doneBy" jsonb,
      "definitionId" uuid, "definitionKey" text, "ownerId" uuid, "teamId" uuid, environment text,
      "historyId" uuid, kind text, transition text, "fromState" text, comment text, input jsonb, changes jsonb, "taskId" uuid,
      "isAutomatic" boolean, "auditId" uuid, action text, before jsonb, changed jsonb, address text,
      actor uuid, "onBehalfOf" uuid, "sessionId" uuid, "requestId" text, "traceId" text)
     where m.n = any(ready)
  ), started as (
    insert into workflows.instances (
      tenant_id, id, definition_id, definition_key, state, status, data, version, owner_id, team_id, assignee_user_id, assignee_team_id,
      assignee_vendor_id, created_at, updated_at, finished_at, closed_at, done_by, environment)
    select tenant, ids[m.n], m."definitionId", m."definitionKey", m.state, m.status, m.data, 1, m."ownerId", m."teamId", m."assigneeUserId",
           m."assigneeTeamId", m."assigneeVendorId", m.at, m.at, m."finishedAt", m."closedAt", coalesce(m."doneBy", '{}'), m.environment
      from m where versions[m.n] = 0
    returning id
  ), updated as (
    update workflows.instances i
       set state = m.state, status = m.status, data = coalesce(m.data, i.data), version = i.version + 1,
           assignee_user_id = m."assigneeUserId", assignee_team_id = m."assigneeTeamId", assignee_vendor_id = m."assigneeVendorId",
           updated_at = m.at, finished_at = m."finishedAt", closed_at = m."closedAt", done_by = coalesce(m."doneBy", i.done_by)
      from m
     where i.tenant_id = tenant and i.id = any(ids) and i.id = ids[m.n]
    returning i.id
  ), chronicle as (
    insert into workflows.history (
      tenant_id, id, instance_id, version, kind, transition, from_state, to_state, actor_id, on_behalf_of, comment, input, changes, at, task_id,
      is_automatic)
    select tenant, m."historyId", ids[m.n], versions[m.n] + 1, m.kind, m.transition, m."fromState", m.state, m.actor, m."onBehalfOf", m.comment, m.input,
           m.changes, m.at, m."taskId", coalesce(m."isAutomatic", false)
      from m
  ), closed as (
    update workflows.tasks t
       set status = c.status, transition = c.transition, version = t.version + 1, closed_at = m.at,
           completed_by = case c.status when 'COMPLETED' then m.actor end,
           on_behalf_of = case c.status when 'COMPLETED' then m."onBehalfOf" end
      from jsonb_to_recordset(batch->'closeTasks') as c(n integer, id uuid, status text, transition text) join m on m.n = c.n
     where t.tenant_id = tenant and t.id = c.id and t.instance_id = ids[c.n]
    returning t.id
  ), opened as (
    insert into workflows.tasks (
      tenant_id, id, instance_id, state, rule, title, status, candidate_roles, candidate_user_ids, candidate_team_ids, candidate_vendor_ids,
      assignee_id, claimed_at, due_at, created_at, copy, priority, checklist, opened_at_version, vote)
    select tenant, o.id, ids[o.n], o.state, o.rule, o.title, case when o."assigneeId" is null then 'OPEN' else 'CLAIMED' end,
           coalesce(o."candidateRoles", '{}'), coalesce(o."candidateUserIds", '{}'), coalesce(o."candidateTeamIds", '{}'),
           coalesce(o."candidateVendorIds", '{}'), o."assigneeId", case when o."assigneeId" is not null then m.at end, o."dueAt", m.at,
           coalesce(o.copy, 1), coalesce(o.priority, 1), coalesce(o.checklist, '[]'), versions[o.n] + 1, o.vote
      from jsonb_to_recordset(batch->'openTasks') as o(
        n integer, id uuid, state text, rule text, title text, "candidateRoles" text[], "candidateUserIds" uuid[], "candidateTeamIds" uuid[],
        "candidateVendorIds" uuid[], "assigneeId" uuid, "dueAt" timestamptz, copy integer, priority smallint, checklist jsonb, vote text)
      join m on m.n = o.n
     -- After the tasks are closed: a state that is entered again opens the same task again.
     where (select count(*) from closed) >= 0
  ), told as materialized (
    select e.*, m.actor, m."onBehalfOf", m."requestId", m."traceId", m.at
      from jsonb_to_recordset(batch->'events') as e(
        n integer, id uuid, type text, "typeVersion" integer, "subjectType" text, "subjectId" uuid, "subjectVersion" integer, related jsonb,
        payload jsonb, "causeId" uuid)
      join m on m.n = e.n
  ), logged as (
    insert into events.log (
      tenant_id, id, type, type_version, subject_type, subject_id, subject_version, related, payload, actor_id, on_behalf_of, cause_id,
      request_id, trace_id, occurred_at)
    select tenant, e.id, e.type, e."typeVersion", e."subjectType", e."subjectId", e."subjectVersion", coalesce(e.related, '{}'),
           coalesce(e.payload, '{}'), e.actor, e."onBehalfOf", e."causeId", e."requestId", e."traceId", e.at
      from told e
  ), queued as (
    -- The ids grow in the order of the events. `seq` is drawn here, under the locks of the instances' rows: its order per instance is the order of commits.
    insert into events.outbox (tenant_id, event_id) select tenant, e.id from told e order by e.id
  ), audited as (
    insert into audit.entries (
      tenant_id, id, action, entity_type, entity_id, before, after, actor_id, on_behalf_of, session_id, request_id, address)
    select tenant, m."auditId", m.action, 'instance', ids[m.n], m.before, coalesce(m.before, '{}') || m.changed, m.actor, m."onBehalfOf", m."sessionId", m."requestId", m.address
      from m
  ), unsealed as (
    insert into audit.unsealed (tenant_id, entry_id) select tenant, m."auditId" from m order by m."auditId"
  )
  select (select count(*) from updated) + (select count(*) from started) into written;
  if written <> cardinality(ready) then
    raise exception 'engine.apply_batch has written % of % writes', written, cardinality(ready) using errcode = 'WF002';
  end if;

  -- Statements of their own, as in engine.write_timers: most batches have no timers, and would pay for them in the plan of the statement above.
  if jsonb_array_length(coalesce(batch->'clearTimers', '[]')) > 0 then
    update workflows.timers t set status = 'CLEARED', ended_at = c.at
      from jsonb_to_recordset(batch->'clearTimers') as c(n integer, at timestamptz, kind text, name text, "taskId" uuid)
     where t.tenant_id = tenant and t.instance_id = any(ids) and t.instance_id = ids[c.n] and c.n = any(ready) and t.status = 'ARMED'
       and (c.kind is null or t.kind = c.kind) and (c.name is null or t.name = c.name) and (c."taskId" is null or t.task_id = c."taskId");
  end if;
  if jsonb_array_length(coalesce(batch->'setTimers', '[]')) > 0 then
    insert into workflows.timers (
      tenant_id, id, instance_id, task_id, kind, name, state, due_at, status, armed_at_version, payload, created_at, ended_at, reason)
    select tenant, s.id, ids[s.n], s."taskId", s.kind, s.name, s.state, s."dueAt", case when s.reason is null then 'ARMED' else 'SKIPPED' end,
           versions[s.n] + 1, coalesce(s.payload, '{}'), s.at, case when s.reason is not null then s.at end, s.reason
      from jsonb_to_recordset(batch->'setTimers') as s(
        n integer, at timestamptz, id uuid, "taskId" uuid, kind text, name text, state text, "dueAt" timestamptz, payload jsonb, reason text)
     where s.n = any(ready);
  end if;

  -- As engine.write_outcome does: before the runs of the states that are entered exist.
  if jsonb_array_length(coalesce(batch->'stopsRuns', '[]')) > 0 then
    update workflows.runs r set due_at = clock_timestamp(), left_at = clock_timestamp()
     where r.tenant_id = tenant and r.finished_at is null and r.left_at is null
       and r.instance_id = any(array(select ids[s.n::integer] from jsonb_array_elements_text(batch->'stopsRuns') as s(n) where s.n::integer = any(ready)));
  end if;
  if jsonb_array_length(coalesce(batch->'runs', '[]')) > 0 then
    insert into workflows.runs (
      tenant_id, id, instance_id, definition_id, state, instance_version, inputs, due_at, created_at, has_begun, began_at, version, attempts, profile)
    select tenant, r.id, ids[r.n], r."definitionId", r.state, versions[r.n] + 1, r.inputs, case when r.begun is null then clock_timestamp() end, r.at,
           r.begun is not null, (r.begun->>'now')::timestamptz, coalesce((r.begun->>'version')::integer, 1), coalesce((r.begun->>'attempts')::integer, 0),
           r.begun->'profile'
      from jsonb_to_recordset(batch->'runs') as r(n integer, id uuid, "definitionId" uuid, state text, inputs jsonb, at timestamptz, begun jsonb)
     where r.n = any(ready);
    begun := (select jsonb_agg(r.value->'begun') from jsonb_array_elements(batch->'runs') as r
               where r.value ? 'begun' and (r.value->>'n')::integer = any(ready));
    if begun is not null then
      perform engine.begin_steps(tenant, begun);
    end if;
  end if;

  if jsonb_typeof(batch->'kept') = 'object' then
    perform engine.write_clocks(batch->'kept', ready);
  end if;

  -- Counted last, so that the slots are held for the shortest time.
  if jsonb_typeof(batch->'metered') = 'object' then
    select count(*) filter (where versions[m.n] = 0), count(*) filter (where versions[m.n] = 0) - count(*) filter (where m."finishedAt" is not null)
      into executions, running
      from jsonb_to_recordset(batch->'writes') as m(n integer, "finishedAt" timestamptz) where m.n = any(ready);
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

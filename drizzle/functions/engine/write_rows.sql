-- Writes the rows that belong to changes of different instances, after the instances: rows { history, closeTasks, openTasks, clearTimers, setTimers, stopRuns, startRuns, events,
-- audit }, each a list of objects with `n`, the number of their change, from 1 (absent: 1). Absent lists are empty. Null members of a row can be absent.
-- clearTimers: [{ kind, name, taskId }] (null matches every value). setTimers with a reason are only recorded, as skipped. startRuns: a run with `begun` begins with its start: as
-- engine.begin_steps takes it, with the version, the number of attempts and the profile of the run. audit: `changed` has what differs from `before`.
-- Errors: 40001 a task changed since it was read (the caller retries the whole transaction).
create or replace function engine.write_rows(tenant uuid, changes engine.change[], rows jsonb) returns void language plpgsql as $$
#variable_conflict use_variable
declare
  acting_vendor constant text := coalesce(current_setting('app.vendor_id', true), '');
  affected integer;
  begun jsonb;
begin
  if rows ? 'history' then
    insert into workflows.history (
      tenant_id, id, instance_id, version, kind, transition, from_state, to_state, actor_id, on_behalf_of, comment, input, changes, at, task_id,
      is_automatic)
    select tenant, h.id, c.instance_id, c.version, h.kind, h.transition, h."fromState", h."toState", c.actor_id, c.on_behalf_of, h.comment, h.input,
           h.changes, c.at, h."taskId", coalesce(h."isAutomatic", false)
      from jsonb_to_recordset(rows->'history') as h(
        n integer, id uuid, kind text, transition text, "fromState" text, "toState" text, comment text, input jsonb, changes jsonb, "taskId" uuid,
        "isAutomatic" boolean)
     cross join lateral (select (changes[coalesce(h.n, 1)]).*) as c;
  end if;

  if rows ? 'closeTasks' then
    update workflows.tasks t
       set status = r.status, transition = r.transition, version = t.version + 1, closed_at = c.at,
           completed_by = case r.status when 'COMPLETED' then c.actor_id end, on_behalf_of = case r.status when 'COMPLETED' then c.on_behalf_of end
      from jsonb_to_recordset(rows->'closeTasks') as r(n integer, id uuid, version integer, status text, transition text)
     cross join lateral (select (changes[coalesce(r.n, 1)]).*) as c
     -- With a plan that joins by the IDs only, a young table is read as a whole.
     where t.tenant_id = tenant and t.id = any(array(select (o.value->>'id')::uuid from jsonb_array_elements(rows->'closeTasks') as o(value)))
       and t.id = r.id and t.instance_id = c.instance_id and t.version = r.version and t.status in ('OPEN', 'CLAIMED');
    get diagnostics affected = row_count;
    if affected <> jsonb_array_length(rows->'closeTasks') then
      raise exception 'A task of the instance was claimed meanwhile' using errcode = 'serialization_failure';
    end if;
  end if;
  -- After the tasks are closed: a state that is entered again opens the same task again.
  if rows ? 'openTasks' then
    insert into workflows.tasks (
      tenant_id, id, instance_id, state, rule, title, status, candidate_roles, candidate_user_ids, candidate_team_ids, candidate_vendor_ids,
      assignee_id, claimed_at, due_at, created_at, copy, priority, checklist, opened_at_version, vote)
    select tenant, r.id, c.instance_id, r.state, r.rule, r.title, case when r."assigneeId" is null then 'OPEN' else 'CLAIMED' end,
           coalesce(r."candidateRoles", '{}'), coalesce(r."candidateUserIds", '{}'), coalesce(r."candidateTeamIds", '{}'),
           coalesce(r."candidateVendorIds", '{}'), r."assigneeId", case when r."assigneeId" is not null then c.at end, r."dueAt", c.at,
           coalesce(r.copy, 1), coalesce(r.priority, 1), coalesce(r.checklist, '[]'), c.version, r.vote
      from jsonb_to_recordset(rows->'openTasks') as r(
        n integer, id uuid, state text, rule text, title text, "candidateRoles" text[], "candidateUserIds" uuid[], "candidateTeamIds" uuid[],
        "candidateVendorIds" uuid[], "assigneeId" uuid, "dueAt" timestamptz, copy integer, priority smallint, checklist jsonb, vote text)
     cross join lateral (select (changes[coalesce(r.n, 1)]).*) as c;
  end if;

  -- Users of a vendor clear and set timers, too, although they cannot see them.
  if rows ?| array['clearTimers', 'setTimers'] then
    perform set_config('app.vendor_id', '', true);
    update workflows.timers t set status = 'CLEARED', ended_at = c.at
      from jsonb_to_recordset(coalesce(rows->'clearTimers', '[]')) as r(n integer, kind text, name text, "taskId" uuid)
     cross join lateral (select (changes[coalesce(r.n, 1)]).*) as c
     where t.tenant_id = tenant and t.instance_id = any(array(select o.instance_id from unnest(changes) as o)) and t.instance_id = c.instance_id
       and t.status = 'ARMED'
       and (r.kind is null or t.kind = r.kind) and (r.name is null or t.name = r.name) and (r."taskId" is null or t.task_id = r."taskId");
    insert into workflows.timers (
      tenant_id, id, instance_id, task_id, kind, name, state, due_at, status, armed_at_version, payload, created_at, ended_at, reason)
    select tenant, r.id, c.instance_id, r."taskId", r.kind, r.name, r.state, r."dueAt", case when r.reason is null then 'ARMED' else 'SKIPPED' end,
           c.version, coalesce(r.payload, '{}'), c.at, case when r.reason is not null then c.at end, r.reason
      from jsonb_to_recordset(coalesce(rows->'setTimers', '[]')) as r(
        n integer, id uuid, "taskId" uuid, kind text, name text, state text, "dueAt" timestamptz, payload jsonb, reason text)
     cross join lateral (select (changes[coalesce(r.n, 1)]).*) as c;
    perform set_config('app.vendor_id', acting_vendor, true);
  end if;

  -- The runs of the states that were left are told to stop, before those of the states that are entered exist. A worker stops them, because steps may be at work.
  if rows ? 'stopRuns' then
    update workflows.runs r set due_at = clock_timestamp(), left_at = clock_timestamp()
     where r.tenant_id = tenant and r.finished_at is null and r.left_at is null
       and r.instance_id = any(array(select (changes[coalesce(s.n, 1)]).instance_id from jsonb_to_recordset(rows->'stopRuns') as s(n integer)));
  end if;
  if rows ? 'startRuns' then
    insert into workflows.runs (
      tenant_id, id, instance_id, definition_id, state, instance_version, inputs, due_at, created_at, has_begun, began_at, version, attempts, profile)
    select tenant, r.id, c.instance_id, r."definitionId", r.state, c.version, r.inputs, case when r.begun is null then clock_timestamp() end, c.at,
           r.begun is not null, (r.begun->>'now')::timestamptz, coalesce((r.begun->>'version')::integer, 1), coalesce((r.begun->>'attempts')::integer, 0),
           r.begun->'profile'
      from jsonb_to_recordset(rows->'startRuns') as r(n integer, id uuid, "definitionId" uuid, state text, inputs jsonb, begun jsonb)
     cross join lateral (select (changes[coalesce(r.n, 1)]).*) as c;
    begun := jsonb_path_query_array(rows, '$.startRuns[*].begun');
    if begun <> '[]' then
      perform engine.begin_steps(tenant, begun);
    end if;
  end if;

  if rows ? 'events' then
    -- `seq` is drawn here, under the locks of the instances' rows: its order per instance is the order of commits. Before the log, whose triggers write
    -- the events of consequences: those come after their causes, and after the earlier versions of the instances that they change.
    insert into events.outbox (tenant_id, event_id)
    select tenant, (e.value->>'id')::uuid from jsonb_array_elements(rows->'events') with ordinality as e(value, position) order by e.position;
    insert into events.log (
      tenant_id, id, type, type_version, subject_type, subject_id, subject_version, related, payload, actor_id, on_behalf_of, cause_id,
      request_id, trace_id, occurred_at)
    select tenant, e.id, e.type, e."typeVersion", e."subjectType", e."subjectId", e."subjectVersion", coalesce(e.related, '{}'), coalesce(e.payload, '{}'),
           c.actor_id, c.on_behalf_of, e."causeId", c.request_id, c.trace_id, c.at
      from jsonb_to_recordset(rows->'events') as e(
        n integer, id uuid, type text, "typeVersion" integer, "subjectType" text, "subjectId" uuid, "subjectVersion" integer, related jsonb,
        payload jsonb, "causeId" uuid)
     cross join lateral (select (changes[coalesce(e.n, 1)]).*) as c;
  end if;
  if rows ? 'audit' then
    insert into audit.entries (
      tenant_id, id, action, entity_type, entity_id, before, after, actor_id, on_behalf_of, session_id, request_id, address,
      client_name, client_version, user_agent)
    select tenant, a.id, a.action, 'instance', c.instance_id, a.before, coalesce(a.before, '{}') || a.changed, c.actor_id,
           c.on_behalf_of, c.session_id, c.request_id, c.address, a."clientName", a."clientVersion", a."userAgent"
      from jsonb_to_recordset(rows->'audit') as a(
        n integer, id uuid, action text, before jsonb, changed jsonb, "clientName" text, "clientVersion" text, "userAgent" text)
     cross join lateral (select (changes[coalesce(a.n, 1)]).*) as c;
    insert into audit.unsealed (tenant_id, entry_id)
    select tenant, (a.value->>'id')::uuid from jsonb_array_elements(rows->'audit') with ordinality as a(value, position) order by a.position;
  end if;
end $$;

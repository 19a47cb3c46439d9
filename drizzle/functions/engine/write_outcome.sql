-- Writes one transition or start of an instance in one call: round trips are what limits a transition.
-- context { tenantId, userId, vendorId, actorId, onBehalfOf, requestId, sessionId, address, traceId }
-- outcome { expectedVersion (null: start), occurredAt, instance, history, closeTasks, openTasks, timers, stopsRun, runId, begun (as in engine.apply_batch), resolution, incident, fields, words, events, audit }
-- Returns { applied, currentVersion, currentState, currentStatus }. If the instance has another version, or is finished, nothing is written and applied is false.
-- Errors: WF001 the transaction belongs to another tenant, user or vendor; WF002 the versions do not follow each other; 40001 a task changed since it was read
-- (the caller retries the whole transaction).
-- plpgsql, because its statements run in order: `set_config` in a CTE of the writing statement comes too late for row-level security and writes 0 rows
-- without an error.
create or replace function engine.write_outcome(context jsonb, outcome jsonb) returns jsonb language plpgsql as $$
#variable_conflict use_variable
declare
  tenant uuid := context->>'tenantId';
  actor uuid := context->>'actorId';
  on_behalf uuid := context->>'onBehalfOf';
  occurred_at timestamptz := outcome->>'occurredAt';
  expected integer := outcome->>'expectedVersion';
  instance uuid := outcome->'instance'->>'id';
  next_version integer := outcome->'instance'->>'version';
  affected integer;
  current_row record;
  -- Null: a worker begins the run.
  begun jsonb := outcome->'begun';
begin
  if tenant is null then
    raise exception 'engine.apply needs a tenant' using errcode = 'WF001';
  end if;
  if app.tenant() is null then
    perform set_config('app.tenant_id', tenant::text, true),
            set_config('app.user_id', coalesce(context->>'userId', ''), true),
            set_config('app.vendor_id', coalesce(context->>'vendorId', ''), true);
  elsif app.tenant() <> tenant
     or app.vendor() is distinct from (context->>'vendorId')::uuid
     or app.user_id() <> (context->>'userId')::uuid then
    -- Going on would switch the rest of the caller's transaction to this tenant.
    raise exception 'engine.apply was called for another tenant, user or vendor than the one of its transaction' using errcode = 'WF001';
  end if;
  if next_version is distinct from coalesce(expected, 0) + 1 then
    raise exception 'engine.apply: version % cannot follow %', next_version, coalesce(expected, 0) using errcode = 'WF002';
  end if;

  if expected is null then
    insert into workflows.instances (
      tenant_id, id, definition_id, definition_key, state, status, data, version, subject_type, subject_id, request_type,
      owner_id, team_id, assignee_user_id, assignee_team_id, assignee_vendor_id, created_at, updated_at, finished_at, closed_at,
      parent_id, parent_state, parent_version, parent_rule, child_index, ancestors, done_by, environment)
    select tenant, instance, n."definitionId", n."definitionKey", n.state, n.status, n.data, next_version, n."subjectType", n."subjectId", n."requestType",
           n."ownerId", n."teamId", n."assigneeUserId", n."assigneeTeamId", n."assigneeVendorId", occurred_at, occurred_at, n."finishedAt", n."closedAt",
           n."parentId", n."parentState", n."parentVersion", n."parentRule", n."childIndex", coalesce(n.ancestors, '{}'), coalesce(n."doneBy", '{}'),
           coalesce(n.environment, 'PROD')
      from jsonb_to_record(outcome->'instance') as n(
        "definitionId" uuid, "definitionKey" text, state text, status text, data jsonb, "subjectType" text, "subjectId" uuid, "requestType" text,
        "ownerId" uuid, "teamId" uuid, "assigneeUserId" uuid, "assigneeTeamId" uuid, "assigneeVendorId" uuid, "finishedAt" timestamptz, "closedAt" timestamptz,
        "parentId" uuid, "parentState" text, "parentVersion" integer, "parentRule" text, "childIndex" integer, ancestors uuid[], "doneBy" jsonb,
        environment text);
  else
    -- Finished instances never change.
    update workflows.instances i
       set state = n.state, status = n.status, data = n.data, version = next_version, owner_id = n."ownerId", team_id = n."teamId",
           assignee_user_id = n."assigneeUserId", assignee_team_id = n."assigneeTeamId", assignee_vendor_id = n."assigneeVendorId",
           updated_at = occurred_at, finished_at = n."finishedAt", closed_at = n."closedAt", done_by = coalesce(n."doneBy", i.done_by),
           definition_id = n."definitionId"
      from jsonb_to_record(outcome->'instance') as n(
        state text, status text, data jsonb, "ownerId" uuid, "teamId" uuid, "assigneeUserId" uuid, "assigneeTeamId" uuid,
        "assigneeVendorId" uuid, "finishedAt" timestamptz, "closedAt" timestamptz, "doneBy" jsonb, "definitionId" uuid)
     where i.tenant_id = tenant and i.id = instance and i.version = expected and i.finished_at is null;
    if not found then
      select i.version, i.state, i.status into current_row from workflows.instances i where i.tenant_id = tenant and i.id = instance;
      return jsonb_build_object('applied', false, 'currentVersion', current_row.version, 'currentState', current_row.state,
                                'currentStatus', current_row.status);
    end if;
  end if;

  insert into workflows.history (
    tenant_id, id, instance_id, version, kind, transition, from_state, to_state, actor_id, on_behalf_of, comment, input, changes, at,
    task_id, is_automatic)
  select tenant, h.id, instance, next_version, h.kind, h.transition, h."fromState", h."toState", actor, on_behalf, h.comment, h.input, h.changes, occurred_at,
         h."taskId", coalesce(h."isAutomatic", false)
    from jsonb_to_record(outcome->'history') as h(
      id uuid, kind text, transition text, "fromState" text, "toState" text, comment text, input jsonb, changes jsonb,
      "taskId" uuid, "isAutomatic" boolean);

  if jsonb_array_length(coalesce(outcome->'closeTasks', '[]')) > 0 then
    update workflows.tasks t
       set status = c.status, transition = c.transition, version = t.version + 1, closed_at = occurred_at,
           completed_by = case c.status when 'COMPLETED' then actor end,
           on_behalf_of = case c.status when 'COMPLETED' then on_behalf end
      from jsonb_to_recordset(outcome->'closeTasks') as c(id uuid, version integer, status text, transition text)
     where t.tenant_id = tenant and t.id = c.id and t.instance_id = instance and t.version = c.version and t.status in ('OPEN', 'CLAIMED');
    get diagnostics affected = row_count;
    if affected <> jsonb_array_length(outcome->'closeTasks') then
      raise exception 'A task of the instance was claimed meanwhile' using errcode = 'serialization_failure';
    end if;
  end if;

  if jsonb_array_length(coalesce(outcome->'openTasks', '[]')) > 0 then
    insert into workflows.tasks (
      tenant_id, id, instance_id, state, rule, title, status, candidate_roles, candidate_user_ids, candidate_team_ids, candidate_vendor_ids,
      assignee_id, claimed_at, due_at, created_at, copy, priority, checklist, opened_at_version, vote)
    select tenant, o.id, instance, o.state, o.rule, o.title, case when o."assigneeId" is null then 'OPEN' else 'CLAIMED' end,
           coalesce(o."candidateRoles", '{}'), coalesce(o."candidateUserIds", '{}'), coalesce(o."candidateTeamIds", '{}'),
           coalesce(o."candidateVendorIds", '{}'), o."assigneeId", case when o."assigneeId" is not null then occurred_at end, o."dueAt", occurred_at,
           coalesce(o.copy, 1), coalesce(o.priority, 1), coalesce(o.checklist, '[]'), next_version, o.vote
      from jsonb_to_recordset(outcome->'openTasks') as o(
        id uuid, state text, rule text, title text, "candidateRoles" text[], "candidateUserIds" uuid[], "candidateTeamIds" uuid[],
        "candidateVendorIds" uuid[], "assigneeId" uuid, "dueAt" timestamptz, copy integer, priority smallint, checklist jsonb, vote text);
  end if;

  if jsonb_typeof(outcome->'timers') = 'object' then
    perform engine.write_timers(tenant, instance, next_version, occurred_at, outcome->'timers');
  end if;

  -- The run of the state that was left is told to stop. A worker does so, because steps may be at work.
  if (outcome->>'stopsRun')::boolean then
    update workflows.runs r set due_at = clock_timestamp(), left_at = clock_timestamp()
     where r.tenant_id = tenant and r.instance_id = instance and r.finished_at is null and r.left_at is null;
  end if;
  -- What waited for the instance to continue is looked at again: the end of a run, or a step without an incident. A worker also pauses the run of a
  -- suspended instance, and lets it go on.
  if outcome->'history'->>'kind' in ('SUSPENSION', 'RESUMPTION', 'RESOLUTION') then
    update workflows.runs r set due_at = clock_timestamp()
     where r.tenant_id = tenant and r.instance_id = instance and not r.is_received and r.left_at is null;
  end if;
  if outcome ? 'runId' then
    insert into workflows.runs (
      tenant_id, id, instance_id, definition_id, state, instance_version, inputs, due_at, created_at, has_begun, began_at, version, attempts, profile)
    select tenant, (outcome->>'runId')::uuid, instance, n."definitionId", n.state, next_version, n.data, case when begun is null then clock_timestamp() end,
           occurred_at, begun is not null, (begun->>'now')::timestamptz, coalesce((begun->>'version')::integer, 1),
           coalesce((begun->>'attempts')::integer, 0), begun->'profile'
      from jsonb_to_record(outcome->'instance') as n("definitionId" uuid, state text, data jsonb);
    if begun is not null then
      perform engine.begin_steps(tenant, jsonb_build_array(begun));
    end if;
  end if;

  if outcome->'history'->>'kind' = 'RESUMPTION' then
    update workflows.timers t set is_held = false
     where t.tenant_id = tenant and t.instance_id = instance and t.status = 'ARMED' and t.is_held;
    update workflows.tasks t set is_due_held = false
     where t.tenant_id = tenant and t.instance_id = instance and t.status in ('OPEN', 'CLAIMED') and t.is_due_held;
  end if;

  if jsonb_typeof(outcome->'resolution') = 'object' then
    -- A timer that has failed is retried with the instance, or skipped. Those that waited for the resolution can fire.
    update workflows.timers t
       set is_held = false, attempts = 0, status = case when t.status = 'ARMED' or outcome->'resolution'->>'action' = 'RETRY' then 'ARMED' else 'SKIPPED' end,
           ended_at = case when t.status = 'ARMED' or outcome->'resolution'->>'action' = 'RETRY' then null else occurred_at end
     where t.tenant_id = tenant and t.instance_id = instance and (t.status = 'FAILED' or t.status = 'ARMED' and t.is_held);
    update workflows.tasks t set is_due_held = false
     where t.tenant_id = tenant and t.instance_id = instance and t.status in ('OPEN', 'CLAIMED') and t.is_due_held;
    update workflows.incidents i
       set status = 'RESOLVED', resolution = r.action, comment = r.comment, resolved_by = actor, resolved_at = occurred_at
      from jsonb_to_record(outcome->'resolution') as r(action text, comment text)
     where i.tenant_id = tenant and i.instance_id = instance and i.status = 'OPEN';
    update events.parked p
       set status = case outcome->'resolution'->>'action' when 'RETRY' then 'RETRY' else 'SKIPPED' end, attempts = 0
     where p.tenant_id = tenant and p.instance_id = instance and p.status = 'PARKED';
  end if;

  if jsonb_typeof(outcome->'incident') = 'object' then
    insert into workflows.incidents (tenant_id, id, instance_id, instance_version, kind, state, place, message, created_at)
    select tenant, n.id, instance, next_version, n.kind, outcome->'instance'->>'state', n.place, n.message, occurred_at
      from jsonb_to_record(outcome->'incident') as n(id uuid, kind text, place text, message text);
  end if;

  -- Values that lists filter by, of declared fields, where they changed: null takes one away.
  if jsonb_array_length(coalesce(outcome->'fields', '[]')) > 0 then
    update workflows.instance_fields f set text_value = null, number_value = null
      from jsonb_to_recordset(outcome->'fields') as n(field text, "textValue" text, "numberValue" numeric)
     where f.tenant_id = tenant and f.instance_id = instance and f.field = n.field and num_nonnulls(n."textValue", n."numberValue") = 0;
    insert into workflows.instance_fields (tenant_id, instance_id, definition_key, field, text_value, number_value, created_at)
    select tenant, instance, outcome->'instance'->>'definitionKey', n.field, n."textValue", n."numberValue", (outcome->'instance'->>'createdAt')::timestamptz
      from jsonb_to_recordset(outcome->'fields') as n(field text, "textValue" text, "numberValue" numeric)
     where num_nonnulls(n."textValue", n."numberValue") = 1
    on conflict on constraint instance_fields_pkey do update set text_value = excluded.text_value, number_value = excluded.number_value;
  end if;

  -- The words of the indexed texts. Users of a vendor can change them, although they cannot delete rows.
  if jsonb_typeof(outcome->'words') = 'array' then
    perform set_config('app.vendor_id', '', true);
    delete from workflows.instance_words w
     where w.tenant_id = tenant and w.instance_id = instance and not outcome->'words' ? w.word;
    insert into workflows.instance_words (tenant_id, instance_id, word)
    select distinct tenant, instance, n.word from jsonb_array_elements_text(outcome->'words') as n(word)
    on conflict on constraint instance_words_pkey do nothing;
    perform set_config('app.vendor_id', coalesce(context->>'vendorId', ''), true);
  end if;

  if jsonb_array_length(coalesce(outcome->'events', '[]')) > 0 then
    insert into events.log (
      tenant_id, id, type, type_version, subject_type, subject_id, subject_version, related, payload, actor_id, on_behalf_of, cause_id,
      request_id, trace_id, occurred_at)
    select tenant, e.id, e.type, e."typeVersion", e."subjectType", e."subjectId", e."subjectVersion", coalesce(e.related, '{}'),
           coalesce(e.payload, '{}'), actor, on_behalf, e."causeId", context->>'requestId', context->>'traceId', occurred_at
      from jsonb_to_recordset(outcome->'events') as e(
        id uuid, type text, "typeVersion" integer, "subjectType" text, "subjectId" uuid, "subjectVersion" integer, related jsonb,
        payload jsonb, "causeId" uuid);
    -- `seq` is drawn here, under the lock of the instance's row: its order per instance is the order of commits.
    insert into events.outbox (tenant_id, event_id)
    select tenant, (e.value->>'id')::uuid from jsonb_array_elements(outcome->'events') with ordinality as e(value, n) order by e.n;
  end if;

  if jsonb_array_length(coalesce(outcome->'audit', '[]')) > 0 then
    insert into audit.entries (
      tenant_id, id, action, entity_type, entity_id, before, after, actor_id, on_behalf_of, session_id, request_id, address)
    select tenant, a.id, a.action, a."entityType", a."entityId", a.before, a.after, actor, on_behalf, (context->>'sessionId')::uuid,
           context->>'requestId', context->>'address'
      from jsonb_to_recordset(outcome->'audit') as a(id uuid, action text, "entityType" text, "entityId" uuid, before jsonb, after jsonb);
    insert into audit.unsealed (tenant_id, entry_id)
    select tenant, (a.value->>'id')::uuid from jsonb_array_elements(outcome->'audit') with ordinality as a(value, n) order by a.n;
  end if;

  return jsonb_build_object('applied', true, 'currentVersion', next_version, 'currentState', outcome->'instance'->'state',
                            'currentStatus', outcome->'instance'->'status');
end $$;

-- Writes one transition or start of an instance in one call: round trips are what limits a transition.
-- context { tenantId, userId, vendorId, actorId, onBehalfOf, requestId, sessionId, address, traceId }
-- outcome { expectedVersion (null: start), occurredAt, instance (as engine.start_instances takes it, with its ID and version),
-- the lists of engine.write_rows, resolution, incident, fields, words }
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
  occurred_at timestamptz := outcome->>'occurredAt';
  expected integer := outcome->>'expectedVersion';
  instance uuid := outcome->'instance'->>'id';
  next_version integer := outcome->'instance'->>'version';
  -- The only change, to which all rows belong.
  changes engine.change[] := array[row(instance, next_version, occurred_at, actor, context->>'onBehalfOf', context->>'sessionId', context->>'requestId',
                                       context->>'traceId', context->>'address')::engine.change];
  kind text := outcome->'history'->0->>'kind';
  current_row record;
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
    perform engine.start_instances(tenant, changes, jsonb_build_array(outcome->'instance'));
  else
    -- Finished instances never change. Not the statement of engine.apply_batch: with the ID of one instance, its plan is always a look-up by the key.
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

  perform engine.write_rows(tenant, changes, outcome);

  -- What waited for the instance to continue is looked at again: the end of a run, or a step without an incident. A worker also pauses the run of a
  -- suspended instance, and lets it go on.
  if kind in ('SUSPENSION', 'RESUMPTION', 'RESOLUTION') then
    update workflows.runs r set due_at = clock_timestamp()
     where r.tenant_id = tenant and r.instance_id = instance and not r.is_received and r.left_at is null;
  end if;

  if kind = 'RESUMPTION' then
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

  return jsonb_build_object('applied', true, 'currentVersion', next_version, 'currentState', outcome->'instance'->'state',
                            'currentStatus', outcome->'instance'->'status');
end $$;

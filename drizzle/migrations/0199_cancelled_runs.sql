-- Up Migration
-- `CANCELED` of runs, their steps, the event `run.canceled` and the error `WORKFLOW_CANCELED` are spelled CANCELLED, as everywhere else. Audit entries are
-- hashed and keep the spelling that they were written with; it is translated when they are read.

-- The unambiguous names in texts of users: expressions, templates and definitions. `custom.run.canceled` is another name.
create function app.respelled(value text) returns text language sql immutable as $$
  select regexp_replace(regexp_replace(value, '\mWORKFLOW_CANCELED\M', 'WORKFLOW_CANCELLED', 'g'), '(?<![.\w])run\.canceled\M', 'run.cancelled', 'g')
$$;
-- The status in expressions over events of runs only. In others, it can be a word of the user.
create function app.respelled(condition text, types text[]) returns text language sql immutable as $$
  select case
    when (select bool_and(t ^@ 'run.') from unnest(types) as t) then regexp_replace(app.respelled(condition), '(["''])CANCELED\1', '\1CANCELLED\1', 'g')
    else app.respelled(condition) end
$$;

-- The owner sees rows only while the force is lifted.
alter table workflows.runs no force row level security;
alter table workflows.run_steps no force row level security;
alter table workflows.run_attempts no force row level security;
alter table workflows.run_words no force row level security;
alter table workflows.step_waits no force row level security;
alter table workflows.definitions no force row level security;
alter table workflows.triggers no force row level security;
alter table workflows.trigger_runs no force row level security;
alter table events.log no force row level security;
alter table events.webhooks no force row level security;
alter table events.webhook_deliveries no force row level security;
alter table events.replays no force row level security;
alter table audit.notification_rules no force row level security;

alter table workflows.runs drop constraint runs_status_check, drop constraint runs_finished_check;
alter table workflows.run_steps drop constraint run_steps_status_check;
update workflows.runs
   set status = case status when 'CANCELED' then 'CANCELLED' else status end,
       ending = case
         when ending ->> 'status' = 'CANCELED' then jsonb_set(ending, '{status}', '"CANCELLED"')
         when ending #>> '{error,code}' = 'WORKFLOW_CANCELED' then jsonb_set(ending, '{error,code}', '"WORKFLOW_CANCELLED"')
         else ending end
 where status = 'CANCELED' or ending ->> 'status' = 'CANCELED' or ending #>> '{error,code}' = 'WORKFLOW_CANCELED';
update workflows.run_steps
   set status = case status when 'CANCELED' then 'CANCELLED' else status end,
       error = case error ->> 'code' when 'WORKFLOW_CANCELED' then jsonb_set(error, '{code}', '"WORKFLOW_CANCELLED"') else error end
 where status = 'CANCELED' or error ->> 'code' = 'WORKFLOW_CANCELED';
alter table workflows.runs
  add constraint runs_status_check check (status in ('RUNNING', 'PAUSED', 'STOPPING', 'COMPENSATING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
  add constraint runs_finished_check check ((finished_at is not null) = (status in ('SUCCEEDED', 'FAILED', 'CANCELLED')));
alter table workflows.run_steps
  add constraint run_steps_status_check check (status in ('PENDING', 'READY', 'RUNNING', 'WAITING', 'SUCCEEDED', 'FAILED', 'SKIPPED', 'CANCELLED'));
update workflows.run_attempts set error = jsonb_set(error, '{code}', '"WORKFLOW_CANCELLED"') where error ->> 'code' = 'WORKFLOW_CANCELED';
-- The search finds failed runs by the words of the code.
insert into workflows.run_words (tenant_id, run_id, word)
  select distinct s.tenant_id, s.run_id, 'cancelled'
    from workflows.run_steps s join workflows.runs r on r.tenant_id = s.tenant_id and r.id = s.run_id
   where s.error ->> 'code' = 'WORKFLOW_CANCELLED' and s.status = 'FAILED' and r.status = 'FAILED'
  on conflict on constraint run_words_pkey do nothing;

update workflows.step_waits
   set event = app.respelled(event),
       conditions = case
         when event ^@ 'run.' and conditions #>> '{payload,status}' = 'CANCELED' then jsonb_set(conditions, '{payload,status}', '"CANCELLED"')
         else conditions end
 where event = 'run.canceled' or (event ^@ 'run.' and conditions #>> '{payload,status}' = 'CANCELED');

update events.log
   set type = app.respelled(type),
       payload = payload
         || case payload ->> 'status' when 'CANCELED' then '{"status": "CANCELLED"}' else '{}' end::jsonb
         || case payload ->> 'code' when 'WORKFLOW_CANCELED' then '{"code": "WORKFLOW_CANCELLED"}' else '{}' end::jsonb
 where type ^@ 'run.' and (type = 'run.canceled' or payload ->> 'status' = 'CANCELED' or payload ->> 'code' = 'WORKFLOW_CANCELED');
update workflows.trigger_runs set event_type = 'run.cancelled' where event_type = 'run.canceled';
-- Encrypted bodies that wait to be sent are built again, as after a change of the query.
update events.webhook_deliveries
   set body = null, payload_user_id = null, payload_generation = null, payload_lapses = 0, payload_failing_since = null, payload_due_at = now(),
       payload_attempts = payload_attempts + 1, next_attempt_at = null, lease_until = null, claim_token = null, takeovers = 0
 where event_type = 'run.canceled' and status = 'PENDING' and has_payload and body is not null;
update events.webhook_deliveries set event_type = 'run.cancelled' where event_type = 'run.canceled';
update events.replays set event_types = array_replace(event_types, 'run.canceled', 'run.cancelled') where 'run.canceled' = any(event_types);

update events.webhooks
   set event_types = array_replace(event_types, 'run.canceled', 'run.cancelled'), condition = app.respelled(condition, event_types)
 where 'run.canceled' = any(event_types) or condition <> app.respelled(condition, event_types);
update audit.notification_rules
   set event_types = array_replace(event_types, 'run.canceled', 'run.cancelled'), condition = app.respelled(condition, event_types),
       title = app.respelled(title), body = app.respelled(body)
 where 'run.canceled' = any(event_types) or (condition, title, body) <> (app.respelled(condition, event_types), app.respelled(title), app.respelled(body));
update workflows.triggers
   set event_type = app.respelled(event_type), event_name = app.respelled(event_name), condition = app.respelled(condition, array[event_type]),
       data = app.respelled(data::text)::jsonb, correlation_key = app.respelled(correlation_key), input = app.respelled(input::text)::jsonb,
       correlation_value = app.respelled(correlation_value)
 where concat_ws(' ', event_type, event_name, condition, data::text, correlation_key, input::text, correlation_value) ~ 'CANCELED|run\.canceled';

-- Definitions, published ones as well: a step that waits for the event, or is tried again after the error, would otherwise do neither.
update workflows.definitions
   set source = app.respelled(source), document = app.respelled(document::text)::jsonb
 where source ~ 'WORKFLOW_CANCELED|run\.canceled';
-- What scenarios expect of steps, by the ID of the step.
do $$
declare
  found record;
  expected text;
begin
  for found in
    select d.tenant_id, d.id, (select array_agg(distinct s.key) from jsonb_path_query(d.document, '$.scenarios[*].expect.steps') as steps,
           jsonb_each_text(steps) as s where s.value = 'CANCELED') as steps
      from workflows.definitions d where d.document @? '$.scenarios[*].expect.steps.* ? (@ == "CANCELED")'
  loop
    expected := '(\m(?:' || array_to_string(found.steps, '|') || ')["'']?\s*:\s*["'']?)CANCELED\M';
    update workflows.definitions
       set source = regexp_replace(source, expected, '\1CANCELLED', 'g'), document = regexp_replace(document::text, expected, '\1CANCELLED', 'g')::jsonb
     where tenant_id = found.tenant_id and id = found.id;
  end loop;
end $$;

alter table audit.notification_rules force row level security;
alter table events.replays force row level security;
alter table events.webhook_deliveries force row level security;
alter table events.webhooks force row level security;
alter table events.log force row level security;
alter table workflows.trigger_runs force row level security;
alter table workflows.triggers force row level security;
alter table workflows.definitions force row level security;
alter table workflows.step_waits force row level security;
alter table workflows.run_words force row level security;
alter table workflows.run_attempts force row level security;
alter table workflows.run_steps force row level security;
alter table workflows.runs force row level security;
drop function app.respelled(text, text[]), app.respelled(text);

-- Down Migration
create function app.respelled(value text) returns text language sql immutable as $$
  select regexp_replace(regexp_replace(value, '\mWORKFLOW_CANCELLED\M', 'WORKFLOW_CANCELED', 'g'), '(?<![.\w])run\.cancelled\M', 'run.canceled', 'g')
$$;
create function app.respelled(condition text, types text[]) returns text language sql immutable as $$
  select case
    when (select bool_and(t ^@ 'run.') from unnest(types) as t) then regexp_replace(app.respelled(condition), '(["''])CANCELLED\1', '\1CANCELED\1', 'g')
    else app.respelled(condition) end
$$;

alter table workflows.runs no force row level security;
alter table workflows.run_steps no force row level security;
alter table workflows.run_attempts no force row level security;
alter table workflows.step_waits no force row level security;
alter table workflows.definitions no force row level security;
alter table workflows.triggers no force row level security;
alter table workflows.trigger_runs no force row level security;
alter table events.log no force row level security;
alter table events.webhooks no force row level security;
alter table events.webhook_deliveries no force row level security;
alter table events.replays no force row level security;
alter table audit.notification_rules no force row level security;

alter table workflows.runs drop constraint runs_status_check, drop constraint runs_finished_check;
alter table workflows.run_steps drop constraint run_steps_status_check;
update workflows.runs
   set status = case status when 'CANCELLED' then 'CANCELED' else status end,
       ending = case
         when ending ->> 'status' = 'CANCELLED' then jsonb_set(ending, '{status}', '"CANCELED"')
         when ending #>> '{error,code}' = 'WORKFLOW_CANCELLED' then jsonb_set(ending, '{error,code}', '"WORKFLOW_CANCELED"')
         else ending end
 where status = 'CANCELLED' or ending ->> 'status' = 'CANCELLED' or ending #>> '{error,code}' = 'WORKFLOW_CANCELLED';
update workflows.run_steps
   set status = case status when 'CANCELLED' then 'CANCELED' else status end,
       error = case error ->> 'code' when 'WORKFLOW_CANCELLED' then jsonb_set(error, '{code}', '"WORKFLOW_CANCELED"') else error end
 where status = 'CANCELLED' or error ->> 'code' = 'WORKFLOW_CANCELLED';
alter table workflows.runs
  add constraint runs_status_check check (status in ('RUNNING', 'PAUSED', 'STOPPING', 'COMPENSATING', 'SUCCEEDED', 'FAILED', 'CANCELED')),
  add constraint runs_finished_check check ((finished_at is not null) = (status in ('SUCCEEDED', 'FAILED', 'CANCELED')));
alter table workflows.run_steps
  add constraint run_steps_status_check check (status in ('PENDING', 'READY', 'RUNNING', 'WAITING', 'SUCCEEDED', 'FAILED', 'SKIPPED', 'CANCELED'));
update workflows.run_attempts set error = jsonb_set(error, '{code}', '"WORKFLOW_CANCELED"') where error ->> 'code' = 'WORKFLOW_CANCELLED';

update workflows.step_waits
   set event = app.respelled(event),
       conditions = case
         when event ^@ 'run.' and conditions #>> '{payload,status}' = 'CANCELLED' then jsonb_set(conditions, '{payload,status}', '"CANCELED"')
         else conditions end
 where event = 'run.cancelled' or (event ^@ 'run.' and conditions #>> '{payload,status}' = 'CANCELLED');

update events.log
   set type = app.respelled(type),
       payload = payload
         || case payload ->> 'status' when 'CANCELLED' then '{"status": "CANCELED"}' else '{}' end::jsonb
         || case payload ->> 'code' when 'WORKFLOW_CANCELLED' then '{"code": "WORKFLOW_CANCELED"}' else '{}' end::jsonb
 where type ^@ 'run.' and (type = 'run.cancelled' or payload ->> 'status' = 'CANCELLED' or payload ->> 'code' = 'WORKFLOW_CANCELLED');
update workflows.trigger_runs set event_type = 'run.canceled' where event_type = 'run.cancelled';
update events.webhook_deliveries
   set body = null, payload_user_id = null, payload_generation = null, payload_lapses = 0, payload_failing_since = null, payload_due_at = now(),
       payload_attempts = payload_attempts + 1, next_attempt_at = null, lease_until = null, claim_token = null, takeovers = 0
 where event_type = 'run.cancelled' and status = 'PENDING' and has_payload and body is not null;
update events.webhook_deliveries set event_type = 'run.canceled' where event_type = 'run.cancelled';
update events.replays set event_types = array_replace(event_types, 'run.cancelled', 'run.canceled') where 'run.cancelled' = any(event_types);

update events.webhooks
   set event_types = array_replace(event_types, 'run.cancelled', 'run.canceled'), condition = app.respelled(condition, event_types)
 where 'run.cancelled' = any(event_types) or condition <> app.respelled(condition, event_types);
update audit.notification_rules
   set event_types = array_replace(event_types, 'run.cancelled', 'run.canceled'), condition = app.respelled(condition, event_types),
       title = app.respelled(title), body = app.respelled(body)
 where 'run.cancelled' = any(event_types) or (condition, title, body) <> (app.respelled(condition, event_types), app.respelled(title), app.respelled(body));
update workflows.triggers
   set event_type = app.respelled(event_type), event_name = app.respelled(event_name), condition = app.respelled(condition, array[event_type]),
       data = app.respelled(data::text)::jsonb, correlation_key = app.respelled(correlation_key), input = app.respelled(input::text)::jsonb,
       correlation_value = app.respelled(correlation_value)
 where concat_ws(' ', event_type, event_name, condition, data::text, correlation_key, input::text, correlation_value) ~ 'CANCELLED|run\.cancelled';

update workflows.definitions
   set source = app.respelled(source), document = app.respelled(document::text)::jsonb
 where source ~ 'WORKFLOW_CANCELLED|run\.cancelled';
do $$
declare
  found record;
  expected text;
begin
  for found in
    select d.tenant_id, d.id, (select array_agg(distinct s.key) from jsonb_path_query(d.document, '$.scenarios[*].expect.steps') as steps,
           jsonb_each_text(steps) as s where s.value = 'CANCELLED') as steps
      from workflows.definitions d where d.document @? '$.scenarios[*].expect.steps.* ? (@ == "CANCELLED")'
  loop
    expected := '(\m(?:' || array_to_string(found.steps, '|') || ')["'']?\s*:\s*["'']?)CANCELLED\M';
    update workflows.definitions
       set source = regexp_replace(source, expected, '\1CANCELED', 'g'), document = regexp_replace(document::text, expected, '\1CANCELED', 'g')::jsonb
     where tenant_id = found.tenant_id and id = found.id;
  end loop;
end $$;

alter table audit.notification_rules force row level security;
alter table events.replays force row level security;
alter table events.webhook_deliveries force row level security;
alter table events.webhooks force row level security;
alter table events.log force row level security;
alter table workflows.trigger_runs force row level security;
alter table workflows.triggers force row level security;
alter table workflows.definitions force row level security;
alter table workflows.step_waits force row level security;
alter table workflows.run_attempts force row level security;
alter table workflows.run_steps force row level security;
alter table workflows.runs force row level security;
drop function app.respelled(text, text[]), app.respelled(text);

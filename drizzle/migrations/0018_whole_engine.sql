-- Up Migration
-- What definitions can say since the engine became whole: several tasks in a state and votes, automatic transitions, children and joins, incidents, values
-- of the data to search by, separation of duties across steps, stand-ins and remarks.

alter table workflows.instances
  -- The instance that started this one, from which state and by which of its versions, by which rule, and as which of several; its forebears, the root first.
  add column parent_id uuid,
  add column parent_state text,
  add column parent_version integer,
  add column parent_rule text,
  add column child_index integer,
  add column ancestors uuid[] not null default '{}',
  -- Who did the steps that the definition's `notSameAs` names: step → ids.
  add column done_by jsonb not null default '{}',
  -- Where it runs: what is tried out stands beside what counts.
  add column environment text not null default 'PROD',
  add constraint instances_environment_check check (environment in ('DEV', 'STAGING', 'PROD')),
  add constraint instances_parent_fkey foreign key (tenant_id, parent_id) references workflows.instances (tenant_id, id),
  add constraint instances_parent_check check (
    (parent_id is null) = (parent_rule is null) and (parent_id is null) = (child_index is null) and (parent_id is null) = (cardinality(ancestors) = 0)
    and (parent_id is null) = (parent_version is null));
create index instances_by_parent on workflows.instances (tenant_id, parent_id, id) where parent_id is not null;
-- An entry into a state starts each of its children once.
create unique index instances_child_key on workflows.instances (tenant_id, parent_id, parent_version, parent_rule, child_index) where parent_id is not null;
-- A family is counted before it grows.
create index instances_by_root on workflows.instances (tenant_id, (ancestors[1])) where parent_id is not null and finished_at is null;

-- Columns are appended: what stores of other subgraphs join keeps its order.
create or replace view workflows.instance_heads with (security_invoker = true) as
  select tenant_id, id, definition_id, definition_key, state, status, data, version,
         owner_id, team_id, assignee_user_id, assignee_team_id, assignee_vendor_id, updated_at, finished_at, parent_id
    from workflows.instances;

alter table workflows.history
  -- The task whose completion this was.
  add column task_id uuid,
  -- No person chose it: `auto`, votes, a join.
  add column is_automatic boolean not null default false,
  drop constraint history_kind_check,
  add constraint history_kind_check check (
    kind in ('START', 'TRANSITION', 'ASSIGNMENT', 'DATA', 'CANCELLATION', 'COMMENT', 'SUSPENSION', 'RESUMPTION', 'ROLLBACK',
             'VOTE', 'CHILD', 'INCIDENT', 'RESOLUTION', 'MIGRATION'));

alter table workflows.tasks
  -- Which of several of its rule, from 1.
  add column copy integer not null default 1,
  -- 0 low, 1 normal, 2 high, 3 urgent.
  add column priority smallint not null default 1,
  -- [{ id, title, done, doneBy, doneAt }]
  add column checklist jsonb not null default '[]',
  -- Those who gave it on, the first of them first: four eyes count all of them.
  add column delegated_from uuid[] not null default '{}',
  -- The version of the instance that opened it: votes count among tasks of one entry into the state.
  add column opened_at_version integer not null default 0,
  -- The question that waits for an answer; nobody completes the task meanwhile.
  add column question_id uuid,
  add constraint tasks_priority_check check (priority between 0 and 3),
  add constraint tasks_copy_check check (copy between 1 and 100);
drop index workflows.tasks_open_key;
create unique index tasks_open_key on workflows.tasks (tenant_id, instance_id, state, rule, copy) where status in ('OPEN', 'CLAIMED');

create table workflows.incidents (
  tenant_id uuid not null,
  id uuid not null,
  instance_id uuid not null,
  instance_version integer not null,
  kind text not null,
  state text not null,
  place text not null,
  message text not null,
  status text not null default 'OPEN',
  -- RETRY | SKIP | FIRE | CANCEL
  resolution text,
  resolved_by uuid,
  comment text,
  created_at timestamptz not null,
  resolved_at timestamptz,
  constraint incidents_pkey primary key (tenant_id, id),
  constraint incidents_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint incidents_kind_check check (kind in ('LOOP', 'DATA', 'DEFINITION', 'CHILDREN', 'JOB')),
  constraint incidents_status_check check (status in ('OPEN', 'RESOLVED')),
  constraint incidents_resolved_check check ((status = 'RESOLVED') = (resolved_at is not null) and (status = 'RESOLVED') = (resolution is not null))
);
create unique index incidents_open_key on workflows.incidents (tenant_id, instance_id) where status = 'OPEN';
create index incidents_by_age on workflows.incidents (tenant_id, created_at, id);
create index incidents_open on workflows.incidents (tenant_id, created_at, id) where status = 'OPEN';
create index incidents_by_instance on workflows.incidents (tenant_id, instance_id, created_at, id);
-- A vendor's people may be those whose move cannot be followed by what must follow.
call app.protect('workflows.incidents', vendor_sees => 'app.vendor_sees(instance_id)');

-- Values of the data that lists filter by, of the fields that a definition declares; written with the move that changes them.
create table workflows.instance_fields (
  tenant_id uuid not null,
  instance_id uuid not null,
  definition_key text not null,
  field text not null,
  text_value text collate "C",
  number_value numeric,
  -- Of the instance: pages by age go through the index.
  created_at timestamptz not null,
  constraint instance_fields_pkey primary key (tenant_id, instance_id, field),
  constraint instance_fields_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  -- Both null: there is no value any more. The row stays, because a vendor's people delete nothing.
  constraint instance_fields_value_check check (num_nonnulls(text_value, number_value) <= 1)
);
create index instance_fields_by_text on workflows.instance_fields (tenant_id, field, text_value, created_at, instance_id) where text_value is not null;
create index instance_fields_by_number on workflows.instance_fields (tenant_id, field, number_value, created_at, instance_id) where number_value is not null;
call app.protect('workflows.instance_fields', vendor_sees => 'app.vendor_sees(instance_id)');

-- The words of the texts among them, split by the engine, so that no locale has a say. Compared as texts, which the index answers below row-level security;
-- the matching of a text search is not leak-proof, and would be asked of every row.
create table workflows.instance_words (
  tenant_id uuid not null,
  instance_id uuid not null,
  word text collate "C" not null,
  constraint instance_words_pkey primary key (tenant_id, instance_id, word),
  constraint instance_words_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint instance_words_word_check check (length(word) between 1 and 64)
);
create index instance_words_by_word on workflows.instance_words (tenant_id, word, instance_id);
call app.protect('workflows.instance_words', vendor_sees => 'app.vendor_sees(instance_id)');

-- Who stands in for whom, and when.
create table workflows.absences (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  stand_in_id uuid not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  note text not null default '',
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint absences_pkey primary key (tenant_id, id),
  constraint absences_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint absences_stand_in_fkey foreign key (tenant_id, stand_in_id) references identity.users (tenant_id, id),
  constraint absences_other_check check (user_id <> stand_in_id),
  constraint absences_span_check check (starts_at < ends_at)
);
create index absences_by_user on workflows.absences (tenant_id, user_id, starts_at, id);
create index absences_by_stand_in on workflows.absences (tenant_id, stand_in_id, ends_at);
call app.protect('workflows.absences', vendor_sees => 'user_id = app.user_id() or stand_in_id = app.user_id()', vendor_writes => 'user_id = app.user_id()');

-- What is said about a task: comments, and questions with their answers.
create table workflows.task_remarks (
  tenant_id uuid not null,
  id uuid not null,
  task_id uuid not null,
  instance_id uuid not null,
  -- COMMENT | QUESTION | ANSWER
  kind text not null,
  -- Of an answer: the question.
  question_id uuid,
  -- Of a question: who is asked.
  asked_id uuid,
  author_id uuid not null,
  on_behalf_of uuid,
  text text not null,
  created_at timestamptz not null,
  constraint task_remarks_pkey primary key (tenant_id, id),
  constraint task_remarks_task_fkey foreign key (tenant_id, task_id) references workflows.tasks (tenant_id, id),
  constraint task_remarks_asked_fkey foreign key (tenant_id, asked_id) references identity.users (tenant_id, id),
  constraint task_remarks_kind_check check (kind in ('COMMENT', 'QUESTION', 'ANSWER')),
  constraint task_remarks_question_check check ((kind = 'ANSWER') = (question_id is not null))
);
create index task_remarks_by_task on workflows.task_remarks (tenant_id, task_id, id);
call app.protect('workflows.task_remarks', vendor_sees => 'app.vendor_sees(instance_id)');

-- Tries of a consumer at what stands behind its position, those of processes that died included; up to `careful_to` it goes one by one, because a try at
-- all of it did not end well.
alter table events.consumer_cursors
  add column attempts integer not null default 0,
  add column careful_to bigint not null default 0,
  -- Events parked since one was handled: where all fail, it is not the events.
  add column parked_in_row integer not null default 0;

-- Events that a consumer could not handle: it has gone on without them. A person decides, by the incident of their instance.
create table events.parked (
  tenant_id uuid not null,
  consumer text not null,
  event_id uuid not null,
  position bigint not null,
  instance_id uuid,
  attempts integer not null,
  -- PARKED | RETRY | SKIPPED | DONE
  status text not null default 'PARKED',
  parked_at timestamptz not null default now(),
  constraint parked_pkey primary key (tenant_id, consumer, event_id),
  constraint parked_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint parked_status_check check (status in ('PARKED', 'RETRY', 'SKIPPED', 'DONE'))
);
create index parked_to_retry on events.parked (tenant_id, consumer, position) where status = 'RETRY';
create index parked_by_instance on events.parked (tenant_id, instance_id) where status = 'PARKED';
call app.protect('events.parked');

create or replace function engine.write_move(context jsonb, outcome jsonb) returns jsonb language plpgsql as $$
#variable_conflict use_variable
declare
  tenant uuid := context->>'tenantId';
  actor uuid := context->>'actorId';
  on_behalf uuid := context->>'onBehalfOf';
  moved_at timestamptz := outcome->>'occurredAt';
  expected integer := outcome->>'expectedVersion';
  instance uuid := outcome->'instance'->>'id';
  next_version integer := outcome->'instance'->>'version';
  affected integer;
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
    -- Going on would move the rest of the caller's transaction to this tenant.
    raise exception 'engine.apply was called for another tenant, user or vendor than the one of its transaction' using errcode = 'WF001';
  end if;
  if next_version is distinct from coalesce(expected, 0) + 1 then
    raise exception 'engine.apply: version % cannot follow %', next_version, coalesce(expected, 0) using errcode = 'WF002';
  end if;

  if expected is null then
    insert into workflows.instances (
      tenant_id, id, definition_id, definition_key, state, status, data, version, subject_type, subject_id,
      owner_id, team_id, assignee_user_id, assignee_team_id, assignee_vendor_id, created_at, updated_at, finished_at,
      parent_id, parent_state, parent_version, parent_rule, child_index, ancestors, done_by, environment)
    select tenant, instance, n."definitionId", n."definitionKey", n.state, n.status, n.data, next_version, n."subjectType", n."subjectId",
           n."ownerId", n."teamId", n."assigneeUserId", n."assigneeTeamId", n."assigneeVendorId", moved_at, moved_at, n."finishedAt",
           n."parentId", n."parentState", n."parentVersion", n."parentRule", n."childIndex", coalesce(n.ancestors, '{}'), coalesce(n."doneBy", '{}'),
           coalesce(n.environment, 'PROD')
      from jsonb_to_record(outcome->'instance') as n(
        "definitionId" uuid, "definitionKey" text, state text, status text, data jsonb, "subjectType" text, "subjectId" uuid,
        "ownerId" uuid, "teamId" uuid, "assigneeUserId" uuid, "assigneeTeamId" uuid, "assigneeVendorId" uuid, "finishedAt" timestamptz,
        "parentId" uuid, "parentState" text, "parentVersion" integer, "parentRule" text, "childIndex" integer, ancestors uuid[], "doneBy" jsonb,
        environment text);
  else
    -- Finished instances do not change, whatever the caller believes.
    update workflows.instances i
       set state = n.state, status = n.status, data = n.data, version = next_version, owner_id = n."ownerId", team_id = n."teamId",
           assignee_user_id = n."assigneeUserId", assignee_team_id = n."assigneeTeamId", assignee_vendor_id = n."assigneeVendorId",
           updated_at = moved_at, finished_at = n."finishedAt", done_by = coalesce(n."doneBy", i.done_by),
           definition_id = n."definitionId"
      from jsonb_to_record(outcome->'instance') as n(
        state text, status text, data jsonb, "ownerId" uuid, "teamId" uuid, "assigneeUserId" uuid, "assigneeTeamId" uuid,
        "assigneeVendorId" uuid, "finishedAt" timestamptz, "doneBy" jsonb, "definitionId" uuid)
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
  select tenant, h.id, instance, next_version, h.kind, h.transition, h."fromState", h."toState", actor, on_behalf, h.comment, h.input, h.changes, moved_at,
         h."taskId", coalesce(h."isAutomatic", false)
    from jsonb_to_record(outcome->'history') as h(
      id uuid, kind text, transition text, "fromState" text, "toState" text, comment text, input jsonb, changes jsonb,
      "taskId" uuid, "isAutomatic" boolean);

  if jsonb_array_length(coalesce(outcome->'closeTasks', '[]')) > 0 then
    update workflows.tasks t
       set status = c.status, transition = c.transition, version = t.version + 1, closed_at = moved_at,
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
      assignee_id, claimed_at, due_at, created_at, copy, priority, checklist, opened_at_version)
    select tenant, o.id, instance, o.state, o.rule, o.title, case when o."assigneeId" is null then 'OPEN' else 'CLAIMED' end,
           coalesce(o."candidateRoles", '{}'), coalesce(o."candidateUserIds", '{}'), coalesce(o."candidateTeamIds", '{}'),
           coalesce(o."candidateVendorIds", '{}'), o."assigneeId", case when o."assigneeId" is not null then moved_at end, o."dueAt", moved_at,
           coalesce(o.copy, 1), coalesce(o.priority, 1), coalesce(o.checklist, '[]'), next_version
      from jsonb_to_recordset(outcome->'openTasks') as o(
        id uuid, state text, rule text, title text, "candidateRoles" text[], "candidateUserIds" uuid[], "candidateTeamIds" uuid[],
        "candidateVendorIds" uuid[], "assigneeId" uuid, "dueAt" timestamptz, copy integer, priority smallint, checklist jsonb);
  end if;

  if jsonb_typeof(outcome->'resolution') = 'object' then
    update workflows.incidents i
       set status = 'RESOLVED', resolution = r.action, comment = r.comment, resolved_by = actor, resolved_at = moved_at
      from jsonb_to_record(outcome->'resolution') as r(action text, comment text)
     where i.tenant_id = tenant and i.instance_id = instance and i.status = 'OPEN';
    update events.parked p
       set status = case outcome->'resolution'->>'action' when 'RETRY' then 'RETRY' else 'SKIPPED' end, attempts = 0
     where p.tenant_id = tenant and p.instance_id = instance and p.status = 'PARKED';
  end if;

  if jsonb_typeof(outcome->'incident') = 'object' then
    insert into workflows.incidents (tenant_id, id, instance_id, instance_version, kind, state, place, message, created_at)
    select tenant, n.id, instance, next_version, n.kind, outcome->'instance'->>'state', n.place, n.message, moved_at
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

  -- The words of the indexed texts. A vendor's people, who delete nothing, may be those who change them.
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
           coalesce(e.payload, '{}'), actor, on_behalf, e."causeId", context->>'requestId', context->>'traceId', moved_at
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

-- Several moves of one transaction, in order: a move and what follows from it by itself. All or nothing: only the first may find that somebody was faster.
create function engine.apply_chain(context jsonb, moves jsonb) returns jsonb language plpgsql as $$
declare
  n integer;
  result jsonb;
begin
  for n in 0 .. jsonb_array_length(moves) - 1 loop
    result := engine.apply(context, moves->n);
    if not (result->>'applied')::boolean then
      if n = 0 then
        return result;
      end if;
      raise exception 'engine.apply_chain: move % does not follow', n using errcode = 'WF002';
    end if;
  end loop;
  return result;
end $$;

-- Down Migration
drop function engine.apply_chain(jsonb, jsonb);
create or replace function engine.write_move(context jsonb, outcome jsonb) returns jsonb language plpgsql as $$
#variable_conflict use_variable
declare
  tenant uuid := context->>'tenantId';
  actor uuid := context->>'actorId';
  on_behalf uuid := context->>'onBehalfOf';
  moved_at timestamptz := outcome->>'occurredAt';
  expected integer := outcome->>'expectedVersion';
  instance uuid := outcome->'instance'->>'id';
  next_version integer := outcome->'instance'->>'version';
  affected integer;
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
    -- Going on would move the rest of the caller's transaction to this tenant.
    raise exception 'engine.apply was called for another tenant, user or vendor than the one of its transaction' using errcode = 'WF001';
  end if;
  if next_version is distinct from coalesce(expected, 0) + 1 then
    raise exception 'engine.apply: version % cannot follow %', next_version, coalesce(expected, 0) using errcode = 'WF002';
  end if;

  if expected is null then
    insert into workflows.instances (
      tenant_id, id, definition_id, definition_key, state, status, data, version, subject_type, subject_id,
      owner_id, team_id, assignee_user_id, assignee_team_id, assignee_vendor_id, created_at, updated_at, finished_at)
    select tenant, instance, n."definitionId", n."definitionKey", n.state, n.status, n.data, next_version, n."subjectType", n."subjectId",
           n."ownerId", n."teamId", n."assigneeUserId", n."assigneeTeamId", n."assigneeVendorId", moved_at, moved_at, n."finishedAt"
      from jsonb_to_record(outcome->'instance') as n(
        "definitionId" uuid, "definitionKey" text, state text, status text, data jsonb, "subjectType" text, "subjectId" uuid,
        "ownerId" uuid, "teamId" uuid, "assigneeUserId" uuid, "assigneeTeamId" uuid, "assigneeVendorId" uuid, "finishedAt" timestamptz);
  else
    -- Finished instances do not change, whatever the caller believes.
    update workflows.instances i
       set state = n.state, status = n.status, data = n.data, version = next_version, owner_id = n."ownerId", team_id = n."teamId",
           assignee_user_id = n."assigneeUserId", assignee_team_id = n."assigneeTeamId", assignee_vendor_id = n."assigneeVendorId",
           updated_at = moved_at, finished_at = n."finishedAt"
      from jsonb_to_record(outcome->'instance') as n(
        state text, status text, data jsonb, "ownerId" uuid, "teamId" uuid, "assigneeUserId" uuid, "assigneeTeamId" uuid,
        "assigneeVendorId" uuid, "finishedAt" timestamptz)
     where i.tenant_id = tenant and i.id = instance and i.version = expected and i.finished_at is null;
    if not found then
      select i.version, i.state, i.status into current_row from workflows.instances i where i.tenant_id = tenant and i.id = instance;
      return jsonb_build_object('applied', false, 'currentVersion', current_row.version, 'currentState', current_row.state,
                                'currentStatus', current_row.status);
    end if;
  end if;

  insert into workflows.history (
    tenant_id, id, instance_id, version, kind, transition, from_state, to_state, actor_id, on_behalf_of, comment, input, changes, at)
  select tenant, h.id, instance, next_version, h.kind, h.transition, h."fromState", h."toState", actor, on_behalf, h.comment, h.input, h.changes, moved_at
    from jsonb_to_record(outcome->'history') as h(
      id uuid, kind text, transition text, "fromState" text, "toState" text, comment text, input jsonb, changes jsonb);

  if jsonb_array_length(coalesce(outcome->'closeTasks', '[]')) > 0 then
    update workflows.tasks t
       set status = c.status, transition = c.transition, version = t.version + 1, closed_at = moved_at,
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
      assignee_id, claimed_at, due_at, created_at)
    select tenant, o.id, instance, o.state, o.rule, o.title, case when o."assigneeId" is null then 'OPEN' else 'CLAIMED' end,
           coalesce(o."candidateRoles", '{}'), coalesce(o."candidateUserIds", '{}'), coalesce(o."candidateTeamIds", '{}'),
           coalesce(o."candidateVendorIds", '{}'), o."assigneeId", case when o."assigneeId" is not null then moved_at end, o."dueAt", moved_at
      from jsonb_to_recordset(outcome->'openTasks') as o(
        id uuid, state text, rule text, title text, "candidateRoles" text[], "candidateUserIds" uuid[], "candidateTeamIds" uuid[],
        "candidateVendorIds" uuid[], "assigneeId" uuid, "dueAt" timestamptz);
  end if;

  if jsonb_array_length(coalesce(outcome->'events', '[]')) > 0 then
    insert into events.log (
      tenant_id, id, type, type_version, subject_type, subject_id, subject_version, related, payload, actor_id, on_behalf_of, cause_id,
      request_id, trace_id, occurred_at)
    select tenant, e.id, e.type, e."typeVersion", e."subjectType", e."subjectId", e."subjectVersion", coalesce(e.related, '{}'),
           coalesce(e.payload, '{}'), actor, on_behalf, e."causeId", context->>'requestId', context->>'traceId', moved_at
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

drop table events.parked;
alter table events.consumer_cursors drop column parked_in_row, drop column careful_to, drop column attempts;
drop table workflows.task_remarks, workflows.absences, workflows.instance_words, workflows.instance_fields, workflows.incidents;
drop index workflows.tasks_open_key;
create unique index tasks_open_key on workflows.tasks (tenant_id, instance_id, state, rule) where status in ('OPEN', 'CLAIMED');
alter table workflows.tasks
  drop constraint tasks_copy_check, drop constraint tasks_priority_check,
  drop column question_id, drop column opened_at_version, drop column delegated_from, drop column checklist, drop column priority, drop column copy;
-- Fails while there are rows of the new kinds: history is not rewritten.
alter table workflows.history
  drop constraint history_kind_check,
  add constraint history_kind_check check (
    kind in ('START', 'TRANSITION', 'ASSIGNMENT', 'DATA', 'CANCELLATION', 'COMMENT', 'SUSPENSION', 'RESUMPTION', 'ROLLBACK')),
  drop column is_automatic, drop column task_id;
drop view workflows.instance_heads;
create view workflows.instance_heads with (security_invoker = true) as
  select tenant_id, id, definition_id, definition_key, state, status, data, version,
         owner_id, team_id, assignee_user_id, assignee_team_id, assignee_vendor_id, updated_at, finished_at
    from workflows.instances;
drop index workflows.instances_by_root, workflows.instances_child_key, workflows.instances_by_parent;
alter table workflows.instances
  drop constraint instances_parent_check, drop constraint instances_parent_fkey,
  drop constraint instances_environment_check, drop column environment, drop column done_by, drop column ancestors, drop column child_index, drop column parent_rule, drop column parent_version, drop column parent_state, drop column parent_id;

-- Up Migration
-- What a move costs the database, without what protects nothing. See docs/decisions/0011-rows-that-only-moves-write.md.

-- These rows are written by a move alone, in the transaction that has just written the row of their instance, or holds it; and no row of an instance is ever
-- deleted, but for a tenant's purge, which deletes all. To look the instance up again for each of them was a twentieth of a batch, and all that grew: a plan made
-- before the tables had statistics read every instance of the tenant.
alter table workflows.history drop constraint history_instance_fkey;
alter table workflows.tasks drop constraint tasks_instance_fkey;
alter table workflows.instance_fields drop constraint instance_fields_instance_fkey;
alter table workflows.instance_words drop constraint instance_words_instance_fkey;

-- Queues are read, and emptied, in the order of `seq`: one index each in place of two.
alter table events.outbox drop constraint outbox_pkey, add constraint outbox_pkey primary key (tenant_id, seq);
drop index events.outbox_by_seq;
alter table audit.unsealed drop constraint unsealed_pkey, add constraint unsealed_pkey primary key (tenant_id, seq);
drop index audit.unsealed_by_seq;

-- The limits of the transaction's tenant: the contract's before the plan's before the platform's. A limit that is there and null is none.
create function app.limits() returns jsonb language plpgsql stable parallel safe as $$
declare
  contract jsonb;
  plan jsonb;
  platform jsonb;
begin
  select c.document->'limits' into contract from app.configurations c
   where c.tenant_id = app.tenant() and c.level = 'CONTRACT' and c.subject_id = app.tenant() order by c.version desc limit 1;
  select s.document->'limits' into plan from identity.tenants t join app.shared_configurations s on s.level = 'PLAN' and s.key = t.plan
   where t.tenant_id = app.tenant() order by s.version desc limit 1;
  select s.document->'limits' into platform from app.shared_configurations s
   where s.level = 'PLATFORM' and s.key = '' order by s.version desc limit 1;
  return case jsonb_typeof(platform) when 'object' then platform else '{}' end
      || case jsonb_typeof(plan) when 'object' then plan else '{}' end
      || case jsonb_typeof(contract) when 'object' then contract else '{}' end;
end $$;

create or replace function app.limit_of(metric text) returns bigint language plpgsql stable parallel safe as $$
begin
  if metric not in ('users', 'definitions', 'runningInstances', 'executionsPerHour', 'executionsPerMonth', 'storageBytes', 'operationsPerMinute') then
    raise exception 'There is no limit %', metric using errcode = 'WF003';
  end if;
  return (app.limits()->>metric)::bigint;
end $$;

-- Counts a start: as `app.meter` of each, with one reading of the limits, one slot and one block for all. In this order everywhere, so that two who share a slot do
-- not wait for one another. Errors: WF010, as `app.meter`.
create function app.meter_start(is_running boolean, context jsonb) returns void language plpgsql as $$
#variable_conflict use_variable
declare
  own smallint := app.usage_slot();
  limits jsonb := app.limits();
  metrics text[] := case when is_running then '{runningInstances}'::text[] else '{}' end || '{executionsPerHour,executionsPerMonth}'::text[];
  metric text;
  allowed bigint;
begin
  begin
    foreach metric in array metrics loop
      allowed := limits->>metric;
      update app.usage u set used = u.used + 1, spare = u.spare - case when allowed is null then 0 else 1 end
       where u.tenant_id = app.tenant() and u.metric = metric and u.window_start = app.usage_window(metric) and u.slot = own
         and u.limit_seen is not distinct from allowed and (allowed is null or u.spare >= 1);
      if not found then
        raise exception 'too little is spare' using errcode = 'WF011';
      end if;
    end loop;
  exception when sqlstate 'WF011' then
    foreach metric in array metrics loop
      perform app.meter(metric, 1, context);
    end loop;
  end;
end $$;

create or replace function engine.apply(context jsonb, outcome jsonb) returns jsonb language plpgsql as $$
declare
  result jsonb := engine.write_move(context, outcome);
  is_start constant boolean := outcome->>'expectedVersion' is null;
  is_finished constant boolean := outcome->'instance'->>'finishedAt' is not null;
begin
  if (result->>'applied')::boolean then
    if is_start then
      perform app.meter_start(not is_finished, context);
    elsif is_finished then
      perform app.meter('runningInstances', -1, context);
    end if;
  end if;
  return result;
end $$;

-- Down Migration
create or replace function engine.apply(context jsonb, outcome jsonb) returns jsonb language plpgsql as $$
declare
  result jsonb := engine.write_move(context, outcome);
  is_start constant boolean := outcome->>'expectedVersion' is null;
  is_finished constant boolean := outcome->'instance'->>'finishedAt' is not null;
begin
  if (result->>'applied')::boolean then
    if is_start <> is_finished then
      perform app.meter('runningInstances', case when is_start then 1 else -1 end, context);
    end if;
    if is_start then
      perform app.meter('executionsPerHour', 1, context);
      perform app.meter('executionsPerMonth', 1, context);
    end if;
  end if;
  return result;
end $$;
drop function app.meter_start(boolean, jsonb);
create or replace function app.limit_of(metric text) returns bigint language plpgsql stable parallel safe as $$
declare
  limits jsonb;
begin
  if metric not in ('users', 'definitions', 'runningInstances', 'executionsPerHour', 'executionsPerMonth', 'storageBytes', 'operationsPerMinute') then
    raise exception 'There is no limit %', metric using errcode = 'WF003';
  end if;
  select c.document->'limits' into limits from app.configurations c
   where c.tenant_id = app.tenant() and c.level = 'CONTRACT' and c.subject_id = app.tenant() order by c.version desc limit 1;
  if limits ? metric then return (limits->>metric)::bigint; end if;
  select s.document->'limits' into limits from identity.tenants t join app.shared_configurations s on s.level = 'PLAN' and s.key = t.plan
   where t.tenant_id = app.tenant() order by s.version desc limit 1;
  if limits ? metric then return (limits->>metric)::bigint; end if;
  select s.document->'limits' into limits from app.shared_configurations s
   where s.level = 'PLATFORM' and s.key = '' order by s.version desc limit 1;
  return (limits->>metric)::bigint;
end $$;
drop function app.limits();
create index unsealed_by_seq on audit.unsealed (tenant_id, seq);
alter table audit.unsealed drop constraint unsealed_pkey, add constraint unsealed_pkey primary key (tenant_id, entry_id);
create index outbox_by_seq on events.outbox (tenant_id, seq);
alter table events.outbox drop constraint outbox_pkey, add constraint outbox_pkey primary key (tenant_id, event_id);
alter table workflows.instance_words
  add constraint instance_words_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id);
alter table workflows.instance_fields
  add constraint instance_fields_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id);
alter table workflows.tasks add constraint tasks_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id);
alter table workflows.history add constraint history_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id);

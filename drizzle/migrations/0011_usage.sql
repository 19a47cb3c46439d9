-- Up Migration
-- What a tenant uses of its plan, counted in the transaction that uses it.
--
-- A counter is 16 slots: a transaction adds to one that is free, so that starts of one tenant do not wait for one another. Each slot has its spare, a part of what
-- the limit leaves; who finds too little in his own locks all slots in order, sums them and shares out anew. No more than the limit is ever shared
-- out, so the count is exact, and near the limit, where there is nothing to share out, one waits for the other.

create table app.usage (
  tenant_id uuid not null,
  metric text not null,
  -- Of the hour or month in UTC; -infinity for what is there until it is taken away (users, definitions, running instances).
  window_start timestamptz not null,
  slot smallint not null,
  -- What came through this slot; negative where more was given back than taken.
  used bigint not null default 0,
  -- What this slot may still take without asking the others, under the limit that was then. What is given back is shared out by the next who asks.
  spare bigint not null default 0,
  -- null: none. Under another limit than this one the spare is worth nothing.
  limit_seen bigint,
  -- The event of 80 % is written.
  is_announced boolean not null default false,
  constraint usage_pkey primary key (tenant_id, metric, window_start, slot),
  constraint usage_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint usage_slot_check check (slot between 0 and 15),
  constraint usage_spare_check check (spare >= 0)
) with (fillfactor = 50);
-- Vendors' people finish instances, which gives back.
call app.protect('app.usage', vendor_sees => 'true', vendor_writes => 'true');

-- A UUIDv7 for rows that a function of the database makes.
create function app.uuid_v7() returns uuid language sql volatile parallel safe
  return encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing
    substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1), 'hex')::uuid;

-- The window that counts now. True time, not the tenant's clock: a sandbox could turn it.
create function app.usage_window(metric text) returns timestamptz language sql stable parallel safe
  return case metric
    when 'executionsPerHour' then date_trunc('hour', transaction_timestamp(), 'UTC')
    when 'executionsPerMonth' then date_trunc('month', transaction_timestamp(), 'UTC')
    else '-infinity'::timestamptz end;

-- When that window ends; null: never.
create function app.usage_window_end(metric text) returns timestamptz language sql stable parallel safe
  return case metric
    when 'executionsPerHour' then date_trunc('hour', transaction_timestamp(), 'UTC') + interval '1 hour'
    when 'executionsPerMonth' then (date_trunc('month', transaction_timestamp() at time zone 'UTC') + interval '1 month') at time zone 'UTC' end;

-- context { actorId, requestId, traceId }, as that of engine.apply
create function app.announce_usage(metric text, used bigint, allowed bigint, context jsonb) returns void language plpgsql as $$
#variable_conflict use_variable
declare
  event uuid := app.uuid_v7();
begin
  insert into events.log (
    tenant_id, id, type, type_version, subject_type, subject_id, subject_version, related, payload, actor_id, on_behalf_of, request_id, trace_id,
    occurred_at)
  select t.tenant_id, event, 'usage.threshold_reached', 1, 'tenant', t.tenant_id, t.version, '{}',
         jsonb_build_object('limit', metric, 'used', used, 'allowed', allowed, 'windowEndsAt', app.usage_window_end(metric)),
         (context->>'actorId')::uuid, (context->>'onBehalfOf')::uuid, context->>'requestId', context->>'traceId', app.weft_now()
    from identity.tenants t where t.tenant_id = app.tenant();
  insert into events.outbox (tenant_id, event_id) values (app.tenant(), event);
end $$;

-- Takes `amount` of what is left of the limit and shares out the rest; up to 80 % of the limit at first, so that whoever reaches them comes by here.
-- Without a limit it marks all slots so: what was spare before would be wrong when a limit comes back.
create function app.take_usage(metric text, amount bigint, allowed bigint, own smallint, context jsonb) returns void language plpgsql as $$
#variable_conflict use_variable
declare
  tenant uuid := app.tenant();
  started timestamptz := app.usage_window(metric);
  threshold bigint := ceil(allowed * 0.8);
  total bigint;
  announced boolean;
  rest bigint;
begin
  -- All of them, and whoever inserts one at this moment is waited for: the sum misses nobody.
  insert into app.usage (tenant_id, metric, window_start, slot) select tenant, metric, started, generate_series(0, 15)
    on conflict on constraint usage_pkey do nothing;
  select sum(l.used), coalesce(bool_or(l.is_announced and l.limit_seen = allowed), false) into total, announced
    from (select u.used, u.is_announced, u.limit_seen from app.usage u
           where u.tenant_id = tenant and u.metric = metric and u.window_start = started order by u.slot for update) l;
  if total + amount > allowed then
    raise exception 'The limit % of % is reached', metric, allowed using errcode = 'WF010',
      detail = jsonb_build_object('limit', metric, 'used', total, 'allowed', allowed)::text;
  end if;
  if allowed is null then
    rest := 0;
  elsif total + amount < threshold then
    announced := false;
    rest := threshold - 1 - total - amount;
  else
    if not announced then
      perform app.announce_usage(metric, total + amount, allowed, context);
      announced := true;
    end if;
    rest := allowed - total - amount;
  end if;
  update app.usage u
     set used = u.used + case when u.slot = own then amount else 0 end,
         spare = rest / 16 + case when u.slot = own then rest % 16 else 0 end,
         limit_seen = allowed, is_announced = announced
   where u.tenant_id = tenant and u.metric = metric and u.window_start = started;
end $$;

-- A slot that no other transaction of the tenant has now; one at random where all are taken. It is kept until the transaction ends.
create function app.usage_slot() returns smallint language plpgsql as $$
declare
  tenant constant integer := hashtext(app.tenant()::text);
  first constant integer := pg_backend_pid();
begin
  for n in first..first + 15 loop
    -- "usa" in ASCII, and the slot.
    if pg_try_advisory_xact_lock(tenant, 1970495744 + n % 16) then
      return n % 16;
    end if;
  end loop;
  return first % 16;
end $$;

-- Counts `amount` of a metric (a key of the configuration's `limits`) in the transaction's tenant, until the transaction rolls back. A negative amount
-- gives back and never fails. Errors: WF010 the limit is reached (detail: { limit, used, allowed }), WF003 unknown metric.
create function app.meter(metric text, amount bigint, context jsonb) returns void language plpgsql as $$
#variable_conflict use_variable
declare
  own smallint := app.usage_slot();
  allowed bigint := app.limit_of(metric);
  started timestamptz := app.usage_window(metric);
begin
  if amount > 0 then
    -- A block of its own, because an update that has waited for a row and then finds that it does not fit any more keeps the row locked: with that
    -- lock two who go on to lock all slots would wait for one another. Failing, the block lets it go.
    begin
      update app.usage u set used = u.used + amount, spare = u.spare - case when allowed is null then 0 else amount end
       where u.tenant_id = app.tenant() and u.metric = metric and u.window_start = started and u.slot = own
         and u.limit_seen is not distinct from allowed and (allowed is null or u.spare >= amount);
      if found then
        return;
      end if;
      raise exception 'too little is spare' using errcode = 'WF011';
    exception when sqlstate 'WF011' then
      perform app.take_usage(metric, amount, allowed, own, context);
    end;
  elsif amount < 0 then
    update app.usage u set used = u.used + amount
     where u.tenant_id = app.tenant() and u.metric = metric and u.window_start = started and u.slot = own;
    if not found then
      insert into app.usage as u (tenant_id, metric, window_start, slot, used) values (app.tenant(), metric, started, own, amount)
        on conflict on constraint usage_pkey do update set used = u.used + excluded.used;
    end if;
  end if;
end $$;

-- What there is of a metric in the transaction's tenant; null for what leaves no rows to count. People who are disabled use nothing, nor do the
-- platform's operators.
create function app.count_usage(metric text) returns bigint language plpgsql stable as $$
begin
  case metric
    when 'users' then return (select count(*) from identity.users u where u.tenant_id = app.tenant() and u.status <> 'DISABLED' and u.type <> 'OPERATOR');
    when 'definitions' then return (select count(distinct d.key) from workflows.definitions d where d.tenant_id = app.tenant());
    when 'runningInstances' then return (select count(*) from workflows.instances i where i.tenant_id = app.tenant() and i.finished_at is null);
    when 'executionsPerHour', 'executionsPerMonth' then
      return (select count(*) from workflows.instances i where i.tenant_id = app.tenant() and i.created_at >= app.usage_window(metric));
    else return null;
  end case;
end $$;

-- Sets the counters of the transaction's tenant to what there is: for rows that came by another way than Weft's. Nobody counts meanwhile.
create function app.recount_usage() returns void language plpgsql as $$
declare
  counted text;
  started timestamptz;
  actual bigint;
begin
  foreach counted in array array['users', 'definitions', 'runningInstances', 'executionsPerHour', 'executionsPerMonth'] loop
    started := app.usage_window(counted);
    insert into app.usage (tenant_id, metric, window_start, slot) select app.tenant(), counted, started, generate_series(0, 15)
      on conflict on constraint usage_pkey do nothing;
    perform from app.usage u where u.tenant_id = app.tenant() and u.metric = counted and u.window_start = started order by u.slot for update;
    actual := app.count_usage(counted);
    update app.usage u set used = case when u.slot = 0 then actual else 0 end, spare = 0
     where u.tenant_id = app.tenant() and u.metric = counted and u.window_start = started;
  end loop;
end $$;

-- The move itself is as it was; what it uses is counted last, so that the slots are held for the shortest time.
alter function engine.apply(jsonb, jsonb) rename to write_move;

create function engine.apply(context jsonb, outcome jsonb) returns jsonb language plpgsql as $$
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

-- Those who are there already. The owner reads tenants under no context: FORCE is lifted for that.
alter table identity.tenants no force row level security;
do $$
declare
  tenant uuid;
begin
  for tenant in select t.tenant_id from identity.tenants t loop
    perform set_config('app.tenant_id', tenant::text, true);
    perform app.recount_usage();
  end loop;
  perform set_config('app.tenant_id', '', true);
end $$;
alter table identity.tenants force row level security;

-- Down Migration
drop function engine.apply(jsonb, jsonb);
alter function engine.write_move(jsonb, jsonb) rename to apply;
drop function app.recount_usage();
drop function app.count_usage(text);
drop function app.meter(text, bigint, jsonb);
drop function app.usage_slot();
drop function app.take_usage(text, bigint, bigint, smallint, jsonb);
drop function app.announce_usage(text, bigint, bigint, jsonb);
drop function app.usage_window_end(text);
drop function app.usage_window(text);
drop function app.uuid_v7();
drop table app.usage;

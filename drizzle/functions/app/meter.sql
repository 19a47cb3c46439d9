-- Adds `amount` to the usage of a metric (a key of the configuration's `limits`) in the transaction's tenant; a rollback takes it back. A negative amount
-- lowers the usage and never fails. Errors: WF010 the limit is reached (detail: { limit, used, allowed }), WF003 unknown metric.
create or replace function app.meter(metric text, amount bigint, context jsonb) returns void language plpgsql as $$
#variable_conflict use_variable
declare
  own smallint := app.usage_slot();
  allowed bigint := app.limit_of(metric);
  started timestamptz := app.usage_window(metric);
begin
  if amount > 0 then
    -- A separate block, because an update that has waited for a row keeps it locked even if the row no longer matches. Two transactions with such a
    -- lock that then lock all slots would deadlock. When the block fails, it releases the lock.
    begin
      update app.usage u set used = u.used + amount, spare = u.spare - case when allowed is null then 0 else amount end
       where u.tenant_id = app.tenant() and u.metric = metric and u.window_start = started and u.slot = own
         and u.limit_seen is not distinct from allowed and (allowed is null or u.spare >= amount);
      if found then
        return;
      end if;
      raise exception 'the reserve is too small' using errcode = 'WF011';
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

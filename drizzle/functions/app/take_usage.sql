-- Takes `amount` from what is left of the limit, and distributes the rest over the slots: at first up to 80 % of the limit, so that the transaction that passes the
-- threshold comes through here and announces it. Without a limit all slots are marked as unlimited: their spare would be wrong once there is a limit again.
create or replace function app.take_usage(metric text, amount bigint, allowed bigint, own smallint, context jsonb) returns void language plpgsql as $$
#variable_conflict use_variable
declare
  tenant uuid := app.tenant();
  started timestamptz := app.usage_window(metric);
  threshold bigint := ceil(allowed * 0.8);
  total bigint;
  announced boolean;
  rest bigint;
begin
  -- Inserts all slots, and waits for concurrent inserts, so that the sum includes every slot.
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

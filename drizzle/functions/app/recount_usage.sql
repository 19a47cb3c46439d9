-- Sets the usage counters of the transaction's tenant to the actual values, for rows that were not written through Weft. Locks out counting meanwhile.
create or replace function app.recount_usage() returns void language plpgsql as $$
declare
  counted text;
  started timestamptz;
  actual bigint;
begin
  foreach counted in array array['users', 'definitions', 'runningInstances', 'executionsPerHour', 'executionsPerMonth', 'storageBytes'] loop
    started := app.usage_window(counted);
    insert into app.usage (tenant_id, metric, window_start, slot) select app.tenant(), counted, started, generate_series(0, 15)
      on conflict on constraint usage_pkey do nothing;
    perform from app.usage u where u.tenant_id = app.tenant() and u.metric = counted and u.window_start = started order by u.slot for update;
    actual := app.count_usage(counted);
    update app.usage u set used = case when u.slot = 0 then actual else 0 end, spare = 0
     where u.tenant_id = app.tenant() and u.metric = counted and u.window_start = started;
  end loop;
end $$;

-- Counts the start of an instance: what app.meter would do for each metric, with one read of the limits, one slot and one block. Always in this order, so that
-- two transactions that share a slot do not deadlock. Errors: WF010, as app.meter.
create or replace function app.meter_start(is_running boolean, context jsonb) returns void language plpgsql as $$
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
        raise exception 'the reserve is too small' using errcode = 'WF011';
      end if;
    end loop;
  exception when sqlstate 'WF011' then
    foreach metric in array metrics loop
      perform app.meter(metric, 1, context);
    end loop;
  end;
end $$;

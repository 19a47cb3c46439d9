-- Start of the current window of a metric. True time, not the tenant's clock: a sandbox could turn that.
create or replace function app.usage_window(metric text) returns timestamptz language sql stable parallel safe
  return case metric
    when 'executionsPerHour' then date_trunc('hour', transaction_timestamp(), 'UTC')
    when 'executionsPerMonth' then date_trunc('month', transaction_timestamp(), 'UTC')
    else '-infinity'::timestamptz end;

-- End of the current window of a metric; null: it never ends.
create or replace function app.usage_window_end(metric text) returns timestamptz language sql stable parallel safe
  return case metric
    when 'executionsPerHour' then date_trunc('hour', transaction_timestamp(), 'UTC') + interval '1 hour'
    when 'executionsPerMonth' then (date_trunc('month', transaction_timestamp() at time zone 'UTC') + interval '1 month') at time zone 'UTC' end;

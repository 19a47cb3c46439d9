-- Whether an event may be deleted because of its age. Part of a restrictive policy: whatever the configuration and the program say, events stay for 30 days.
-- Those about SLA clocks stay until the tenant is purged, because clocks are verified by recounting them.
create or replace function app.event_is_past(type text, occurred_at timestamptz) returns boolean language plpgsql stable parallel safe as $$
begin
  return type not in ('sla.recorded', 'sla.warning', 'sla.breached') and occurred_at < app.weft_now() - interval '30 days';
end $$;

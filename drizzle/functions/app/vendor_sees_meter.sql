-- Whether the acting vendor sees the meter, by the policy of its table.
create or replace function app.vendor_sees_meter(meter uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from requests.meters m where m.tenant_id = app.tenant() and m.id = meter);
end $$;

-- The one clock of business code: transaction time plus the tenant's offset (zero unless it is a sandbox). While the clock of a sandbox is being advanced, the
-- time at which it stands.
create or replace function app.weft_now() returns timestamptz language sql stable parallel safe
  return coalesce(
    (select coalesce(t.clock_stands_at, transaction_timestamp() + t.clock_offset_ms * interval '1 millisecond')
       from identity.tenants t where t.tenant_id = app.tenant()),
    transaction_timestamp());

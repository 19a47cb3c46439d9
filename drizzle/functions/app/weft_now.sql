-- Transaction time plus the tenant's offset (zero unless it is a sandbox): the one clock of business code.
create or replace function app.weft_now() returns timestamptz language sql stable parallel safe
  return transaction_timestamp()
    + coalesce((select t.clock_offset_ms from identity.tenants t where t.tenant_id = app.tenant()), 0) * interval '1 millisecond';

-- Up Migration
-- Events are deleted after the time that the configuration says.

create table events.log_retention (
  tenant_id uuid not null,
  -- Events up to this position have been deleted, except those that are still needed.
  deleted_position bigint not null default 0,
  -- The last one of them occurred at this time.
  deleted_until timestamptz,
  -- Up to here, those that had been needed were examined again.
  examined_position bigint not null default 0,
  constraint log_retention_pkey primary key (tenant_id),
  constraint log_retention_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id)
);
call app.protect('events.log_retention', vendor_sees => 'true', vendor_writes => 'false');

-- Deliveries that repeat another one are outside the unique index of events.
create index webhook_deliveries_repeated_event on events.webhook_deliveries (tenant_id, event_id) where replay_of is not null;

-- Down Migration
drop index events.webhook_deliveries_repeated_event;
drop table events.log_retention;

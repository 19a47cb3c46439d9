-- Up Migration
-- Events are deleted after the time that the configuration says. What was deleted of the past is recorded, so that nothing is replayed that is not known.

create table events.retention (
  tenant_id uuid not null,
  -- Events up to this position have been deleted, except those that are still needed.
  deleted_position bigint not null default 0,
  -- The last one of them occurred at this time.
  deleted_until timestamptz,
  -- Up to here, those that had been needed were examined again.
  examined_position bigint not null default 0,
  -- The last delivery of a webhook, and the last run of a trigger, that was deleted began then. What a webhook or a trigger did before is not known.
  deliveries_deleted_until timestamptz,
  runs_deleted_until timestamptz,
  constraint retention_pkey primary key (tenant_id),
  constraint retention_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id)
);
call app.protect('events.retention', vendor_sees => 'true', vendor_writes => 'false');

-- Neither is kept for less than 7 days. What was deleted before this migration is not known.
alter table identity.tenants no force row level security;
alter table events.retention no force row level security;
insert into events.retention (tenant_id, deliveries_deleted_until, runs_deleted_until)
select tenant_id, now() - interval '7 days', now() - interval '7 days' from identity.tenants where created_at < now() - interval '7 days';
alter table identity.tenants force row level security;
alter table events.retention force row level security;

-- Deliveries that repeat another one are outside the unique index of events.
create index webhook_deliveries_repeated_event on events.webhook_deliveries (tenant_id, event_id) where replay_of is not null;

-- Down Migration
drop index events.webhook_deliveries_repeated_event;
drop table events.retention;

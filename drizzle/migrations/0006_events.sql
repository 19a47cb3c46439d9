-- Up Migration
-- The log of events, the outbox of the relay, positions and cursors. Nothing refers to the log by a foreign key: it is append-only and
-- partition-ready (ids are time-ordered), so that retention can drop a partition.

create schema events;

create table events.log (
  tenant_id uuid not null,
  id uuid not null,
  type text not null,
  type_version integer not null,
  subject_type text not null,
  subject_id uuid not null,
  subject_version integer not null,
  related jsonb not null,
  payload jsonb not null,
  actor_id uuid not null,
  on_behalf_of uuid,
  cause_id uuid,
  request_id text not null,
  trace_id text,
  occurred_at timestamptz not null,
  constraint log_pkey primary key (tenant_id, id)
);

-- A vendor user sees events of what the vendor was given, and those that name herself (her notifications). Not by building or asset: they
-- have events of others' requests.
create function app.vendor_sees_event(subject uuid, related jsonb) returns boolean language plpgsql stable parallel safe as $$
begin
  return (related->>'user')::uuid = app.user_id() or exists (
    select from app.object_access a
     where a.tenant_id = app.tenant() and a.vendor_id = app.vendor()
       and a.object_id in (subject, (related->>'instance')::uuid, (related->>'request')::uuid, (related->>'project')::uuid)
  );
end $$;
call app.protect('events.log', vendor_sees => 'app.vendor_sees_event(subject_id, related)', vendor_writes => 'true');

create table events.outbox (
  tenant_id uuid not null,
  event_id uuid not null,
  seq bigint not null generated always as identity,
  constraint outbox_pkey primary key (tenant_id, event_id)
);
-- The relay takes the oldest rows of one tenant at a time, so that a flooding tenant delays nobody else.
create index outbox_by_seq on events.outbox (tenant_id, seq);
call app.protect('events.outbox', vendor_sees => 'false', vendor_writes => 'true');

create table events.positions (
  tenant_id uuid not null,
  position bigint not null,
  event_id uuid not null,
  constraint positions_pkey primary key (tenant_id, position),
  constraint positions_event_key unique (tenant_id, event_id)
);
call app.protect('events.positions', vendor_sees => 'true', vendor_writes => 'false');

create table events.position_heads (
  tenant_id uuid not null,
  position bigint not null,
  constraint position_heads_pkey primary key (tenant_id),
  constraint position_heads_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id)
);
call app.protect('events.position_heads', vendor_sees => 'true', vendor_writes => 'false');

create table events.consumer_cursors (
  tenant_id uuid not null,
  consumer text not null,
  position bigint not null,
  constraint consumer_cursors_pkey primary key (tenant_id, consumer),
  constraint consumer_cursors_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id)
);
call app.protect('events.consumer_cursors');

-- Down Migration
drop function app.vendor_sees_event(uuid, jsonb) cascade;
drop schema events cascade;

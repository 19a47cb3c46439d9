-- Up Migration
-- The log of events can be read by type, subject and actor. Custom events: types that a tenant declares.

-- Type under which users see an event: the declared name of a custom event.
create index log_by_type on events.log (tenant_id, (case when type = 'custom.published' then payload->>'name' else type end), id);
create index log_by_subject on events.log (tenant_id, subject_id, id);
create index log_by_actor on events.log (tenant_id, actor_id, id);

create table events.custom_types (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  description text not null,
  -- JSON. The order of the properties is kept.
  payload_schema json not null,
  -- Version of the payload. Incremented on incompatible changes.
  type_version integer not null,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  constraint custom_types_pkey primary key (tenant_id, id),
  constraint custom_types_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint custom_types_name_check check (name ~ '^custom\.[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$' and length(name) <= 100),
  constraint custom_types_type_version_check check (type_version > 0)
);
-- Deleted types keep their versions, so that a type that is declared again continues after them.
create unique index custom_types_name_key on events.custom_types (tenant_id, name) where deleted_at is null;
create index custom_types_by_name on events.custom_types (tenant_id, name, type_version);
call app.protect('events.custom_types', vendor_sees => 'false', vendor_writes => 'false');

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["event.read", "event.publish", "event.retry", "eventType.update"]},
  "workflow_manager": {"TENANT": ["event.read"]},
  "developer": {"TENANT": ["event.read", "event.publish", "eventType.update"]}
}');

-- Down Migration
drop table events.custom_types;
drop index events.log_by_actor, events.log_by_subject, events.log_by_type;

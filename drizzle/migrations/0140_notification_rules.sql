-- Up Migration
-- Rules of tenants: which events notify whom. What they cause has the rule's ID, so that each rule notifies a user once per event.

create table audit.notification_rules (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  event_types text[] not null,
  -- CEL; empty: every event of the types.
  condition text not null default '',
  recipients jsonb not null,
  -- Templates with values of the event.
  title text not null,
  body text not null default '',
  channels text[] not null,
  is_mandatory boolean not null default false,
  status text not null default 'ACTIVE',
  -- A rule considers only events that are numbered after it was activated.
  after_position bigint not null default 0,
  owner_id uuid not null,
  -- The last event that had more recipients than a rule can notify, and their number.
  last_cut_at timestamptz,
  last_cut_count integer,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint notification_rules_pkey primary key (tenant_id, id),
  constraint notification_rules_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint notification_rules_owner_fkey foreign key (tenant_id, owner_id) references identity.users (tenant_id, id),
  constraint notification_rules_types_check check (cardinality(event_types) between 1 and 50),
  constraint notification_rules_channels_check check (cardinality(channels) > 0 and channels <@ array['IN_APP', 'EMAIL']),
  constraint notification_rules_status_check check (status in ('ACTIVE', 'PAUSED')),
  constraint notification_rules_cut_check check ((last_cut_at is null) = (last_cut_count is null))
);
create index notification_rules_by_age on audit.notification_rules (tenant_id, created_at, id);
call app.protect('audit.notification_rules');

-- Down Migration
drop table audit.notification_rules;

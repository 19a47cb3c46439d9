-- Up Migration
-- Notifications beyond the app: preferences of users, deliveries, and addresses to which no mail is sent. Notifications can be archived.

alter table audit.notifications add column archived_at timestamptz;
drop index audit.notifications_by_user;
create index notifications_by_user on audit.notifications (tenant_id, user_id, created_at, id) include (is_deleted, archived_at);

create table audit.notification_preferences (
  tenant_id uuid not null,
  user_id uuid not null,
  -- A kind of notification. ALL: all kinds without a row of their own.
  kind text not null,
  -- IN_APP | EMAIL. ALL: the row with the quiet hours.
  channel text not null,
  -- Null: as the wider row, and finally the organization, says.
  is_enabled boolean,
  -- NONE | HOURLY | DAILY
  digest text,
  -- Local times, HH:MM.
  quiet_from text,
  quiet_to text,
  snoozed_until timestamptz,
  updated_at timestamptz not null default now(),
  constraint notification_preferences_pkey primary key (tenant_id, user_id, kind, channel),
  constraint notification_preferences_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint notification_preferences_channel_check check (channel in ('IN_APP', 'EMAIL', 'ALL') and (channel <> 'ALL' or kind = 'ALL')),
  constraint notification_preferences_digest_check check (digest is null or (digest in ('NONE', 'HOURLY', 'DAILY') and channel = 'EMAIL')),
  constraint notification_preferences_quiet_check check (
    (quiet_from is null) = (quiet_to is null) and quiet_from <> quiet_to
    and quiet_from ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' and quiet_to ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
  constraint notification_preferences_times_check check (channel = 'ALL' or (quiet_from is null and snoozed_until is null))
);
call app.protect('audit.notification_preferences', vendor_sees => 'user_id = app.user_id()');

create table audit.notification_deliveries (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  notification_id uuid not null,
  event_id uuid not null,
  kind text not null,
  -- EMAIL
  channel text not null,
  -- QUEUED | READY | SENDING | SENT | FAILED | UNKNOWN | CANCELLED | SUPPRESSED
  status text not null default 'QUEUED',
  -- Why it was postponed, cancelled or suppressed.
  reason text,
  -- When it becomes part of a message, in the tenant's time. Null once it has.
  due_at timestamptz,
  -- The message that contains it: the ID of the message's first delivery.
  message_id uuid,
  bundled_at timestamptz,
  attempts integer not null default 0,
  -- When the message is tried, in true time; while it is SENDING, when its claim ends. Only of one delivery of the message.
  next_attempt_at timestamptz,
  last_error text,
  sent_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null default now(),
  constraint notification_deliveries_pkey primary key (tenant_id, id),
  -- At most one message per person, channel and event.
  constraint notification_deliveries_event_key unique (tenant_id, user_id, channel, event_id),
  constraint notification_deliveries_notification_fkey foreign key (tenant_id, notification_id) references audit.notifications (tenant_id, id),
  constraint notification_deliveries_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint notification_deliveries_channel_check check (channel in ('EMAIL')),
  constraint notification_deliveries_status_check check (
    status in ('QUEUED', 'READY', 'SENDING', 'SENT', 'FAILED', 'UNKNOWN', 'CANCELLED', 'SUPPRESSED')
    and (status = 'QUEUED') = (due_at is not null) and (next_attempt_at is null or status in ('READY', 'SENDING'))),
  constraint notification_deliveries_message_check check ((message_id is null) = (bundled_at is null))
);
create index notification_deliveries_due on audit.notification_deliveries (due_at, tenant_id) where due_at is not null;
create index notification_deliveries_due_of_tenant on audit.notification_deliveries (tenant_id, due_at, id) where due_at is not null;
create index notification_deliveries_next on audit.notification_deliveries (next_attempt_at, tenant_id) where next_attempt_at is not null;
create index notification_deliveries_by_message on audit.notification_deliveries (tenant_id, message_id) where message_id is not null;
-- Counts messages: of a person in an hour, and of the tenant in a day.
create index notification_deliveries_messages on audit.notification_deliveries (tenant_id, bundled_at, user_id) where id = message_id;
create index notification_deliveries_by_time on audit.notification_deliveries (tenant_id, created_at, id);
create index notification_deliveries_by_status on audit.notification_deliveries (tenant_id, status, created_at, id);
create index notification_deliveries_by_user on audit.notification_deliveries (tenant_id, user_id, created_at, id);
create index notification_deliveries_by_notification on audit.notification_deliveries (tenant_id, notification_id);
call app.protect('audit.notification_deliveries');

-- Addresses that a mail server has refused permanently. A new address of the user is not suppressed.
create table audit.mail_suppressions (
  tenant_id uuid not null,
  user_id uuid not null,
  -- SHA-256
  address_hash text not null,
  reason text not null,
  created_at timestamptz not null default now(),
  constraint mail_suppressions_pkey primary key (tenant_id, user_id, address_hash),
  constraint mail_suppressions_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id)
);
call app.protect('audit.mail_suppressions');

call app.grant_to_built_in_roles('{"admin": {"TENANT": ["notification.manage"]}}');

-- Down Migration
drop table audit.mail_suppressions, audit.notification_deliveries, audit.notification_preferences;
drop index audit.notifications_by_user;
create index notifications_by_user on audit.notifications (tenant_id, user_id, created_at, id) include (is_deleted);
alter table audit.notifications drop column archived_at;

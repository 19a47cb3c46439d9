-- Up Migration
-- Notifications in chats and by web push: users add destinations, and each destination gets deliveries of its own.

create table audit.notification_destinations (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  -- CHAT | WEB_PUSH
  channel text not null,
  name text not null,
  -- SLACK | TEAMS. Only of chats.
  format text,
  -- Encrypted: the URL, and the keys of a browser.
  address text not null,
  -- SHA-256, by which a destination that is added again is found.
  address_hash text not null,
  host text not null,
  -- ACTIVE | DISABLED | REMOVED
  status text not null default 'ACTIVE',
  -- Why it was disabled.
  reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint notification_destinations_pkey primary key (tenant_id, id),
  constraint notification_destinations_address_key unique (tenant_id, user_id, channel, address_hash),
  constraint notification_destinations_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint notification_destinations_channel_check check (
    channel in ('CHAT', 'WEB_PUSH') and (channel = 'CHAT') = (format is not null) and (format is null or format in ('SLACK', 'TEAMS'))),
  constraint notification_destinations_status_check check (
    status in ('ACTIVE', 'DISABLED', 'REMOVED') and (status = 'DISABLED') = (reason is not null) and (status = 'REMOVED') = (address = ''))
);
call app.protect('audit.notification_destinations', vendor_sees => 'user_id = app.user_id()');

alter table audit.notification_deliveries
  -- Null for emails.
  add column destination_id uuid,
  drop constraint notification_deliveries_event_key,
  drop constraint notification_deliveries_channel_check,
  add constraint notification_deliveries_event_key unique nulls not distinct (tenant_id, user_id, channel, event_id, destination_id),
  add constraint notification_deliveries_channel_check check (channel in ('EMAIL', 'CHAT', 'WEB_PUSH') and (channel = 'EMAIL') = (destination_id is null));
alter table audit.notification_preferences
  drop constraint notification_preferences_channel_check,
  add constraint notification_preferences_channel_check check (
    channel in ('IN_APP', 'EMAIL', 'CHAT', 'WEB_PUSH', 'ALL') and (channel <> 'ALL' or kind = 'ALL'));
alter table audit.notification_rules
  drop constraint notification_rules_channels_check,
  add constraint notification_rules_channels_check check (
    cardinality(channels) > 0 and channels <@ array['IN_APP', 'EMAIL', 'CHAT', 'WEB_PUSH']);

-- Down Migration
delete from audit.notification_deliveries where channel <> 'EMAIL';
delete from audit.notification_preferences where channel in ('CHAT', 'WEB_PUSH');
update audit.notification_rules set channels = case when channels && array['IN_APP', 'EMAIL']
  then array_remove(array_remove(channels, 'CHAT'), 'WEB_PUSH') else array['IN_APP'] end;
alter table audit.notification_rules
  drop constraint notification_rules_channels_check,
  add constraint notification_rules_channels_check check (cardinality(channels) > 0 and channels <@ array['IN_APP', 'EMAIL']);
alter table audit.notification_preferences
  drop constraint notification_preferences_channel_check,
  add constraint notification_preferences_channel_check check (channel in ('IN_APP', 'EMAIL', 'ALL') and (channel <> 'ALL' or kind = 'ALL'));
alter table audit.notification_deliveries
  drop constraint notification_deliveries_event_key,
  drop constraint notification_deliveries_channel_check,
  drop column destination_id,
  add constraint notification_deliveries_event_key unique (tenant_id, user_id, channel, event_id),
  add constraint notification_deliveries_channel_check check (channel in ('EMAIL'));
drop table audit.notification_destinations;

-- Up Migration
-- Notifications by SMS: a phone number is a destination that its user confirms with a code. Text messages cost money, so they are counted.

alter table audit.notification_destinations
  drop constraint notification_destinations_channel_check,
  drop constraint notification_destinations_status_check,
  add constraint notification_destinations_channel_check check (
    channel in ('CHAT', 'WEB_PUSH', 'SMS') and (channel = 'CHAT') = (format is not null) and (format is null or format in ('SLACK', 'TEAMS'))),
  add constraint notification_destinations_status_check check (
    status in ('UNCONFIRMED', 'ACTIVE', 'DISABLED', 'REMOVED') and (status = 'REMOVED') = (address = '')
    and (status <> 'UNCONFIRMED' or channel = 'SMS') and (status = 'UNCONFIRMED' or (status = 'DISABLED') = (reason is not null)));

create table audit.text_messages (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  destination_id uuid not null,
  -- Of the number, as in the destinations: limits apply to it.
  address_hash text not null,
  -- CODE | NOTIFICATION
  purpose text not null,
  -- READY | SENDING | SENT | FAILED | UNKNOWN. Only of codes: notifications have the status of their deliveries.
  status text,
  -- HMAC of the code, made when it is sent.
  code_hash text,
  expires_at timestamptz,
  wrong_tries integer not null default 0,
  attempts integer not null default 0,
  -- When the code is tried; while it is SENDING, when its claim ends.
  next_attempt_at timestamptz,
  created_at timestamptz not null default now(),
  constraint text_messages_pkey primary key (tenant_id, id),
  constraint text_messages_destination_fkey foreign key (tenant_id, destination_id) references audit.notification_destinations (tenant_id, id) on delete cascade,
  constraint text_messages_purpose_check check (purpose in ('CODE', 'NOTIFICATION') and (purpose = 'CODE') = (status is not null)),
  constraint text_messages_status_check check (
    status in ('READY', 'SENDING', 'SENT', 'FAILED', 'UNKNOWN') and (status in ('READY', 'SENDING')) = (next_attempt_at is not null))
);
create index text_messages_by_time on audit.text_messages (tenant_id, created_at);
-- Codes that a number has got from all tenants.
create index text_messages_by_address on audit.text_messages (address_hash, created_at, tenant_id) where purpose = 'CODE';
create index text_messages_by_destination on audit.text_messages (tenant_id, destination_id, created_at);
create index text_messages_next on audit.text_messages (tenant_id, next_attempt_at) where next_attempt_at is not null;
call app.protect('audit.text_messages', vendor_sees => 'user_id = app.user_id()');

alter table audit.notification_deliveries
  drop constraint notification_deliveries_channel_check,
  add constraint notification_deliveries_channel_check check (
    channel in ('EMAIL', 'CHAT', 'WEB_PUSH', 'SMS') and (channel = 'EMAIL') = (destination_id is null));
alter table audit.notification_preferences
  drop constraint notification_preferences_channel_check,
  add constraint notification_preferences_channel_check check (
    channel in ('IN_APP', 'EMAIL', 'CHAT', 'WEB_PUSH', 'SMS', 'ALL') and (channel <> 'ALL' or kind = 'ALL'));
alter table audit.notification_rules
  drop constraint notification_rules_channels_check,
  add constraint notification_rules_channels_check check (
    cardinality(channels) > 0 and channels <@ array['IN_APP', 'EMAIL', 'CHAT', 'WEB_PUSH', 'SMS']);

-- Down Migration
delete from audit.notification_deliveries where channel = 'SMS';
delete from audit.notification_preferences where channel = 'SMS';
update audit.notification_rules set channels = case when channels = array['SMS'] then array['IN_APP'] else array_remove(channels, 'SMS') end
  where 'SMS' = any (channels);
alter table audit.notification_rules
  drop constraint notification_rules_channels_check,
  add constraint notification_rules_channels_check check (
    cardinality(channels) > 0 and channels <@ array['IN_APP', 'EMAIL', 'CHAT', 'WEB_PUSH']);
alter table audit.notification_preferences
  drop constraint notification_preferences_channel_check,
  add constraint notification_preferences_channel_check check (
    channel in ('IN_APP', 'EMAIL', 'CHAT', 'WEB_PUSH', 'ALL') and (channel <> 'ALL' or kind = 'ALL'));
alter table audit.notification_deliveries
  drop constraint notification_deliveries_channel_check,
  add constraint notification_deliveries_channel_check check (channel in ('EMAIL', 'CHAT', 'WEB_PUSH') and (channel = 'EMAIL') = (destination_id is null));
drop table audit.text_messages;
delete from audit.notification_destinations where channel = 'SMS';
alter table audit.notification_destinations
  drop constraint notification_destinations_channel_check,
  drop constraint notification_destinations_status_check,
  add constraint notification_destinations_channel_check check (
    channel in ('CHAT', 'WEB_PUSH') and (channel = 'CHAT') = (format is not null) and (format is null or format in ('SLACK', 'TEAMS'))),
  add constraint notification_destinations_status_check check (
    status in ('ACTIVE', 'DISABLED', 'REMOVED') and (status = 'DISABLED') = (reason is not null) and (status = 'REMOVED') = (address = ''));

-- Up Migration
-- Pauses of channels, and indexes by which the queues of deliveries are counted.

create table events.delivery_pauses (
  tenant_id uuid not null,
  -- WEBHOOK | NOTIFICATION | CALL
  channel text not null,
  reason text not null,
  paused_by uuid not null,
  paused_at timestamptz not null default now(),
  -- Null while the channel is paused. The last pause is kept: what waited for its end is not too old to be sent.
  resumed_at timestamptz,
  constraint delivery_pauses_pkey primary key (tenant_id, channel),
  constraint delivery_pauses_user_fkey foreign key (tenant_id, paused_by) references identity.users (tenant_id, id),
  constraint delivery_pauses_channel_check check (channel in ('WEBHOOK', 'NOTIFICATION', 'CALL'))
);
call app.protect('events.delivery_pauses');

create index webhook_deliveries_ended on events.webhook_deliveries (tenant_id, webhook_id, finished_at) where finished_at is not null;
create index notification_deliveries_ended on audit.notification_deliveries (tenant_id, updated_at) where status in ('SENT', 'FAILED', 'UNKNOWN');
create index inbound_messages_waiting on events.inbound_messages (tenant_id, received_at) where status = 'RECEIVED';
create index inbound_messages_ended on events.inbound_messages (tenant_id, handled_at) where handled_at is not null;

-- Down Migration
drop index events.inbound_messages_ended;
drop index events.inbound_messages_waiting;
drop index audit.notification_deliveries_ended;
drop index events.webhook_deliveries_ended;
drop table events.delivery_pauses;

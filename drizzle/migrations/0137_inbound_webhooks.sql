-- Up Migration
-- Inbound webhooks: endpoints to which other systems send messages, the messages, and what became of them.

create table events.inbound_webhooks (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  scheme text not null,
  -- Of the schemes HMAC and BASIC: names of headers, encoding, user name.
  settings jsonb not null default '{}',
  -- Encrypted.
  secret text not null,
  previous_secret text,
  previous_secret_expires_at timestamptz,
  status text not null default 'ACTIVE',
  -- Name of the custom event that a message becomes.
  event_type text not null,
  -- CEL; empty: every message.
  condition text not null default '',
  -- Expressions by property of the event's payload. Null: the body. JSON, so that the order of the properties is kept.
  payload json,
  -- Expression: ID of the object that the event is about.
  subject text,
  -- Headers that expressions can read.
  header_names text[] not null default '{}',
  user_id uuid not null,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint inbound_webhooks_pkey primary key (tenant_id, id),
  constraint inbound_webhooks_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint inbound_webhooks_scheme_check check (scheme in ('STANDARD_WEBHOOKS', 'GITHUB', 'STRIPE', 'SLACK', 'HMAC', 'BASIC')),
  constraint inbound_webhooks_status_check check (status in ('ACTIVE', 'PAUSED')),
  constraint inbound_webhooks_previous_check check ((previous_secret is null) = (previous_secret_expires_at is null))
);
create index inbound_webhooks_by_age on events.inbound_webhooks (tenant_id, created_at, id);
call app.protect('events.inbound_webhooks');

create table events.inbound_messages (
  tenant_id uuid not null,
  id uuid not null,
  webhook_id uuid not null,
  -- From the sender. Otherwise derived from what was signed, or random.
  message_id text not null,
  -- Hash of what was signed, if that does not include the ID of the message.
  replay_key text,
  -- Body and headers. Encrypted, because they can contain personal data.
  content text not null,
  size integer not null,
  status text not null default 'RECEIVED',
  -- Encrypted, too: it can quote the body.
  error text,
  event_id uuid,
  attempts integer not null default 0,
  received_at timestamptz not null,
  handled_at timestamptz,
  constraint inbound_messages_pkey primary key (tenant_id, id),
  constraint inbound_messages_webhook_fkey foreign key (tenant_id, webhook_id)
    references events.inbound_webhooks (tenant_id, id) on delete cascade,
  constraint inbound_messages_message_key unique (tenant_id, webhook_id, message_id),
  constraint inbound_messages_status_check check (status in ('RECEIVED', 'PUBLISHED', 'IGNORED', 'FAILED')),
  constraint inbound_messages_handled_check check ((status = 'RECEIVED') = (handled_at is null)),
  constraint inbound_messages_error_check check ((status = 'FAILED') = (error is not null)),
  constraint inbound_messages_event_check check ((status = 'PUBLISHED') = (event_id is not null))
);
create unique index inbound_messages_replay_key on events.inbound_messages (tenant_id, webhook_id, replay_key) where replay_key is not null;
create index inbound_messages_by_age on events.inbound_messages (tenant_id, received_at, id);
create index inbound_messages_of_webhook on events.inbound_messages (tenant_id, webhook_id, received_at, id);
call app.protect('events.inbound_messages');

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["inboundWebhook.read", "inboundWebhook.manage"]},
  "developer": {"TENANT": ["inboundWebhook.read", "inboundWebhook.manage"]}
}');

-- Down Migration
drop table events.inbound_messages, events.inbound_webhooks;

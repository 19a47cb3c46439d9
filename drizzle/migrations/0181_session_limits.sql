-- Up Migration
-- Limits of sessions per role, live connections of sessions, reminders of API keys that expire, wrong codes of users without an authenticator app, and
-- whose account a verified email address is.

alter table identity.roles
  -- Maximum number of open sessions of a user with the role. Null: the role sets none.
  add column max_sessions integer,
  -- What happens at the maximum. Null: as the tenant's setting says.
  add column session_limit_reached text,
  add constraint roles_max_sessions_check check (max_sessions between 1 and 1000),
  add constraint roles_session_limit_reached_check check (session_limit_reached in ('END_OLDEST', 'REFUSE'));

-- Which gateways have open sockets of the tenant. A gateway that has crashed says nothing more, so what it said expires.
create table identity.gateway_reports (
  tenant_id uuid not null,
  gateway_id uuid not null,
  expires_at timestamptz not null,
  constraint gateway_reports_pkey primary key (tenant_id, gateway_id)
);
create index gateway_reports_by_expiry on identity.gateway_reports (tenant_id, expires_at);
-- Nothing in it is about anybody. Vendors' users need it to see the connections of their own sessions.
call app.protect('identity.gateway_reports', vendor_sees => 'true', vendor_writes => 'false');

create table identity.session_connections (
  tenant_id uuid not null,
  session_id uuid not null,
  gateway_id uuid not null,
  connection_count integer not null,
  connected_since timestamptz not null,
  -- Whose session it is.
  user_id uuid not null,
  constraint session_connections_pkey primary key (tenant_id, session_id, gateway_id),
  constraint session_connections_session_fkey foreign key (tenant_id, session_id) references identity.sessions (tenant_id, id) on delete cascade,
  constraint session_connections_gateway_fkey foreign key (tenant_id, gateway_id) references identity.gateway_reports (tenant_id, gateway_id)
    on delete cascade,
  constraint session_connections_count_check check (connection_count > 0)
);
create index session_connections_by_gateway on identity.session_connections (tenant_id, gateway_id);
call app.protect('identity.session_connections', vendor_sees => 'user_id = app.user_id()', vendor_writes => 'false');

-- When the owner is next told that the key expires. Null: never.
alter table identity.api_keys add column remind_at timestamptz;
alter table identity.api_keys no force row level security;
update identity.api_keys set remind_at = expires_at - case when expires_at > now() + interval '14 days' then interval '14 days' else interval '1 day' end
  where revoked_at is null and expires_at > now() + interval '1 day';
alter table identity.api_keys force row level security;
create index api_keys_due on identity.api_keys (remind_at, tenant_id) where remind_at is not null;
create index api_keys_due_in_tenant on identity.api_keys (tenant_id, remind_at, id) where remind_at is not null;

-- Wrong codes and passkeys after a right password. Users with passkeys have no row among the second factors, where this was.
create table identity.wrong_codes (
  tenant_id uuid not null,
  user_id uuid not null,
  -- Since the last right code, or the last email about them.
  code_count integer not null,
  -- Time of the last email about wrong codes.
  warned_at timestamptz,
  constraint wrong_codes_pkey primary key (tenant_id, user_id),
  constraint wrong_codes_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id)
);
call app.protect('identity.wrong_codes');
alter table identity.second_factors no force row level security;
alter table identity.wrong_codes no force row level security;
insert into identity.wrong_codes (tenant_id, user_id, code_count, warned_at)
  select tenant_id, user_id, wrong_codes, warned_at from identity.second_factors
   where kind = 'TOTP' and confirmed_at is not null and (wrong_codes > 0 or warned_at is not null);
alter table identity.wrong_codes force row level security;
alter table identity.second_factors force row level security;
alter table identity.second_factors drop column wrong_codes, drop column warned_at;

-- Whether nobody has shown both the account and the mailbox: the link was opened without a session of the user.
alter table identity.users add column is_verified_without_login boolean not null default false;

-- Down Migration
alter table identity.users drop column is_verified_without_login;
alter table identity.second_factors add column wrong_codes integer not null default 0, add column warned_at timestamptz;
drop table identity.wrong_codes;
alter table identity.api_keys drop column remind_at;
drop table identity.session_connections, identity.gateway_reports;
alter table identity.roles drop column session_limit_reached, drop column max_sessions;

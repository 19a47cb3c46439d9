-- Up Migration
-- Indexes by which the open sessions and the last login of a user are found.

create index sessions_by_login on identity.sessions (tenant_id, user_id, created_at);
create index sessions_open on identity.sessions (tenant_id, user_id, expires_at) where revoked_at is null;
-- The first one begins with the same columns.
drop index identity.sessions_by_user;

-- Down Migration
create index sessions_by_user on identity.sessions (tenant_id, user_id);
drop index identity.sessions_open;
drop index identity.sessions_by_login;

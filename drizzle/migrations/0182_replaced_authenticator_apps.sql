-- Up Migration
-- A user can begin to enrol another authenticator app while the current one still counts. Only the session that has begun can confirm it.

alter table identity.second_factors no force row level security;
-- It is not known who has begun them.
delete from identity.second_factors where confirmed_at is null;
alter table identity.second_factors force row level security;
alter table identity.second_factors
  -- The session that has begun the enrolment. Null once confirmed.
  add column session_id uuid,
  add constraint second_factors_session_fkey foreign key (tenant_id, session_id) references identity.sessions (tenant_id, id) on delete cascade,
  add constraint second_factors_session_check check (confirmed_at is null or session_id is null);
create index second_factors_by_session on identity.second_factors (tenant_id, session_id) where session_id is not null;

create unique index second_factors_confirmed_key on identity.second_factors (tenant_id, user_id, kind) where confirmed_at is not null;
create unique index second_factors_pending_key on identity.second_factors (tenant_id, user_id, kind) where confirmed_at is null;
alter table identity.second_factors drop constraint second_factors_kind_key;

-- Down Migration
alter table identity.second_factors no force row level security;
delete from identity.second_factors where confirmed_at is null;
alter table identity.second_factors force row level security;
alter table identity.second_factors drop column session_id;
alter table identity.second_factors add constraint second_factors_kind_key unique (tenant_id, user_id, kind);
drop index identity.second_factors_pending_key, identity.second_factors_confirmed_key;

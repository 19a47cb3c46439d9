-- Up Migration
-- A user can begin to enrol another authenticator app while the current one still counts.

create unique index second_factors_confirmed_key on identity.second_factors (tenant_id, user_id, kind) where confirmed_at is not null;
create unique index second_factors_pending_key on identity.second_factors (tenant_id, user_id, kind) where confirmed_at is null;
alter table identity.second_factors drop constraint second_factors_kind_key;

-- Down Migration
alter table identity.second_factors no force row level security;
delete from identity.second_factors where confirmed_at is null;
alter table identity.second_factors force row level security;
alter table identity.second_factors add constraint second_factors_kind_key unique (tenant_id, user_id, kind);
drop index identity.second_factors_pending_key, identity.second_factors_confirmed_key;

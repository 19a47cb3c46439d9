-- Up Migration

-- A deleted team keeps its row: finished workflows and their history refer to it. Its key is free again.
alter table identity.teams add column deleted_at timestamptz;
alter table identity.teams drop constraint teams_key_key;
create unique index teams_key_key on identity.teams (tenant_id, key) where deleted_at is null;

-- Down Migration
drop index identity.teams_key_key;
alter table identity.teams no force row level security;
-- Two teams may have had the key, one after the other.
update identity.teams set key = key || '-' || id where deleted_at is not null;
alter table identity.teams force row level security;
alter table identity.teams add constraint teams_key_key unique (tenant_id, key);
alter table identity.teams drop column deleted_at;

-- Up Migration
-- Parked events have an ID, so that users can list, retry and skip them.

alter table events.parked add column id uuid not null default gen_random_uuid();
alter table events.parked add constraint parked_id_key unique (tenant_id, id);
create index parked_by_time on events.parked (tenant_id, parked_at, id);

-- Down Migration
drop index events.parked_by_time;
alter table events.parked drop column id;

-- Up Migration
-- Priority of new requests of a type, until somebody triages them. 0 to 3: LOW, NORMAL, HIGH, URGENT.
alter table requests.request_types
  add column default_priority smallint not null default 1 constraint request_types_default_priority_check check (default_priority between 0 and 3);

-- Down Migration
alter table requests.request_types drop column default_priority;

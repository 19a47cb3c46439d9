-- Up Migration
-- Bytes that the programs of a run have moved over their network.
alter table workflows.runs
  add column sent_bytes bigint not null default 0,
  add column received_bytes bigint not null default 0;

-- Down Migration
alter table workflows.runs drop column received_bytes, drop column sent_bytes;

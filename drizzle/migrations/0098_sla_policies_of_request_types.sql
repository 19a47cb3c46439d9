-- Up Migration
-- SLA policies for the requests of one type.
-- Null: every instance.
alter table workflows.sla_policies add column request_type text;

-- Down Migration
alter table workflows.sla_policies drop column request_type;

-- Up Migration
-- Reports read the clocks that ended in a period.

create index sla_clocks_ended on workflows.sla_clocks (tenant_id, ended_at, id) where ended_at is not null;

-- Down Migration
drop index workflows.sla_clocks_ended;

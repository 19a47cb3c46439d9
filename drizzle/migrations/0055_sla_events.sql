-- Up Migration
-- SLA clocks are counted again from the events of their instances. Without an index, each check would read the tenant's whole log.
create index log_of_sla_clocks on events.log (tenant_id, subject_id) where type in ('sla.recorded', 'sla.warning', 'sla.breached');

-- Down Migration
drop index events.log_of_sla_clocks;

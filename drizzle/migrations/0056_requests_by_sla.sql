-- Up Migration
-- Lists of requests by their SLA clocks.

-- Exported view: clocks of instances, as lists of other subgraphs filter by them. Its columns are those of the table, so conditions can use its indexes.
create view workflows.sla_heads with (security_invoker = true) as
  select tenant_id, id, instance_id, regexp_replace(rule, '^task:', '') as name, phase, warn_at, due_at, ended_at from workflows.sla_clocks;

-- Exported view: when the next target of an instance is reached, by its running clocks. Instances without a running clock have no row. It is read in the order
-- of sla_clocks_due: the first clocks are found without looking at the others.
create view workflows.sla_next with (security_invoker = true) as
  select k.tenant_id, k.instance_id, k.due_at from workflows.sla_clocks k
   where k.ended_at is null and k.phase = 'RUN' and k.due_at is not null
     and not exists (
       select from workflows.sla_clocks o
        where o.tenant_id = k.tenant_id and o.instance_id = k.instance_id and o.ended_at is null and o.phase = 'RUN'
          and (o.due_at < k.due_at or o.due_at = k.due_at and o.id < k.id)
        -- Keeps a look-up per clock: a join without statistics would compare every clock with every other one.
        offset 0);

-- Clocks in a rare status.
create index sla_clocks_paused on workflows.sla_clocks (tenant_id, instance_id) where phase = 'PAUSE' and ended_at is null;
create index sla_clocks_warned on workflows.sla_clocks (tenant_id, warn_at, id) where ended_at is null;

-- Down Migration
drop index workflows.sla_clocks_warned, workflows.sla_clocks_paused;
drop view workflows.sla_next, workflows.sla_heads;

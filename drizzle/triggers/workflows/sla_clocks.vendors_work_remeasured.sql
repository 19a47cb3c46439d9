-- Clocks that go on only pay for the condition.
create or replace trigger vendors_work_remeasured after update on workflows.sla_clocks for each row
  when ((new.phase in ('MET', 'MISSED') or old.phase in ('MET', 'MISSED'))
    and (new.phase, new.ended_at, new.breached_at) is distinct from (old.phase, old.ended_at, old.breached_at))
  execute function vendors.measure_work();

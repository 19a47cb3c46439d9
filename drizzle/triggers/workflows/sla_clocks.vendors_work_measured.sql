-- Clocks that start or go on only pay for the condition.
create or replace trigger vendors_work_measured after insert on workflows.sla_clocks for each row
  when (new.phase in ('MET', 'MISSED'))
  execute function vendors.measure_work();

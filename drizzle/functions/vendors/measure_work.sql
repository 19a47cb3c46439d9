-- Keeps vendors.work.is_sla_met when an SLA clock of the request ends, or is counted again. Clocks that ended or were breached before the vendor was assigned do
-- not count: somebody else was late. Times of clocks are whole seconds.
create or replace function vendors.measure_work() returns trigger language plpgsql as $$
declare
  acting_vendor text := coalesce(current_setting('app.vendor_id', true), '');
begin
  perform set_config('app.vendor_id', '', true);
  update vendors.work w
     set is_sla_met = (
       select bool_and(k.phase = 'MET') from workflows.sla_clocks k
        where k.tenant_id = w.tenant_id and k.instance_id = w.instance_id and k.phase in ('MET', 'MISSED')
          and k.ended_at > date_trunc('second', w.assigned_at) and (w.ended_at is null or k.ended_at <= w.ended_at)
          and (k.breached_at is null or k.breached_at > date_trunc('second', w.assigned_at)))
   where w.tenant_id = new.tenant_id and w.instance_id = new.instance_id;
  perform set_config('app.vendor_id', acting_vendor, true);
  return null;
end $$;

-- Clears and sets timers of an instance, in this order. timers { clear: [{ kind, name, taskId }] (null matches every value), set: [{ id, kind, name, state, taskId,
-- dueAt, payload, reason }] (with a reason: only recorded, as skipped) }. Users of a vendor set timers too, although they cannot see them.
create or replace function engine.write_timers(tenant uuid, instance uuid, instance_version integer, occurred_at timestamptz, timers jsonb) returns void language plpgsql as $$
#variable_conflict use_variable
declare
  acting_vendor constant text := coalesce(current_setting('app.vendor_id', true), '');
begin
  perform set_config('app.vendor_id', '', true);
  if jsonb_array_length(coalesce(timers->'clear', '[]')) > 0 then
    update workflows.timers t set status = 'CLEARED', ended_at = occurred_at
      from jsonb_to_recordset(timers->'clear') as c(kind text, name text, "taskId" uuid)
     where t.tenant_id = tenant and t.instance_id = instance and t.status = 'ARMED'
       and (c.kind is null or t.kind = c.kind) and (c.name is null or t.name = c.name) and (c."taskId" is null or t.task_id = c."taskId");
  end if;
  if jsonb_array_length(coalesce(timers->'set', '[]')) > 0 then
    insert into workflows.timers (
      tenant_id, id, instance_id, task_id, kind, name, state, due_at, status, armed_at_version, payload, created_at, ended_at, reason)
    select tenant, s.id, instance, s."taskId", s.kind, s.name, s.state, s."dueAt", case when s.reason is null then 'ARMED' else 'SKIPPED' end, instance_version,
           coalesce(s.payload, '{}'), occurred_at, case when s.reason is not null then occurred_at end, s.reason
      from jsonb_to_recordset(timers->'set') as s(
        id uuid, "taskId" uuid, kind text, name text, state text, "dueAt" timestamptz, payload jsonb, reason text);
  end if;
  perform set_config('app.vendor_id', acting_vendor, true);
end $$;

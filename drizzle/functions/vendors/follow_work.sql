-- Keeps vendors.work: what the vendors of requests did, in the transaction of the event. A request has at most one open row; other requests cost a probe of
-- its index. Without the vendor's restrictions, because a vendor's users respond and complete but write no rows of the table.
create or replace function vendors.follow_work() returns trigger language plpgsql as $$
declare
  acting_vendor text := coalesce(current_setting('app.vendor_id', true), '');
  previous jsonb := new.payload->'previous';
  assignee jsonb := new.payload->'assignee';
  instance uuid := coalesce((new.related->>'instance')::uuid, new.subject_id);
  request uuid := case new.subject_type when 'request' then new.subject_id else (new.related->>'request')::uuid end;
begin
  perform set_config('app.vendor_id', '', true);
  if new.type = 'workflow.assigned' then
    -- Assigning the same vendor again changes nothing.
    if assignee is distinct from previous then
      update vendors.work set outcome = 'REASSIGNED', ended_at = new.occurred_at
       where tenant_id = new.tenant_id and instance_id = new.subject_id and outcome = 'OPEN';
      if assignee->>'type' = 'VENDOR' then
        insert into vendors.work (tenant_id, id, vendor_id, request_id, instance_id, version, assigned_at)
        values (new.tenant_id, app.uuid_v7(), (assignee->>'id')::uuid, request, new.subject_id, new.subject_version, new.occurred_at);
      end if;
    end if;
  elsif new.type in ('request.deleted', 'request.restored') then
    update vendors.work set is_deleted = new.type = 'request.deleted' where tenant_id = new.tenant_id and request_id = request;
  -- Closing has ended the work. Reopening continues the last work of the vendor that still has the request. A vendor that the closed request was assigned
  -- to has open work already: continuing completed work too would give the request two open rows.
  elsif new.payload->'isClosed' = 'false' then
    update vendors.work w
       set outcome = 'OPEN', ended_at = null, reopened = w.reopened + (new.type = 'workflow.transitioned')::integer
     where w.tenant_id = new.tenant_id and w.id = (
       select l.id from vendors.work l
         join workflows.instances i on i.tenant_id = l.tenant_id and i.id = l.instance_id and i.assignee_vendor_id = l.vendor_id
        where l.tenant_id = new.tenant_id and l.request_id = request and l.instance_id = instance and l.outcome = 'COMPLETED'
          and not exists (select from vendors.work o where o.tenant_id = l.tenant_id and o.instance_id = l.instance_id and o.outcome = 'OPEN')
        order by l.assigned_at desc, l.id desc limit 1);
  -- A separate statement, so that transitions of other requests do not even lock the tables that the next one reads.
  elsif exists (select from vendors.work where tenant_id = new.tenant_id and instance_id = instance and outcome = 'OPEN') then
    update vendors.work w
       set responded_at = case
             when w.responded_at is null and new.type in ('workflow.transitioned', 'workflow.commented', 'request.commented') and exists (
               select from identity.users u where u.tenant_id = w.tenant_id and u.id = new.actor_id and u.vendor_id = w.vendor_id)
             then new.occurred_at else w.responded_at end,
           reopened = w.reopened + case
             when new.type = 'workflow.transitioned' and exists (
               select from requests.requests r join requests.request_types t on t.tenant_id = r.tenant_id and t.id = r.type_id
                where r.tenant_id = w.tenant_id and r.id = w.request_id and t.reopen_transition = new.payload->>'transition')
             then 1 else 0 end,
           outcome = case
             when new.payload->'isClosed' = 'true' then 'COMPLETED'
             when new.payload->>'status' = 'COMPLETED' and (
               select d.document->'states'->(new.payload->>'to')->>'final' = 'completed'
                 from workflows.instances i join workflows.definitions d on d.tenant_id = i.tenant_id and d.id = i.definition_id
                where i.tenant_id = w.tenant_id and i.id = w.instance_id) then 'COMPLETED'
             when new.payload->>'status' in ('COMPLETED', 'CANCELLED') then 'ENDED'
             else 'OPEN' end,
           ended_at = case when new.payload->'isClosed' = 'true' or new.payload->>'status' in ('COMPLETED', 'CANCELLED') then new.occurred_at end
     where w.tenant_id = new.tenant_id and w.instance_id = instance and w.outcome = 'OPEN'
       and (w.responded_at is null or new.type in ('workflow.transitioned', 'workflow.cancelled', 'workflow.rolled_back', 'workflow.migrated'));
  end if;
  perform set_config('app.vendor_id', acting_vendor, true);
  return null;
end $$;

-- Up Migration
-- Files of workflows and tasks. Users of a vendor see those of the tasks that they see.
create or replace function app.vendor_sees_task(task uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from workflows.tasks t where t.tenant_id = app.tenant() and t.id = task);
end $$;

-- The policy of the attachments decides which of them the vendor sees.
create or replace function app.vendor_sees_file(file uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from app.attachments a where a.tenant_id = app.tenant() and a.file_id = file);
end $$;

alter table app.attachments
  drop constraint attachments_object_type_check,
  add constraint attachments_object_type_check check (object_type in ('request', 'building', 'asset', 'maintenancePlan', 'instance', 'task'));

alter policy vendor on app.attachments
  using (app.is_staff() or (visibility = 'SHARED' and coalesce(vendor_id, app.vendor()) = app.vendor()
    and case object_type when 'task' then app.vendor_sees_task(object_id) else app.vendor_sees(object_id) end))
  with check (app.is_staff() or (visibility = 'SHARED' and coalesce(vendor_id, app.vendor()) = app.vendor()
    and case object_type when 'task' then app.vendor_sees_task(object_id) else app.vendor_sees(object_id) end));
call app.record_policies('app.attachments');

-- Down Migration
alter table app.attachments no force row level security;
alter table app.files no force row level security;
delete from app.attachments where object_type in ('instance', 'task');
update app.files f set is_attached = false, due_at = now() + interval '1 day'
  where f.is_attached and f.status in ('STORED', 'REJECTED') and not exists (select from app.attachments a where a.tenant_id = f.tenant_id and a.file_id = f.id);
alter table app.files force row level security;
alter table app.attachments force row level security;
alter policy vendor on app.attachments
  using (app.is_staff() or (visibility = 'SHARED' and coalesce(vendor_id, app.vendor()) = app.vendor() and app.vendor_sees(object_id)))
  with check (app.is_staff() or (visibility = 'SHARED' and coalesce(vendor_id, app.vendor()) = app.vendor() and app.vendor_sees(object_id)));
call app.record_policies('app.attachments');
alter table app.attachments
  drop constraint attachments_object_type_check,
  add constraint attachments_object_type_check check (object_type in ('request', 'building', 'asset', 'maintenancePlan'));
create or replace function app.vendor_sees_file(file uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from app.attachments a
    where a.tenant_id = app.tenant() and a.file_id = file and a.visibility = 'SHARED' and app.vendor_sees(a.object_id));
end $$;
drop function app.vendor_sees_task(uuid);

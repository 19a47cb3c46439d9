-- Up Migration
-- Files of comments on requests. What users of a vendor attach is hidden from other vendors, as their comments are.
alter table app.attachments
  -- Comment on the request that it was added with.
  add column comment_id uuid,
  -- The only vendor that sees the attachment. Without one, every vendor that was given the object.
  add column vendor_id uuid,
  add constraint attachments_comment_fkey foreign key (tenant_id, comment_id) references requests.comments (tenant_id, id),
  add constraint attachments_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  add constraint attachments_comment_check check (comment_id is null or object_type = 'request');
create index attachments_by_comment on app.attachments (tenant_id, comment_id, id) where comment_id is not null;

alter policy vendor on app.attachments
  using (app.is_staff() or (visibility = 'SHARED' and coalesce(vendor_id, app.vendor()) = app.vendor() and app.vendor_sees(object_id)))
  with check (app.is_staff() or (visibility = 'SHARED' and coalesce(vendor_id, app.vendor()) = app.vendor() and app.vendor_sees(object_id)));
call app.record_policies('app.attachments');

-- The owner sees rows only while the force is lifted.
alter table app.attachments no force row level security;
alter table identity.users no force row level security;
update app.attachments a set vendor_id = u.vendor_id
  from identity.users u where u.tenant_id = a.tenant_id and u.id = a.created_by and u.vendor_id is not null;
alter table app.attachments force row level security;
alter table identity.users force row level security;

-- Deletes the attachments of a deleted comment, and leaves files that have no others to the worker. Without the vendor's restrictions, because a vendor's users delete
-- no rows, and do not see where else a file is attached.
create or replace function app.end_attachments_of_comment(comment uuid) returns void language plpgsql as $$
declare
  acting_vendor text := coalesce(current_setting('app.vendor_id', true), '');
  ended uuid[];
begin
  -- Users of a vendor can thus end only what belongs to a comment that they see.
  if not exists (select from requests.comments c where c.tenant_id = app.tenant() and c.id = comment and c.deleted_at is not null) then
    return;
  end if;
  perform set_config('app.vendor_id', '', true);
  select array_agg(a.file_id) into ended from app.attachments a where a.tenant_id = app.tenant() and a.comment_id = comment;
  -- Whoever attaches one of the files elsewhere takes the same lock, and has either attached it by now or finds it deleted.
  perform from app.files f where f.tenant_id = app.tenant() and f.id = any(ended) order by f.id for update;
  delete from app.attachments a where a.tenant_id = app.tenant() and a.comment_id = comment;
  update app.files f
     -- One that is being scanned is deleted after that.
     set is_attached = false, due_at = case when f.status = 'SCANNING' then f.due_at else now() end
   where f.tenant_id = app.tenant() and f.id = any(ended)
     and not exists (select from app.attachments a where a.tenant_id = f.tenant_id and a.file_id = f.id);
  perform set_config('app.vendor_id', acting_vendor, true);
end $$;

-- Down Migration
drop function app.end_attachments_of_comment(uuid);
alter policy vendor on app.attachments
  using (app.is_staff() or (visibility = 'SHARED' and app.vendor_sees(object_id)))
  with check (app.is_staff() or (visibility = 'SHARED' and app.vendor_sees(object_id)));
call app.record_policies('app.attachments');
drop index app.attachments_by_comment;
alter table app.attachments
  drop constraint attachments_comment_check, drop constraint attachments_vendor_fkey, drop constraint attachments_comment_fkey,
  drop column vendor_id, drop column comment_id;

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

-- Up Migration
-- Previews of images. Their bytes are in the file storage, and are deleted with those of the file.

alter table app.files
  -- When a worker has to make the previews of an image. Null if there is nothing to do.
  add column previews_due_at timestamptz,
  -- The previews that exist, smallest first: [{"size", "width", "height", "bytes"}]. Null until the image has been processed; empty if no previews could be made.
  add column previews jsonb,
  add constraint files_previews_check check (previews is null or jsonb_typeof(previews) = 'array' and status in ('STORED', 'DELETED')),
  add constraint files_previews_due_check check (previews_due_at is null or status = 'STORED');
create index files_previews_due on app.files (previews_due_at, tenant_id) where previews_due_at is not null;
create index files_previews_due_of_tenant on app.files (tenant_id, previews_due_at, id) where previews_due_at is not null;

-- Down Migration
-- Bytes of previews stay in the storage until their tenant is purged.
alter table app.files drop column previews_due_at, drop column previews;

-- Up Migration
-- Vendors can have external IDs, and can be imported.
alter table app.external_ids
  drop constraint external_ids_list_check,
  add constraint external_ids_list_check check (list in ('REQUESTS', 'BUILDINGS', 'ASSETS', 'VENDORS'));
alter table app.imports
  drop constraint imports_list_check,
  add constraint imports_list_check check (list in ('REQUESTS', 'BUILDINGS', 'ASSETS', 'VENDORS'));

-- Down Migration
-- Without row-level security, because migrations run outside of tenants.
alter table app.import_problems no force row level security;
alter table app.imports no force row level security;
alter table app.external_ids no force row level security;
delete from app.import_problems p using app.imports i where i.tenant_id = p.tenant_id and i.id = p.import_id and i.list = 'VENDORS';
delete from app.imports where list = 'VENDORS';
delete from app.external_ids where list = 'VENDORS';
alter table app.external_ids force row level security;
alter table app.imports force row level security;
alter table app.import_problems force row level security;
alter table app.imports
  drop constraint imports_list_check,
  add constraint imports_list_check check (list in ('REQUESTS', 'BUILDINGS', 'ASSETS'));
alter table app.external_ids
  drop constraint external_ids_list_check,
  add constraint external_ids_list_check check (list in ('REQUESTS', 'BUILDINGS', 'ASSETS'));

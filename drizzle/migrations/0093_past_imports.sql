-- Up Migration
-- Imports and exports that have rested for a long time are deleted.
create index imports_at_rest on app.imports (tenant_id, updated_at, id) where due_at is null;
create index exports_at_rest on app.exports (tenant_id, updated_at, id) where due_at is null;

-- Down Migration
drop index app.exports_at_rest;
drop index app.imports_at_rest;

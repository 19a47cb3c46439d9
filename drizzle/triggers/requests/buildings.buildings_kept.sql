-- Keeps rows as they were.
create or replace trigger buildings_kept after update on requests.buildings for each row when (old.* is distinct from new.*) execute function app.keep_version();

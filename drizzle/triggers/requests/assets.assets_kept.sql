-- Keeps rows as they were.
create or replace trigger assets_kept after update on requests.assets for each row when (old.* is distinct from new.*) execute function app.keep_version();

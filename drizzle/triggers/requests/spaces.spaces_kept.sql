-- Keeps rows as they were.
create or replace trigger spaces_kept after update on requests.spaces for each row when (old.* is distinct from new.*) execute function app.keep_version();

-- Keeps rows as they were.
create or replace trigger requests_kept after update on requests.requests for each row when (old.* is distinct from new.*) execute function app.keep_version();

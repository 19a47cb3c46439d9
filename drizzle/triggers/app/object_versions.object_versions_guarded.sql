-- Guards kept versions: see the function.
create or replace trigger object_versions_guarded before update on app.object_versions for each row execute function app.guard_version();

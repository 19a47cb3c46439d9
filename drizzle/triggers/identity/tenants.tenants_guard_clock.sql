-- Guards the clock of sandboxes: see the function.
create or replace trigger tenants_guard_clock before update of is_sandbox, clock_offset_ms, clock_stands_at on identity.tenants for each row
  execute function app.guard_clock();

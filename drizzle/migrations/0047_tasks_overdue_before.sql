-- Up Migration
-- Tasks that were overdue when `0041` began to watch deadlines are marked, without an event. Otherwise the upgrade would notify about each of them at once.

alter table identity.tenants no force row level security;
alter table workflows.tasks no force row level security;
update workflows.tasks k set overdue_at = k.due_at, is_due_held = false
  from identity.tenants t, app_migrations.schema_migrations m
 where m.name = '0041_overdue_tasks' and t.tenant_id = k.tenant_id
   and k.status in ('OPEN', 'CLAIMED') and k.overdue_at is null
   -- The runner writes its local time. A sandbox has its own time.
   and k.due_at <= m.run_on at time zone current_setting('TimeZone') + t.clock_offset_ms * interval '1 millisecond';
alter table workflows.tasks force row level security;
alter table identity.tenants force row level security;

-- Down Migration
-- The marks stay: earlier versions do not read them.

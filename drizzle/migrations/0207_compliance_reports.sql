-- Up Migration

-- Compliance reports. A worker reads what a report shows from one snapshot, with the rights of its creator, and stores it as files.
create table audit.compliance_reports (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  formats text[] not null,
  period_from timestamptz not null,
  -- Not included.
  period_to timestamptz not null,
  time_zone text not null,
  -- What the kind is asked for in addition to the period.
  parameters jsonb not null,
  status text not null default 'RUNNING',
  -- Null until it is read.
  snapshot_at timestamptz,
  row_count integer not null default 0,
  -- Why it failed, or why its sign-off did not start.
  message text,
  tries smallint not null default 0,
  -- Whether a workflow starts in which another user signs the report off, and the instance that was started.
  requires_sign_off boolean not null default false,
  sign_off_id uuid,
  -- The schedule that created it. Null: a user did.
  schedule_id uuid,
  created_by uuid not null,
  session_id uuid not null,
  version integer not null default 1,
  -- True times, like those of files.
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz,
  -- When a worker makes it, and, once it has ended, deletes it.
  due_at timestamptz not null,
  constraint compliance_reports_pkey primary key (tenant_id, id),
  constraint compliance_reports_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint compliance_reports_kind_check check (
    kind in ('ACCESS_REVIEW', 'SEPARATION_OF_DUTIES', 'SLA', 'RETENTION', 'CHANGES', 'OPERATOR_VISITS', 'DEFINITIONS')),
  constraint compliance_reports_formats_check check (
    formats <@ array['JSON', 'CSV', 'PDF'] and cardinality(formats) between 1 and 3),
  constraint compliance_reports_period_check check (period_from < period_to),
  constraint compliance_reports_parameters_check check (jsonb_typeof(parameters) = 'object'),
  constraint compliance_reports_status_check check (status in ('RUNNING', 'COMPLETED', 'FAILED')),
  constraint compliance_reports_finished_check check ((status = 'RUNNING') = (finished_at is null))
);
create index compliance_reports_due on audit.compliance_reports (due_at, tenant_id);
create index compliance_reports_due_of_tenant on audit.compliance_reports (tenant_id, due_at, id);
create index compliance_reports_by_age on audit.compliance_reports (tenant_id, created_at, id);
create index compliance_reports_by_creator on audit.compliance_reports (tenant_id, created_by) where status = 'RUNNING';
call app.protect('audit.compliance_reports');

-- The files of a report, which are kept with it.
create table audit.compliance_report_files (
  tenant_id uuid not null,
  report_id uuid not null,
  position smallint not null,
  format text not null,
  -- The table that a CSV file contains. Null: the whole report.
  table_key text,
  file_id uuid not null,
  constraint compliance_report_files_pkey primary key (tenant_id, report_id, position),
  constraint compliance_report_files_file_key unique (tenant_id, file_id),
  constraint compliance_report_files_report_fkey foreign key (tenant_id, report_id)
    references audit.compliance_reports (tenant_id, id) on delete cascade,
  constraint compliance_report_files_file_fkey foreign key (tenant_id, file_id) references app.files (tenant_id, id),
  constraint compliance_report_files_format_check check (format in ('JSON', 'CSV', 'PDF')),
  constraint compliance_report_files_table_check check ((table_key is not null) = (format = 'CSV'))
);
call app.protect('audit.compliance_report_files');

-- When reports are created without anybody asking, in the name of the creator of the schedule.
create table audit.compliance_report_schedules (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  kind text not null,
  formats text[] not null,
  parameters jsonb not null,
  -- Length of the period, which ends at the planned time.
  period_days smallint not null,
  cron text not null,
  time_zone text not null,
  requires_sign_off boolean not null default false,
  -- When the next report is created. True time. Null: it has stopped, for the reason in the message.
  next_at timestamptz,
  message text,
  -- End of the period of the last report. The next one begins there at the latest.
  reported_to timestamptz,
  created_by uuid not null,
  session_id uuid not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint compliance_report_schedules_pkey primary key (tenant_id, id),
  constraint compliance_report_schedules_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint compliance_report_schedules_kind_check check (
    kind in ('ACCESS_REVIEW', 'SEPARATION_OF_DUTIES', 'SLA', 'RETENTION', 'CHANGES', 'OPERATOR_VISITS', 'DEFINITIONS')),
  constraint compliance_report_schedules_formats_check check (
    formats <@ array['JSON', 'CSV', 'PDF'] and cardinality(formats) between 1 and 3),
  constraint compliance_report_schedules_parameters_check check (jsonb_typeof(parameters) = 'object'),
  constraint compliance_report_schedules_message_check check ((next_at is null) = (message is not null)),
  constraint compliance_report_schedules_period_check check (period_days between 1 and 400)
);
create index compliance_report_schedules_due on audit.compliance_report_schedules (next_at, tenant_id) where next_at is not null;
create index compliance_report_schedules_due_of_tenant on audit.compliance_report_schedules (tenant_id, next_at, id) where next_at is not null;
create index compliance_report_schedules_by_age on audit.compliance_report_schedules (tenant_id, created_at, id);
call app.protect('audit.compliance_report_schedules');

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["complianceReport.read", "complianceReport.create", "complianceReport.delete"]},
  "platform_admin": {"TENANT": ["complianceReport.read", "complianceReport.create", "complianceReport.delete"]}
}');

-- Down Migration

-- Granted permissions stay: roles of tenants may have them by choice.
drop table audit.compliance_report_schedules;
drop table audit.compliance_report_files;
drop table audit.compliance_reports;

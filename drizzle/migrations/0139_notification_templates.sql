-- Up Migration
-- Templates of the messages about notifications, with their versions. The published version is used; without one, the built-in template.

create table audit.notification_templates (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  -- EMAIL
  channel text not null,
  -- BCP 47.
  locale text not null,
  -- Null: none is published.
  published_number integer,
  latest_number integer not null default 1,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint notification_templates_pkey primary key (tenant_id, id),
  constraint notification_templates_place_key unique (tenant_id, kind, channel, locale),
  constraint notification_templates_channel_check check (channel in ('EMAIL')),
  constraint notification_templates_numbers_check check (published_number between 1 and latest_number)
);
create index notification_templates_by_kind on audit.notification_templates (tenant_id, kind, id);
create index notification_templates_by_time on audit.notification_templates (tenant_id, updated_at, id);
call app.protect('audit.notification_templates');

create table audit.notification_template_versions (
  tenant_id uuid not null,
  template_id uuid not null,
  number integer not null,
  -- Sources: Liquid, MJML with Liquid, Liquid.
  subject text not null,
  body text not null,
  text text,
  -- HTML with Liquid, made from the body.
  html text not null,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  constraint notification_template_versions_pkey primary key (tenant_id, template_id, number),
  constraint notification_template_versions_template_fkey foreign key (tenant_id, template_id)
    references audit.notification_templates (tenant_id, id) on delete cascade,
  constraint notification_template_versions_user_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id)
);
call app.protect('audit.notification_template_versions');

-- Down Migration
drop table audit.notification_template_versions, audit.notification_templates;

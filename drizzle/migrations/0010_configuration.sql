-- Up Migration
-- Configuration: PLATFORM and PLAN for everybody, CONTRACT (what the platform's operators set for one tenant), TENANT and TEAM. Every version stays;
-- the last one counts.

-- Whether the transaction belongs to the platform's own tenant. plpgsql: the column `kind` comes with a later migration.
create function app.in_platform_tenant() returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from identity.tenants t where t.tenant_id = app.tenant() and t.kind = 'PLATFORM');
end $$;

-- Of no tenant: everybody's values come from here. `key` is the plan, '' for the platform.
create table app.shared_configurations (
  level text not null,
  key text not null,
  version integer not null,
  document jsonb not null,
  author_id uuid,
  message text not null,
  created_at timestamptz not null default now(),
  constraint shared_configurations_pkey primary key (level, key, version),
  constraint shared_configurations_level_check check (level = 'PLATFORM' and key = '' or level = 'PLAN' and key in ('FREE', 'PRO', 'ENTERPRISE')),
  constraint shared_configurations_version_check check (version > 0),
  constraint shared_configurations_document_check check (jsonb_typeof(document) = 'object')
);

insert into app.shared_configurations (level, key, version, document, message) values
  ('PLATFORM', '', 1, '{}', 'As shipped.'),
  ('PLAN', 'FREE', 1, '{"limits": {"users": 25, "definitions": 20, "runningInstances": 1000, "executionsPerHour": 1000, "executionsPerMonth": 10000,
    "storageBytes": 1073741824, "operationsPerMinute": 1200}}', 'As shipped.'),
  ('PLAN', 'PRO', 1, '{"limits": {"users": 1000, "definitions": 500, "runningInstances": 100000, "executionsPerHour": 50000, "executionsPerMonth": 1000000,
    "storageBytes": 107374182400, "operationsPerMinute": 12000}}', 'As shipped.'),
  ('PLAN', 'ENTERPRISE', 1, '{"limits": {"users": null, "definitions": null, "runningInstances": null, "executionsPerHour": null, "executionsPerMonth": null,
    "storageBytes": null, "operationsPerMinute": null}}', 'As shipped.');

alter table app.shared_configurations enable row level security;
alter table app.shared_configurations force row level security;
create policy everybody_reads on app.shared_configurations as permissive for select using (true);
create policy platform_writes on app.shared_configurations as permissive for insert with check (app.in_platform_tenant());

-- `subject_id` is the team, else the tenant.
create table app.configurations (
  tenant_id uuid not null,
  level text not null,
  subject_id uuid not null,
  version integer not null,
  document jsonb not null,
  author_id uuid not null,
  message text not null,
  created_at timestamptz not null default now(),
  constraint configurations_pkey primary key (tenant_id, level, subject_id, version),
  constraint configurations_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint configurations_level_check check (level = 'TEAM' or level in ('TENANT', 'CONTRACT') and subject_id = tenant_id),
  constraint configurations_version_check check (version > 0),
  constraint configurations_document_check check (jsonb_typeof(document) = 'object')
);
-- A vendor's user works under the tenant's limits, locale and branding; teams are no business of hers.
call app.protect('app.configurations', vendor_sees => $$level in ('TENANT', 'CONTRACT')$$, vendor_writes => 'false');

-- What the transaction's tenant may use of a metric (a key of `limits`): contract, else plan, else platform. null: no limit. A null in a document is
-- an answer, an absent key asks the next level. plpgsql keeps its plans: it is called at every start of an instance.
-- Errors: WF003 unknown metric, because a misspelt one would be unlimited.
create function app.limit_of(metric text) returns bigint language plpgsql stable parallel safe as $$
declare
  limits jsonb;
begin
  if metric not in ('users', 'definitions', 'runningInstances', 'executionsPerHour', 'executionsPerMonth', 'storageBytes', 'operationsPerMinute') then
    raise exception 'There is no limit %', metric using errcode = 'WF003';
  end if;
  select c.document->'limits' into limits from app.configurations c
   where c.tenant_id = app.tenant() and c.level = 'CONTRACT' and c.subject_id = app.tenant() order by c.version desc limit 1;
  if limits ? metric then return (limits->>metric)::bigint; end if;
  select s.document->'limits' into limits from identity.tenants t join app.shared_configurations s on s.level = 'PLAN' and s.key = t.plan
   where t.tenant_id = app.tenant() order by s.version desc limit 1;
  if limits ? metric then return (limits->>metric)::bigint; end if;
  select s.document->'limits' into limits from app.shared_configurations s
   where s.level = 'PLATFORM' and s.key = '' order by s.version desc limit 1;
  return (limits->>metric)::bigint;
end $$;

-- New tenants get the permissions with their roles; administrators that are there already get them here. The owner sees rows only while the force is lifted.
alter table identity.roles no force row level security;
alter table identity.role_permissions no force row level security;
insert into identity.role_permissions (tenant_id, role_id, permission, scope)
select r.tenant_id, r.id, p.name, 'TENANT' from identity.roles r cross join unnest(array['configuration.read', 'configuration.update']) as p(name)
 where r.is_shipped and r.key = 'admin' on conflict do nothing;
alter table identity.roles force row level security;
alter table identity.role_permissions force row level security;

-- Down Migration
drop function app.limit_of(text);
drop table app.configurations;
drop table app.shared_configurations;
drop function app.in_platform_tenant();

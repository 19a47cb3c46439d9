-- Up Migration

-- Applications that use the API. Requests name them, also without a login, so their IDs alone find them.
create table identity.applications (
  tenant_id uuid not null,
  id uuid not null,
  key text not null,
  name text not null,
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint applications_pkey primary key (tenant_id, id),
  constraint applications_key_key unique (tenant_id, key),
  constraint applications_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id)
);
create index applications_by_id on identity.applications (id);
create index applications_by_age on identity.applications (tenant_id, created_at, id);
create index applications_by_name on identity.applications (tenant_id, name, id);
call app.protect('identity.applications');

-- Versions of the operations of an application in an environment. Several can be active, because users have earlier versions of the application open.
create table identity.operation_manifests (
  tenant_id uuid not null,
  id uuid not null,
  application_id uuid not null,
  environment text not null,
  -- Consecutive in the environment of the application.
  number integer not null,
  -- What the application calls this version of itself.
  label text,
  -- SHA-256 hash of the IDs and texts.
  digest text not null,
  document_count integer not null,
  retired_at timestamptz,
  retired_by uuid,
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint operation_manifests_pkey primary key (tenant_id, id),
  constraint operation_manifests_number_key unique (tenant_id, application_id, environment, number),
  constraint operation_manifests_application_fkey foreign key (tenant_id, application_id)
    references identity.applications (tenant_id, id) on delete cascade,
  constraint operation_manifests_environment_check check (environment in ('DEV', 'STAGING', 'PROD')),
  constraint operation_manifests_retired_check check ((retired_at is null) = (retired_by is null))
);
create unique index operation_manifests_active_key on identity.operation_manifests (tenant_id, application_id, environment, digest)
  where retired_at is null;
call app.protect('identity.operation_manifests');

-- Documents of manifests. Those of a retired manifest are deleted.
create table identity.stored_documents (
  tenant_id uuid not null,
  id uuid not null,
  manifest_id uuid not null,
  -- The ID that requests send. While it is in an active manifest of the environment, it means the same text.
  document_id text not null,
  name text,
  kind text not null,
  body text not null,
  constraint stored_documents_pkey primary key (tenant_id, id),
  constraint stored_documents_document_key unique (tenant_id, manifest_id, document_id),
  constraint stored_documents_manifest_fkey foreign key (tenant_id, manifest_id)
    references identity.operation_manifests (tenant_id, id) on delete cascade,
  constraint stored_documents_kind_check check (kind in ('QUERY', 'MUTATION', 'SUBSCRIPTION'))
);
call app.protect('identity.stored_documents');

-- Operations that clients sent although they are not stored, counted while the organization reports or refuses them.
create table identity.unlisted_operations (
  tenant_id uuid not null,
  id uuid not null,
  -- What the client calls itself. Empty: nothing.
  client text not null,
  -- Empty: the operation has no name.
  name text not null,
  kind text not null,
  run_count bigint not null default 0,
  refused_count bigint not null default 0,
  first_at timestamptz not null,
  last_at timestamptz not null,
  constraint unlisted_operations_pkey primary key (tenant_id, id),
  constraint unlisted_operations_operation_key unique (tenant_id, client, name, kind),
  constraint unlisted_operations_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint unlisted_operations_kind_check check (kind in ('QUERY', 'MUTATION', 'SUBSCRIPTION'))
);
create index unlisted_operations_by_use on identity.unlisted_operations (tenant_id, last_at, id);
call app.protect('identity.unlisted_operations');

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["application.read", "application.manage", "application.push", "application.explore"]},
  "platform_admin": {"TENANT": ["application.read", "application.manage", "application.push", "application.explore"]},
  "developer": {"TENANT": ["application.read", "application.push", "application.explore"]}
}');

-- Down Migration

-- Granted permissions stay: roles of tenants may have them by choice.
drop table identity.unlisted_operations;
drop table identity.stored_documents;
drop table identity.operation_manifests;
drop table identity.applications;

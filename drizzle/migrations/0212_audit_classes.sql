-- Up Migration

-- Who sent what an entry records, how it ended, and what kind of thing it is. Entries of changes have had no other outcome than success, so no row is
-- written anew.
alter table audit.entries
  add column class text not null default 'CHANGE'
    constraint entries_class check (class in ('CHANGE', 'FORBIDDEN', 'NOT_FOUND', 'REFUSED_LOGIN', 'REFUSED_TRANSITION', 'PROFILE_VIOLATION', 'LIMIT', 'FAILURE', 'SENSITIVE_READ')),
  add column outcome text not null default 'SUCCESS' constraint entries_outcome check (outcome in ('SUCCESS', 'REFUSED', 'FAILED')),
  add column details jsonb,
  add column client_name text,
  add column client_version text,
  add column user_agent text;

-- Only of entries that are no changes, and of those with such a value: every transition writes an entry, and an index that had all of them would slow it down.
create index entries_by_class on audit.entries (tenant_id, class, id) where class <> 'CHANGE';
create index entries_by_outcome on audit.entries (tenant_id, outcome, id) where outcome <> 'SUCCESS';
create index entries_by_represented on audit.entries (tenant_id, on_behalf_of, id) where on_behalf_of is not null;

-- What happened without a change, counted by person and rule until an entry records it. A row stays for a minute after its entry: what happens again until
-- then is in the next one.
create table audit.occurrences (
  tenant_id uuid not null,
  -- Made of the class, the code, the operation, and the person or the address: gateways count in the same row.
  id uuid not null,
  class text not null,
  outcome text not null,
  code text,
  operation text not null,
  actor_id uuid not null,
  -- Of the last occurrence.
  on_behalf_of uuid,
  session_id uuid,
  request_id text not null,
  address text,
  client_name text,
  client_version text,
  user_agent text,
  -- Since the last entry.
  count bigint not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  due_at timestamptz not null default now(),
  constraint occurrences_pkey primary key (tenant_id, id),
  constraint occurrences_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id)
) with (fillfactor = 50);
create index occurrences_due on audit.occurrences (due_at, tenant_id);
create index occurrences_due_by_tenant on audit.occurrences (tenant_id, due_at);
call app.protect('audit.occurrences');

-- Down Migration

-- The hashes of entries with such values cover them. Without the columns, the chain could never be verified again. The owner sees the tenants only while the
-- force is lifted, and then the rows of one tenant at a time.
do $$
declare
  tenants uuid[];
  tenant uuid;
begin
  alter table identity.tenants no force row level security;
  tenants := array(select t.tenant_id from identity.tenants t);
  alter table identity.tenants force row level security;
  foreach tenant in array tenants loop
    perform set_config('app.tenant_id', tenant::text, true);
    if exists (
      select from audit.entries e
       where e.tenant_id = tenant and (e.class <> 'CHANGE' or e.outcome <> 'SUCCESS' or e.details is not null
         or e.client_name is not null or e.client_version is not null or e.user_agent is not null))
    then
      raise exception 'The audit trail of the tenant % has entries with a client, a class or an outcome. Their hashes cover these columns, so 0212_audit_classes cannot be undone.', tenant;
    end if;
  end loop;
  perform set_config('app.tenant_id', '', true);
end $$;

drop table audit.occurrences;
drop index audit.entries_by_represented;
alter table audit.entries
  drop column class, drop column outcome, drop column details, drop column client_name, drop column client_version, drop column user_agent;

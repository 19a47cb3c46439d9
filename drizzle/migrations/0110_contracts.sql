-- Up Migration
-- Contracts and their versions. A signed version is immutable and hashed.

create table vendors.contracts (
  tenant_id uuid not null,
  id uuid not null,
  number text not null,
  kind text not null,
  status text not null default 'DRAFT',
  vendor_id uuid not null,
  project_id uuid,
  owner_id uuid not null,
  owner_notes text not null default '',
  -- Of the version in force, or of the draft as long as none is signed.
  title text not null,
  amount bigint not null,
  currency text not null,
  starts_on date not null,
  ends_on date,
  -- The version in force. Null until one is signed.
  signed_number integer,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  deleted_by uuid,
  constraint contracts_pkey primary key (tenant_id, id),
  constraint contracts_number_key unique (tenant_id, number),
  constraint contracts_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint contracts_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint contracts_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  constraint contracts_owner_fkey foreign key (tenant_id, owner_id) references identity.users (tenant_id, id),
  constraint contracts_kind_check check (kind in ('SERVICE', 'SUPPLY', 'MAINTENANCE', 'FRAMEWORK', 'OTHER')),
  constraint contracts_status_check check (status in ('DRAFT', 'IN_APPROVAL', 'SIGNED', 'ACTIVE', 'EXPIRED', 'TERMINATED')),
  constraint contracts_signed_check check ((signed_number is null) = (status in ('DRAFT', 'IN_APPROVAL'))),
  constraint contracts_amount_check check (amount >= 0),
  constraint contracts_days_check check (ends_on is null or ends_on >= starts_on),
  constraint contracts_deleted_check check ((deleted_at is null) = (deleted_by is null))
);
create index contracts_by_age on vendors.contracts (tenant_id, created_at, id);
create index contracts_by_title on vendors.contracts (tenant_id, title, id);
create index contracts_by_start on vendors.contracts (tenant_id, starts_on, id);
create index contracts_by_end on vendors.contracts (tenant_id, ends_on, id);
create index contracts_by_vendor on vendors.contracts (tenant_id, vendor_id, created_at, id);
create index contracts_by_project on vendors.contracts (tenant_id, project_id, created_at, id) where project_id is not null;
call app.protect('vendors.contracts', vendor_sees => 'vendor_id = app.vendor() and signed_number > 0', vendor_writes => 'false');

create table vendors.contract_versions (
  tenant_id uuid not null,
  contract_id uuid not null,
  number integer not null,
  -- Of the contract, for the policy.
  vendor_id uuid not null,
  status text not null default 'DRAFT',
  content jsonb not null,
  -- SHA-256 of the signed content.
  hash text,
  instance_id uuid,
  -- Why the last approval ended without a signature.
  reason text,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  submitted_by uuid,
  submitted_at timestamptz,
  signed_at timestamptz,
  constraint contract_versions_pkey primary key (tenant_id, contract_id, number),
  constraint contract_versions_contract_fkey foreign key (tenant_id, contract_id) references vendors.contracts (tenant_id, id),
  constraint contract_versions_status_check check (status in ('DRAFT', 'IN_APPROVAL', 'SIGNED')),
  constraint contract_versions_signed_check check ((status = 'SIGNED') = (hash is not null) and (hash is null) = (signed_at is null))
);
-- At most one version is not signed.
create unique index contract_versions_draft_key on vendors.contract_versions (tenant_id, contract_id) where status <> 'SIGNED';
call app.protect('vendors.contract_versions', vendor_sees => 'vendor_id = app.vendor() and status = ''SIGNED''', vendor_writes => 'false');

-- The text that the hash of a contract's version covers. PostgreSQL's text of a jsonb value is canonical: keys are ordered, numbers exact.
create or replace function vendors.contract_text(contract uuid, number integer, content jsonb) returns text language sql immutable parallel safe
  return jsonb_build_object('contract', contract, 'number', number, 'content', content)::text;
-- SHA-256 (hex) of a version of a contract.
create or replace function vendors.contract_hash(contract uuid, number integer, content jsonb) returns text language sql immutable parallel safe
  return encode(sha256(convert_to(vendors.contract_text(contract, number, content), 'UTF8')), 'hex');
-- Refuses changes of a signed version of a contract, whoever makes them.
create or replace function vendors.keep_signed_version() returns trigger language plpgsql as $$
begin
  raise exception 'Version % of the contract % is signed and cannot be changed', old.number, old.contract_id using errcode = 'check_violation';
end $$;
-- Signs a version of a contract, and copies what lists read to the contract. A contract whose first day has come in every time zone is active at once; a
-- worker activates the others, and ends those that are over. Returns the hash.
create or replace function vendors.sign_contract_version(tenant uuid, contract uuid, signed integer) returns text language plpgsql as $$
declare
  terms jsonb;
  content_hash text;
begin
  select v.content, vendors.contract_hash(contract, signed, v.content) into terms, content_hash
    from vendors.contract_versions v where v.tenant_id = tenant and v.contract_id = contract and v.number = signed;
  update vendors.contract_versions v
     set status = 'SIGNED', hash = content_hash, signed_at = app.weft_now(), reason = null, updated_at = now()
   where v.tenant_id = tenant and v.contract_id = contract and v.number = signed;
  update vendors.contracts c
     set signed_number = signed, title = terms ->> 'title', amount = (terms #>> '{amount,amount}')::bigint, currency = terms #>> '{amount,currency}',
         starts_on = (terms ->> 'startsOn')::date, ends_on = (terms ->> 'endsOn')::date,
         status = case
           when c.status in ('ACTIVE', 'TERMINATED') then c.status
           when (terms ->> 'startsOn')::date <= (app.weft_now() at time zone 'UTC' - interval '12 hours')::date then 'ACTIVE'
           else 'SIGNED' end,
         version = c.version + 1, updated_at = now()
   where c.tenant_id = tenant and c.id = contract;
  return content_hash;
end $$;
-- Ends the approval of a version of a contract with its instance, in the same transaction, with an event and an audit entry. The version becomes SIGNED if
-- the instance is COMPLETED in a state that is final as `completed`. It becomes DRAFT, with the comment as the reason, if the instance is COMPLETED in
-- another final state, or CANCELLED. Until then it is IN_APPROVAL. Without the vendor's restrictions, because a vendor's users fire transitions but change
-- no contracts.
create or replace function vendors.follow_contract_approval() returns trigger language plpgsql as $$
declare
  acting_vendor text := coalesce(current_setting('app.vendor_id', true), '');
  contract uuid := (new.related ->> 'contract')::uuid;
  was record;
  approved record;
  is_approved boolean;
  why text;
  facts jsonb;
  next record;
  event uuid := app.uuid_v7();
  entry uuid := app.uuid_v7();
begin
  perform set_config('app.vendor_id', '', true);
  select c.status, c.version, c.signed_number, c.vendor_id into was
    from vendors.contracts c where c.tenant_id = new.tenant_id and c.id = contract for no key update;
  select v.number into approved
    from vendors.contract_versions v
   where v.tenant_id = new.tenant_id and v.contract_id = contract and v.instance_id = new.subject_id and v.status = 'IN_APPROVAL';
  if found then
    select i.status = 'COMPLETED' and d.document #>> array['states', i.state, 'final'] = 'completed' into is_approved
      from workflows.instances i join workflows.definitions d on d.tenant_id = i.tenant_id and d.id = i.definition_id
     where i.tenant_id = new.tenant_id and i.id = new.subject_id;
    if is_approved then
      facts := jsonb_build_object('number', approved.number, 'hash', vendors.sign_contract_version(new.tenant_id, contract, approved.number));
    else
      select h.comment into why from workflows.history h
       where h.tenant_id = new.tenant_id and h.instance_id = new.subject_id and h.version = new.subject_version and h.comment is not null limit 1;
      update vendors.contract_versions v set status = 'DRAFT', reason = coalesce(why, ''), updated_at = now()
       where v.tenant_id = new.tenant_id and v.contract_id = contract and v.number = approved.number;
      update vendors.contracts c
         set status = case when c.signed_number is null then 'DRAFT' else c.status end, version = c.version + 1, updated_at = now()
       where c.tenant_id = new.tenant_id and c.id = contract;
      facts := jsonb_build_object('number', approved.number);
    end if;
    select c.status, c.version, c.signed_number into next from vendors.contracts c where c.tenant_id = new.tenant_id and c.id = contract;
    insert into events.log (
      tenant_id, id, type, type_version, subject_type, subject_id, subject_version, related, payload, actor_id, on_behalf_of, cause_id,
      request_id, trace_id, occurred_at)
    values (
      new.tenant_id, event, case when is_approved then 'contract.signed' else 'contract.refused' end, 1, 'contract', contract, next.version,
      jsonb_build_object('vendor', was.vendor_id, 'instance', new.subject_id), facts, new.actor_id, new.on_behalf_of, new.id, new.request_id, new.trace_id,
      new.occurred_at);
    insert into events.outbox (tenant_id, event_id) values (new.tenant_id, event);
    insert into audit.entries (tenant_id, id, action, entity_type, entity_id, before, after, actor_id, on_behalf_of, request_id)
    values (
      new.tenant_id, entry, case when is_approved then 'contract.sign' else 'contract.refuse' end, 'contract', contract,
      jsonb_build_object('status', was.status, 'signedNumber', was.signed_number, 'version', was.version),
      jsonb_build_object('status', next.status, 'signedNumber', next.signed_number, 'version', next.version) || facts,
      new.actor_id, new.on_behalf_of, new.request_id);
    insert into audit.unsealed (tenant_id, entry_id) values (new.tenant_id, entry);
  end if;
  perform set_config('app.vendor_id', acting_vendor, true);
  return null;
end $$;
-- Other events only pay for the condition.
create or replace trigger contracts_follow after insert on events.log for each row
  when (new.subject_type = 'instance' and new.related ? 'contract' and new.payload ? 'to' and new.payload ->> 'status' in ('COMPLETED', 'CANCELLED'))
  execute function vendors.follow_contract_approval();
create or replace trigger signed_version_kept before update on vendors.contract_versions for each row
  when (old.status = 'SIGNED')
  execute function vendors.keep_signed_version();

-- Files can be attached to contracts. The other types stay as they are.
do $$ begin
  execute (select format('alter table app.attachments drop constraint attachments_object_type_check, add constraint attachments_object_type_check %s',
                         replace(pg_get_constraintdef(oid), '''task''::text', '''task''::text, ''contract''::text'))
             from pg_constraint where conname = 'attachments_object_type_check' and conrelid = 'app.attachments'::regclass);
end $$;

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["contract.read", "contract.create", "contract.update", "contract.sign"]},
  "workflow_manager": {"TENANT": ["contract.read", "contract.create", "contract.update", "contract.sign"]},
  "operations": {"TENANT": ["contract.read"]},
  "approver": {"TENANT": ["contract.read"]},
  "credit_team": {"TENANT": ["contract.read"]},
  "legal_team": {"TENANT": ["contract.read"]},
  "viewer": {"TENANT": ["contract.read"]},
  "vendor_user": {"TENANT": ["contract.read"]}
}');

-- Down Migration
alter table app.attachments no force row level security;
alter table app.files no force row level security;
delete from app.attachments where object_type = 'contract';
update app.files f set is_attached = false, due_at = now() + interval '1 day'
  where f.is_attached and f.status in ('STORED', 'REJECTED') and not exists (select from app.attachments a where a.tenant_id = f.tenant_id and a.file_id = f.id);
alter table app.files force row level security;
alter table app.attachments force row level security;
do $$ begin
  execute (select format('alter table app.attachments drop constraint attachments_object_type_check, add constraint attachments_object_type_check %s',
                         replace(pg_get_constraintdef(oid), ', ''contract''::text', ''))
             from pg_constraint where conname = 'attachments_object_type_check' and conrelid = 'app.attachments'::regclass);
end $$;
drop trigger contracts_follow on events.log;
drop table vendors.contract_versions, vendors.contracts;
drop function vendors.follow_contract_approval();
drop function vendors.sign_contract_version(uuid, uuid, integer);
drop function vendors.keep_signed_version();
drop function vendors.contract_hash(uuid, integer, jsonb);
drop function vendors.contract_text(uuid, integer, jsonb);

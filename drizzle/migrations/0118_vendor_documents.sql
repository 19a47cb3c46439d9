-- Up Migration
-- Documents of vendors, and which of them a vendor must have to get work.

create table vendors.documents (
  tenant_id uuid not null,
  id uuid not null,
  vendor_id uuid not null,
  kind text not null,
  title text not null,
  number text,
  issued_on date,
  -- Last day. It ends with that day, in the tenant's time zone. Null: no end.
  valid_until date,
  status text not null default 'SUBMITTED',
  -- Why it was rejected. Users of the vendor see it.
  reason text,
  -- For users of the organization.
  review_note text,
  reviewed_by uuid,
  reviewed_at timestamptz,
  -- The last reminder: the last day that it was about, and its days.
  reminded_for date,
  reminded_days integer,
  -- The last day whose end was announced.
  expired_for date,
  -- When a worker looks at the document again.
  due_at timestamptz,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  deleted_by uuid,
  constraint documents_pkey primary key (tenant_id, id),
  constraint documents_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint documents_kind_check check (kind ~ '^[A-Z][A-Z0-9_]{0,39}$'),
  constraint documents_status_check check (status in ('SUBMITTED', 'ACCEPTED', 'REJECTED')),
  constraint documents_reason_check check ((status = 'REJECTED') = (reason is not null)),
  constraint documents_reviewed_check check ((reviewed_at is null) = (reviewed_by is null)),
  constraint documents_reminded_check check ((reminded_for is null) = (reminded_days is null)),
  constraint documents_deleted_check check ((deleted_at is null) = (deleted_by is null))
);
create index documents_by_vendor on vendors.documents (tenant_id, vendor_id, created_at, id) where deleted_at is null;
create index documents_by_kind on vendors.documents (tenant_id, vendor_id, kind, status) where deleted_at is null;
create index documents_due on vendors.documents (due_at, tenant_id) where due_at is not null;
create index documents_due_of_tenant on vendors.documents (tenant_id, due_at, id) where due_at is not null;
-- What users of a vendor add waits for its review.
call app.protect('vendors.documents', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'vendor_id = app.vendor() and status = ''SUBMITTED''');

create table vendors.document_requirements (
  tenant_id uuid not null,
  version integer not null default 1,
  -- A list of {kind, categories, reminderDays}. No categories: of all vendors.
  requirements jsonb not null,
  updated_by uuid not null,
  updated_at timestamptz not null,
  constraint document_requirements_pkey primary key (tenant_id),
  constraint document_requirements_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id)
);
-- Users of a vendor see what their vendor lacks.
call app.protect('vendors.document_requirements', vendor_sees => 'true', vendor_writes => 'false');

-- Files can be attached to documents of vendors. The other types stay as they are.
do $$ begin
  execute (select format('alter table app.attachments drop constraint attachments_object_type_check, add constraint attachments_object_type_check %s',
                         replace(pg_get_constraintdef(oid), '''contract''::text', '''contract''::text, ''vendorDocument''::text'))
             from pg_constraint where conname = 'attachments_object_type_check' and conrelid = 'app.attachments'::regclass);
end $$;

-- Audit entries of documents contain the notes of the review, which are not for users of the vendor.
alter policy vendor on audit.entries using (
  app.is_staff() or (app.vendor_sees(entity_id) and entity_type <> all (array['asset', 'vendorDocument'])
    and action <> all (array['request.tag', 'request.watch', 'request.unwatch', 'request.link', 'request.unlink', 'request.merge', 'request.split',
      'request.set_external_id', 'building.set_contact', 'building.remove_contact', 'building.assign_users', 'building.remove_users',
      'building.set_external_id'])));
call app.record_policies('audit.entries');

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["vendorDocument.read", "vendorDocument.create", "vendorDocument.update", "vendorDocument.review"]},
  "workflow_manager": {"TENANT": ["vendorDocument.read", "vendorDocument.create", "vendorDocument.update", "vendorDocument.review"]},
  "operations": {"TENANT": ["vendorDocument.read"]},
  "approver": {"TENANT": ["vendorDocument.read"]},
  "viewer": {"TENANT": ["vendorDocument.read"]},
  "vendor_user": {"ASSIGNED": ["vendorDocument.read", "vendorDocument.create"]}
}');

-- Down Migration
alter policy vendor on audit.entries using (
  app.is_staff() or (app.vendor_sees(entity_id) and entity_type <> 'asset'
    and action <> all (array['request.tag', 'request.watch', 'request.unwatch', 'request.link', 'request.unlink', 'request.merge', 'request.split',
      'request.set_external_id', 'building.set_contact', 'building.remove_contact', 'building.assign_users', 'building.remove_users',
      'building.set_external_id'])));
call app.record_policies('audit.entries');
alter table app.attachments no force row level security;
alter table app.files no force row level security;
alter table app.object_access no force row level security;
alter table vendors.documents no force row level security;
delete from app.object_access a using vendors.documents d where a.tenant_id = d.tenant_id and a.object_id = d.id;
delete from app.attachments where object_type = 'vendorDocument';
update app.files f set is_attached = false, due_at = now() + interval '1 day'
  where f.is_attached and f.status in ('STORED', 'REJECTED') and not exists (select from app.attachments a where a.tenant_id = f.tenant_id and a.file_id = f.id);
alter table app.object_access force row level security;
alter table app.files force row level security;
alter table app.attachments force row level security;
do $$ begin
  execute (select format('alter table app.attachments drop constraint attachments_object_type_check, add constraint attachments_object_type_check %s',
                         replace(pg_get_constraintdef(oid), ', ''vendorDocument''::text', ''))
             from pg_constraint where conname = 'attachments_object_type_check' and conrelid = 'app.attachments'::regclass);
end $$;
drop table vendors.document_requirements, vendors.documents;
drop function if exists vendors.give_document();

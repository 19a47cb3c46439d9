-- Up Migration
-- How vendors registered: with a link, or with an invitation. Workers delete links long after their end, so the vendor keeps the method.

alter table vendors.vendors
  add column registration_method text,
  add column registration_link_id uuid,
  add constraint vendors_registration_check check (registration_method in ('LINK', 'INVITATION') and (registration_link_id is null or registration_method is not null)),
  add constraint vendors_registration_link_fkey foreign key (tenant_id, registration_link_id)
    references vendors.registration_links (tenant_id, id) on delete set null (registration_link_id);
create index vendors_by_registration_link on vendors.vendors (tenant_id, registration_link_id, created_at, id) where registration_link_id is not null;

-- Vendors that registered before. The audit log says with which link. Without row-level security, because migrations run outside of tenants.
alter table vendors.vendors no force row level security;
alter table vendors.registration_links no force row level security;
alter table audit.entries no force row level security;
update vendors.vendors v
   set registration_link_id = l.id, registration_method = case when l.email is null then 'LINK' else 'INVITATION' end
  from vendors.registration_links l
  join audit.entries e on e.tenant_id = l.tenant_id and e.entity_id = l.id and e.action = 'vendorRegistrationLink.use'
 where v.tenant_id = l.tenant_id and v.id = (e.after->>'vendorId')::uuid;
alter table audit.entries force row level security;
alter table vendors.registration_links force row level security;
alter table vendors.vendors force row level security;

-- Down Migration
alter table vendors.vendors drop column registration_method, drop column registration_link_id;

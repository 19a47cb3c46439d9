-- Up Migration
-- How vendors registered: with a link, or with an invitation. Workers delete links long after their end, so the vendor keeps the method.

-- The link is no foreign key: it refers to the user who created it, and users refer to their vendor. A purge deletes tables in the order of their keys,
-- and could not with such a cycle.
alter table vendors.vendors
  add column registration_method text,
  add column registration_link_id uuid,
  add constraint vendors_registration_check check (
    (registration_method is null) = (registration_link_id is null) and registration_method in ('LINK', 'INVITATION'));
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

-- Up Migration
-- Requests are offered to vendors, which accept or decline. What a vendor sees of the request before it accepts is copied into the offer.

create table requests.vendor_offers (
  tenant_id uuid not null,
  id uuid not null,
  request_id uuid not null,
  vendor_id uuid not null,
  -- OPEN | ACCEPTED | DECLINED | EXPIRED | WITHDRAWN
  status text not null default 'OPEN',
  request_number text not null,
  title text not null,
  category text not null,
  building_name text,
  due_at timestamptz,
  note text,
  -- Why the vendor declined.
  reason text,
  offered_by uuid not null,
  offered_at timestamptz not null,
  expires_at timestamptz not null,
  -- Null if nobody answered.
  answered_by uuid,
  ended_at timestamptz,
  version integer not null default 1,
  constraint vendor_offers_pkey primary key (tenant_id, id),
  constraint vendor_offers_request_fkey foreign key (tenant_id, request_id) references requests.requests (tenant_id, id),
  constraint vendor_offers_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint vendor_offers_offered_by_fkey foreign key (tenant_id, offered_by) references identity.users (tenant_id, id),
  constraint vendor_offers_answered_by_fkey foreign key (tenant_id, answered_by) references identity.users (tenant_id, id),
  constraint vendor_offers_status_check check (
    status in ('OPEN', 'ACCEPTED', 'DECLINED', 'EXPIRED', 'WITHDRAWN') and (status = 'OPEN') = (ended_at is null)),
  constraint vendor_offers_expiry_check check (offered_at < expires_at)
);
create unique index vendor_offers_open_key on requests.vendor_offers (tenant_id, request_id, vendor_id) where status = 'OPEN';
create index vendor_offers_by_request on requests.vendor_offers (tenant_id, request_id, offered_at, id);
create index vendor_offers_by_vendor on requests.vendor_offers (tenant_id, vendor_id, offered_at, id);
create index vendor_offers_by_time on requests.vendor_offers (tenant_id, offered_at, id);
create index vendor_offers_by_offerer on requests.vendor_offers (tenant_id, offered_by);
create index vendor_offers_by_answerer on requests.vendor_offers (tenant_id, answered_by) where answered_by is not null;
create index vendor_offers_due on requests.vendor_offers (expires_at, tenant_id) where status = 'OPEN';
create index vendor_offers_due_of_tenant on requests.vendor_offers (tenant_id, expires_at, id) where status = 'OPEN';
call app.protect('requests.vendor_offers', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'false');

call app.grant_to_built_in_roles('{"admin": {"TENANT": ["vendorOffer.answer"]}, "vendor_user": {"TENANT": ["vendorOffer.answer"]}}');

-- Down Migration
drop trigger if exists vendor_offers_follow on events.log;
drop function if exists requests.withdraw_offers();
alter table app.object_access no force row level security;
alter table requests.vendor_offers no force row level security;
delete from app.object_access a using requests.vendor_offers o where a.tenant_id = o.tenant_id and a.object_id = o.id;
alter table app.object_access force row level security;
drop table requests.vendor_offers;

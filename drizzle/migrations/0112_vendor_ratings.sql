-- Up Migration
-- Users rate the vendors that completed their requests.

create table vendors.ratings (
  tenant_id uuid not null,
  id uuid not null,
  vendor_id uuid not null,
  request_id uuid not null,
  rated_by uuid not null,
  stars smallint not null,
  comment text,
  -- Whether users of the vendor can read the comment.
  is_for_vendor boolean not null default false,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint ratings_pkey primary key (tenant_id, id),
  constraint ratings_request_key unique (tenant_id, request_id, vendor_id),
  constraint ratings_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint ratings_request_fkey foreign key (tenant_id, request_id) references requests.requests (tenant_id, id),
  constraint ratings_rated_by_fkey foreign key (tenant_id, rated_by) references identity.users (tenant_id, id),
  constraint ratings_stars_check check (stars between 1 and 5)
);
create index ratings_by_vendor on vendors.ratings (tenant_id, vendor_id, created_at, id);
create index ratings_by_user on vendors.ratings (tenant_id, rated_by);
call app.protect('vendors.ratings', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'false');

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["vendor.rate"]},
  "workflow_manager": {"TENANT": ["vendor.rate"]},
  "requester": {"OWN": ["vendor.rate"]}
}');

-- Down Migration
drop table vendors.ratings;

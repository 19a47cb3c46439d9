-- Up Migration
-- Links with which everybody who has one can create requests about an asset, without a login.

create table requests.request_form_links (
  tenant_id uuid not null,
  id uuid not null,
  asset_id uuid not null,
  type_id uuid not null,
  note text,
  requests_per_hour smallint not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  request_count integer not null default 0,
  last_used_at timestamptz,
  -- The current hour, in true time, and the requests in it.
  hour_started_at timestamptz,
  hour_count smallint not null default 0,
  -- Requests are created in the name of this user.
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint request_form_links_pkey primary key (tenant_id, id),
  constraint request_form_links_asset_fkey foreign key (tenant_id, asset_id) references requests.assets (tenant_id, id),
  constraint request_form_links_type_fkey foreign key (tenant_id, type_id) references requests.request_types (tenant_id, id),
  constraint request_form_links_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint request_form_links_per_hour_check check (requests_per_hour between 1 and 1000)
);
create index request_form_links_by_time on requests.request_form_links (tenant_id, created_at, id);
create index request_form_links_by_asset on requests.request_form_links (tenant_id, asset_id, created_at, id);
-- Not for users of a vendor.
call app.protect('requests.request_form_links');

alter table requests.requests
  -- The link with which the request was created.
  add column link_id uuid,
  add constraint requests_link_fkey foreign key (tenant_id, link_id) references requests.request_form_links (tenant_id, id);

-- Down Migration
alter table requests.requests drop column link_id;
drop table requests.request_form_links;

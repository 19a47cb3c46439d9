-- Up Migration
-- Links with which companies register as vendors, without a login: for everybody who has the link, or for one company that was invited by email.

create table vendors.registration_links (
  tenant_id uuid not null,
  id uuid not null,
  note text,
  -- The invited address. Null if everybody who has the link can use it.
  email text,
  registrations_per_hour smallint not null,
  -- Null: no limit.
  max_registrations integer,
  expires_at timestamptz,
  revoked_at timestamptz,
  registration_count integer not null default 0,
  last_used_at timestamptz,
  -- The current hour, in true time, and the registrations in it.
  hour_started_at timestamptz,
  hour_count smallint not null default 0,
  -- Vendors are created in the name of this user.
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint registration_links_pkey primary key (tenant_id, id),
  constraint registration_links_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint registration_links_per_hour_check check (registrations_per_hour between 1 and 1000),
  constraint registration_links_max_check check (max_registrations >= 1),
  constraint registration_links_invitation_check check (email is null or max_registrations = 1 and expires_at is not null)
);
create index registration_links_by_time on vendors.registration_links (tenant_id, created_at, id);
create index registration_links_by_creator on vendors.registration_links (tenant_id, created_by);
-- Not for users of a vendor.
call app.protect('vendors.registration_links');

-- Down Migration
drop table vendors.registration_links;

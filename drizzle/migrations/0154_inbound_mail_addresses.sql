-- Up Migration
-- Requests by email: addresses at which an email becomes a request, and the emails that became one.

create table requests.inbound_mail_addresses (
  tenant_id uuid not null,
  id uuid not null,
  -- 64 random bits, as 16 hexadecimal digits. Part of the address.
  key text not null,
  name text not null,
  type_id uuid not null,
  -- Field of the type's form that gets the subject. Null if the subject is the first line of the text.
  subject_field text,
  -- Field of the type's form that gets the text.
  text_field text not null,
  -- Values of other fields.
  data jsonb not null,
  is_active boolean not null default true,
  -- The current hour, in true time, and the emails in it.
  hour_started_at timestamptz,
  hour_count smallint not null default 0,
  last_received_at timestamptz,
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint inbound_mail_addresses_pkey primary key (tenant_id, id),
  constraint inbound_mail_addresses_key_key unique (tenant_id, key),
  constraint inbound_mail_addresses_type_fkey foreign key (tenant_id, type_id) references requests.request_types (tenant_id, id),
  constraint inbound_mail_addresses_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id)
);
create index inbound_mail_addresses_by_time on requests.inbound_mail_addresses (tenant_id, created_at, id);
-- Vendors see none of them.
call app.protect('requests.inbound_mail_addresses');

-- A table of its own: an index on the requests would be built while nobody can write them.
create table requests.emailed_requests (
  tenant_id uuid not null,
  request_id uuid not null,
  address_id uuid not null,
  user_id uuid not null,
  -- SHA-256 of the ID of the email.
  email_hash text not null,
  constraint emailed_requests_pkey primary key (tenant_id, request_id),
  -- An email becomes one request, even if it is delivered again.
  constraint emailed_requests_email_key unique (tenant_id, address_id, user_id, email_hash),
  constraint emailed_requests_request_fkey foreign key (tenant_id, request_id) references requests.requests (tenant_id, id) on delete cascade,
  constraint emailed_requests_address_fkey foreign key (tenant_id, address_id) references requests.inbound_mail_addresses (tenant_id, id) on delete cascade
);
-- A vendor's user who can create requests sends emails, too.
call app.protect('requests.emailed_requests', vendor_sees => 'user_id = app.user_id()');

alter table requests.requests add column is_from_email boolean not null default false;

-- Down Migration
alter table requests.requests drop column is_from_email;
drop table requests.emailed_requests;
drop table requests.inbound_mail_addresses;

-- Up Migration
-- Replies to the emails of notifications become comments: an address for each user, request, audience and assigned vendor, and what was received already.

create table requests.reply_addresses (
  tenant_id uuid not null,
  -- 64 random bits, as 16 hexadecimal digits. Part of the address.
  key text not null,
  request_id uuid not null,
  user_id uuid not null,
  -- Audience of the comments: INTERNAL | PUBLIC
  audience text not null,
  -- Of public comments: the vendor that the request was assigned to when the address was made. Another vendor must not read the reply.
  vendor_id uuid,
  -- The current hour, in true time, and the messages in it.
  hour_started_at timestamptz,
  hour_count smallint not null default 0,
  created_at timestamptz not null default now(),
  constraint reply_addresses_pkey primary key (tenant_id, key),
  constraint reply_addresses_use_key unique nulls not distinct (tenant_id, user_id, request_id, audience, vendor_id),
  constraint reply_addresses_request_fkey foreign key (tenant_id, request_id) references requests.requests (tenant_id, id),
  constraint reply_addresses_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint reply_addresses_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint reply_addresses_audience_check check (audience in ('INTERNAL', 'PUBLIC')),
  constraint reply_addresses_internal_check check (audience = 'PUBLIC' or vendor_id is null)
);
-- Only workers read and write them.
call app.protect('requests.reply_addresses');

alter table requests.comments
  -- SHA-256 of the ID of the email that the comment was written with.
  add column email_hash text;
-- An email becomes one comment, even if it is delivered again.
create unique index comments_by_email on requests.comments (tenant_id, request_id, author_id, email_hash) where email_hash is not null;

-- Down Migration
drop index requests.comments_by_email;
alter table requests.comments drop column email_hash;
drop table requests.reply_addresses;

-- Up Migration
-- The profile that people write themselves, and finding people among thousands.

-- All of it may be missing. The picture lies elsewhere: its address is kept, and nothing of ours fetches it.
alter table identity.users
  add column title text,
  add column phone text,
  add column locale text,
  add column time_zone text,
  add column avatar_url text,
  add constraint users_avatar_check check (avatar_url ~ '^https://');

-- The same question as before, asked so that the planner expects staff: from `is null` it expected one row in two hundred to pass the vendor policy of each
-- table, sorted what it took for few, and read the teams of twenty people by reading all members (8,000 pages instead of 60, with 10,000 people).
create or replace function app.is_staff() returns boolean language sql stable parallel safe
  return (current_setting('app.vendor_id', true) > '') is not true;

create index users_by_created on identity.users (tenant_id, created_at, id);
-- The few among the many; everybody else is found by going through the names.
create index users_by_status on identity.users (tenant_id, status, name, id) where status <> 'ACTIVE';
create index users_by_type on identity.users (tenant_id, type, name, id) where type <> 'EMPLOYEE';

-- Upper and lower case, accents and compatibility forms are one: Müller is found by MULLER.
create function app.fold(value text) returns text language sql immutable parallel safe
  return lower(regexp_replace(normalize(value, NFKD), U&'[\0300-\036F]', '', 'g'));

-- Words end at the signs and spaces of ASCII, whatever the collation takes for letters.
create function app.words(value text) returns setof text language sql immutable parallel safe
  begin atomic
    select word from regexp_split_to_table(app.fold(value), '[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+') as word where word <> '';
  end;

-- Every end of every word: what a word contains begins one of its ends. Of the domain of an email only the words themselves: a whole
-- company shares it. Long words are cut, so that nobody's name fills pages of the index.
create function app.search_terms(name text, email text, username text) returns setof text language sql immutable parallel safe
  begin atomic
    select left(substr(word, start), 40)
      from app.words(concat_ws(' ', name, split_part(email, '@', 1), username)) as word, generate_series(1, least(length(word), 64)) as start
    union
    select left(word, 40) from app.words(split_part(email, '@', 2)) as word;
  end;

-- What finds a user, with the name by which lists are ordered. Not an index on `like`: that operator is not leak-proof, so below row-level
-- security no index answers it. Comparing texts is; the collation is that of the bytes, in which what begins with a word lies together.
create table identity.user_search_terms (
  tenant_id uuid not null,
  user_id uuid not null,
  term text collate "C" not null,
  name text not null,
  -- Copied, so that the policy for a vendor's people compares only what is in the row.
  vendor_id uuid,
  constraint user_search_terms_pkey primary key (tenant_id, user_id, term),
  constraint user_search_terms_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id) on delete cascade
);
create index user_search_terms_by_term on identity.user_search_terms (tenant_id, term, name, user_id) include (vendor_id);
-- The policies hold for the owner too, and would hide the users of before.
alter table identity.users no force row level security;
insert into identity.user_search_terms (tenant_id, user_id, term, name, vendor_id)
  select u.tenant_id, u.id, t.term, u.name, u.vendor_id from identity.users u, app.search_terms(u.name, u.email, u.username) as t (term);
alter table identity.users force row level security;
call app.protect('identity.user_search_terms', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'false');

-- Makes the terms of a user what the row says; called after each change of name, email or user name. No trigger: Citus has none on
-- distributed tables. A vendor's user who changes his own name must not delete, so the terms are written for him.
create procedure app.index_user(person uuid) language plpgsql as $$
declare
  vendor text := current_setting('app.vendor_id', true);
begin
  perform set_config('app.vendor_id', '', true);
  delete from identity.user_search_terms t where t.tenant_id = app.tenant() and t.user_id = person;
  insert into identity.user_search_terms (tenant_id, user_id, term, name, vendor_id)
    select u.tenant_id, u.id, t.term, u.name, u.vendor_id from identity.users u, app.search_terms(u.name, u.email, u.username) as t (term)
     where u.tenant_id = app.tenant() and u.id = person;
  perform set_config('app.vendor_id', coalesce(vendor, ''), true);
end $$;

-- Down Migration
drop procedure app.index_user(uuid);
drop table identity.user_search_terms;
drop function app.search_terms(text, text, text);
drop function app.words(text);
drop function app.fold(text);
drop index identity.users_by_type;
drop index identity.users_by_status;
drop index identity.users_by_created;
create or replace function app.is_staff() returns boolean language sql stable parallel safe
  return nullif(current_setting('app.vendor_id', true), '') is null;
alter table identity.users
  drop constraint users_avatar_check,
  drop column avatar_url,
  drop column time_zone,
  drop column locale,
  drop column phone,
  drop column title;

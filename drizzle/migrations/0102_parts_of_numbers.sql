-- Up Migration
-- Numbers of requests, and tags and serial numbers of assets, are found by any part of them. Conditions with `ilike` cannot use an index under row-level security,
-- so the ends of these texts become words of types of their own. See docs/explanation/decisions/0024-search-by-words-and-stems.md.
-- The ends of a text in lower case, cut at 60 characters: a text contains another one if one of its ends begins with it. Of a text of more than 200 characters,
-- only the ends within the first 200.
create function app.suffixes(value text) returns setof text language sql immutable parallel safe
  begin atomic
    select distinct left(substr(lower(value), start), 60) from generate_series(1, length(left(lower(value), 200))) as start;
  end;
-- Makes an object findable by any part of a short text, such as its number. The texts of each `kind` have a `source` of their own. Replaces the earlier text;
-- null removes it. Users of a vendor can change texts, although they cannot delete rows, so the vendor is unset meanwhile.
create procedure app.index_suffixes(tenant uuid, kind text, object uuid, source uuid, value text) language plpgsql as $$
declare
  vendor text := current_setting('app.vendor_id', true);
  suffixes text[] := array(select app.suffixes(value));
begin
  perform set_config('app.vendor_id', '', true);
  delete from app.search_words s where s.tenant_id = tenant and s.object_id = object and s.source_id = source and s.word <> all(suffixes);
  insert into app.search_words (tenant_id, object_type, object_id, source_id, audience, word)
    select tenant, kind, object, source, 'PUBLIC', s.suffix from unnest(suffixes) as s(suffix)
  on conflict on constraint search_words_pkey do nothing;
  perform set_config('app.vendor_id', coalesce(vendor, ''), true);
end $$;
-- Makes a request findable by any part of its number.
create function requests.index_number() returns trigger language plpgsql as $$
begin
  call app.index_suffixes(new.tenant_id, 'requestNumber', new.id, '00000000-0000-7000-8000-000000000002', new.number);
  return null;
end $$;
create trigger requests_numbered after insert or update of number on requests.requests for each row execute function requests.index_number();
-- Makes an asset findable by any part of its tag and of its serial number.
create function requests.index_labels() returns trigger language plpgsql as $$
begin
  call app.index_suffixes(new.tenant_id, 'assetTag', new.id, '00000000-0000-7000-8000-000000000003', new.tag);
  call app.index_suffixes(new.tenant_id, 'assetSerialNumber', new.id, '00000000-0000-7000-8000-000000000004', new.serial_number);
  return null;
end $$;
create trigger assets_labeled after insert or update of tag, serial_number on requests.assets for each row execute function requests.index_labels();

-- The owner sees rows only while the force is lifted.
alter table requests.requests no force row level security;
alter table requests.assets no force row level security;
alter table app.search_words no force row level security;
insert into app.search_words (tenant_id, object_type, object_id, source_id, audience, word)
  select r.tenant_id, 'requestNumber', r.id, '00000000-0000-7000-8000-000000000002'::uuid, 'PUBLIC', s.suffix
    from requests.requests r, app.suffixes(r.number) as s(suffix)
  union all
  select a.tenant_id, 'assetTag', a.id, '00000000-0000-7000-8000-000000000003'::uuid, 'PUBLIC', s.suffix from requests.assets a, app.suffixes(a.tag) as s(suffix)
  union all
  select a.tenant_id, 'assetSerialNumber', a.id, '00000000-0000-7000-8000-000000000004'::uuid, 'PUBLIC', s.suffix
    from requests.assets a, app.suffixes(a.serial_number) as s(suffix);
alter table app.search_words force row level security;
alter table requests.assets force row level security;
alter table requests.requests force row level security;
analyze app.search_words;

-- Down Migration
drop trigger assets_labeled on requests.assets;
drop function requests.index_labels();
drop trigger requests_numbered on requests.requests;
drop function requests.index_number();
alter table app.search_words no force row level security;
delete from app.search_words where object_type in ('requestNumber', 'assetTag', 'assetSerialNumber');
alter table app.search_words force row level security;
drop procedure app.index_suffixes(uuid, text, uuid, uuid, text);
drop function app.suffixes(text);

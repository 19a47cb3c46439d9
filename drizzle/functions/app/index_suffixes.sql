-- requires: app.suffixes
-- Makes an object findable by any part of a short text, such as its number. The texts of each `kind` have a `source` of their own. Replaces the earlier text;
-- null removes it. Users of a vendor can change texts, although they cannot delete rows, so the vendor is unset meanwhile.
create or replace procedure app.index_suffixes(tenant uuid, kind text, object uuid, source uuid, value text) language plpgsql as $$
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

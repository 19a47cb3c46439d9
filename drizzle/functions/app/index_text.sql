-- requires: app.searchable_words
-- Makes an object findable by the words of a text: its own, or that of a comment (`source`). Only the audience finds it. PUBLIC: everybody who can see the object,
-- users of a vendor too (with `only_vendor`, of this one). INTERNAL: users of the organization who work on it. Replaces what the source had; an empty text removes it.
-- Users of a vendor can change texts, although they cannot delete rows, so the vendor is unset meanwhile.
create or replace procedure app.index_text(tenant uuid, kind text, object uuid, source uuid, seen_by text, only_vendor uuid, body text) language plpgsql as $$
declare
  vendor text := current_setting('app.vendor_id', true);
  words text[] := array(select w.word from app.searchable_words(left(body, 100000)) as w(word) order by w.word collate "C" limit 1000);
begin
  perform set_config('app.vendor_id', '', true);
  delete from app.search_words s
   where s.tenant_id = tenant and s.object_id = object and s.source_id = source
     and (s.audience <> seen_by or s.vendor_id is distinct from only_vendor or s.word <> all(words));
  insert into app.search_words (tenant_id, object_type, object_id, source_id, audience, vendor_id, word)
    select tenant, kind, object, source, seen_by, only_vendor, w.word from unnest(words) as w(word)
  on conflict on constraint search_words_pkey do nothing;
  perform set_config('app.vendor_id', coalesce(vendor, ''), true);
end $$;

-- Makes a request findable by its tags: they are words of a type of their own, because conditions on arrays cannot use an index under row-level security.
-- The fixed source is "the tags". Users of a vendor see no tags, and never change them.
create or replace function requests.index_tags() returns trigger language plpgsql as $$
declare
  source constant uuid := '00000000-0000-7000-8000-000000000001';
begin
  delete from app.search_words s
   where s.tenant_id = new.tenant_id and s.object_id = new.id and s.source_id = source and s.word <> all(new.tags);
  insert into app.search_words (tenant_id, object_type, object_id, source_id, audience, word)
    select new.tenant_id, 'requestTag', new.id, source, 'INTERNAL', t.tag from unnest(new.tags) as t(tag)
  on conflict on constraint search_words_pkey do nothing;
  return null;
end $$;

-- Up Migration
-- Full-text search: the words by which objects are found. See docs/explanation/decisions/0024-search-by-words-and-stems.md.

create table app.search_words (
  tenant_id uuid not null,
  -- What a search finds: `request` and the ID of the request.
  object_type text not null,
  object_id uuid not null,
  -- What contains the word: the object itself, or one of its comments.
  source_id uuid not null,
  -- INTERNAL | PUBLIC
  audience text not null,
  -- The only vendor whose users find it. Null: those of every vendor that sees the object.
  vendor_id uuid,
  word text collate "C" not null,
  constraint search_words_pkey primary key (tenant_id, object_id, source_id, word),
  constraint search_words_audience_check check (audience in ('INTERNAL', 'PUBLIC')),
  constraint search_words_internal_check check (audience = 'PUBLIC' or vendor_id is null),
  constraint search_words_word_check check (length(word) between 1 and 60)
);
-- Has every column that a search and the policies read.
create index search_words_by_word on app.search_words (tenant_id, object_type, word, object_id) include (audience, vendor_id);
call app.protect('app.search_words',
  vendor_sees => $$audience = 'PUBLIC' and coalesce(vendor_id, app.vendor()) = app.vendor() and app.vendor_sees(object_id)$$);

-- The stem of a folded word in a language (ISO 639-1): repairing, en → repair. The word itself in other languages, and for words without a stem.
create function app.stem(word text, language text) returns text language sql immutable parallel safe
  return coalesce((case language
    when 'da' then ts_lexize('pg_catalog.danish_stem', word)
    when 'de' then ts_lexize('pg_catalog.german_stem', word)
    when 'en' then ts_lexize('pg_catalog.english_stem', word)
    when 'es' then ts_lexize('pg_catalog.spanish_stem', word)
    when 'fr' then ts_lexize('pg_catalog.french_stem', word)
    when 'it' then ts_lexize('pg_catalog.italian_stem', word)
    when 'nl' then ts_lexize('pg_catalog.dutch_stem', word)
    when 'pt' then ts_lexize('pg_catalog.portuguese_stem', word)
    when 'sv' then ts_lexize('pg_catalog.swedish_stem', word)
  end)[1], word);

-- The words by which a text is found: its folded words, and those stems that are not the beginning of their word (cities, en: citi is; city, en: citi is not).
-- A search for a stem also finds the words that begin with it, so these need no entry. In all languages, so that a tenant can change its language.
create function app.searchable_words(value text) returns setof text language sql immutable parallel safe
  begin atomic
    select left(w.word, 60) from app.words(value) as w(word)
    union
    select s.stem from app.words(value) as w(word), unnest(array['da', 'de', 'en', 'es', 'fr', 'it', 'nl', 'pt', 'sv']) as l(language),
           left(app.stem(left(w.word, 60), l.language), 60) as s(stem)
     where not starts_with(w.word, s.stem);
  end;

-- The texts of a request: its number, and every string in the fields of its instance.
create function requests.texts_of(number text, data jsonb) returns text language sql immutable parallel safe
  return concat_ws(' ', number, (select string_agg(value #>> '{}', ' ') from jsonb_path_query(data, 'strict $.** ? (@.type() == "string")') as value));

-- The owner sees rows only while the force is lifted.
alter table workflows.instances no force row level security;
alter table requests.requests no force row level security;
alter table app.search_words no force row level security;
insert into app.search_words (tenant_id, object_type, object_id, source_id, audience, word)
  select r.tenant_id, 'request', r.id, r.id, 'PUBLIC', w.word
    from requests.requests r
    join workflows.instances i on i.tenant_id = r.tenant_id and i.id = r.instance_id,
         lateral (select n.word from app.searchable_words(left(requests.texts_of(r.number, i.data), 100000)) as n(word) order by n.word collate "C" limit 1000) w;
alter table workflows.instances force row level security;
alter table requests.requests force row level security;
alter table app.search_words force row level security;

-- Down Migration
drop function requests.texts_of(text, jsonb);
drop function app.searchable_words(text);
drop function app.stem(text, text);
drop table app.search_words;

-- requires: app.stem, app.words
-- The words by which a text is found: its folded words, and those stems that are not the beginning of their word (cities, en: citi is; city, en: citi is not).
-- A search for a stem also finds the words that begin with it, so these need no entry. In all languages, so that a tenant can change its language.
create or replace function app.searchable_words(value text) returns setof text language sql immutable parallel safe
  begin atomic
    select left(w.word, 60) from app.words(value) as w(word)
    union
    select s.stem from app.words(value) as w(word), unnest(array['da', 'de', 'en', 'es', 'fr', 'it', 'nl', 'pt', 'sv']) as l(language),
           left(app.stem(left(w.word, 60), l.language), 60) as s(stem)
     where not starts_with(w.word, s.stem);
  end;

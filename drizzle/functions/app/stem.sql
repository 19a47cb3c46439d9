-- The stem of a folded word in a language (ISO 639-1): repairing, en → repair. The word itself in other languages, and for words without a stem.
create or replace function app.stem(word text, language text) returns text language sql immutable parallel safe
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

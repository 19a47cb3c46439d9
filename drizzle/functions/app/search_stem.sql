-- requires: app.fold, app.search_prefix, app.stem
-- The stem of a searched word that is not the beginning of it (city, en: citi). If there is none, app.search_prefix.
create or replace function app.search_stem(word text, languages text[]) returns text language sql immutable parallel safe
  begin atomic
    select coalesce(
      (select left(s.stem, 60) from unnest(languages) as l(language), app.stem(f.folded, l.language) as s(stem)
        where length(s.stem) >= 3 and not starts_with(f.folded, s.stem) limit 1),
      app.search_prefix(word, languages)) from left(app.fold(word), 60) as f(folded);
  end;

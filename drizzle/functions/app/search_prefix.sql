-- requires: app.fold, app.stem
-- What the words that a search for this word finds begin with: its shortest stem in these languages. Stems shorter than three letters would find too much.
-- Immutable, so that a statement that is planned for its values knows how many words begin with it.
create or replace function app.search_prefix(word text, languages text[]) returns text language sql immutable parallel safe
  begin atomic
    select coalesce(
      (select s.stem from unnest(languages) as l(language), app.stem(f.folded, l.language) as s(stem)
        where length(s.stem) >= 3 and starts_with(f.folded, s.stem) order by length(s.stem) limit 1),
      f.folded) from left(app.fold(word), 60) as f(folded);
  end;

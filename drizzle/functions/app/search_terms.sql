-- requires: app.words
-- The search terms of a user: every suffix of every word, so that a prefix search finds what a word contains. Of the domain of an email only whole words,
-- because a whole company shares it. Words are cut at 40 characters, so that no name fills pages of the index.
create or replace function app.search_terms(name text, email text, username text) returns setof text language sql immutable parallel safe
  begin atomic
    select left(substr(word, start), 40)
      from app.words(concat_ws(' ', name, split_part(email, '@', 1), username)) as word, generate_series(1, least(length(word), 64)) as start
    union
    select left(word, 40) from app.words(split_part(email, '@', 2)) as word;
  end;

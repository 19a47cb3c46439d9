-- requires: app.fold
-- The folded words of a text. Split at ASCII punctuation and spaces, whatever the collation takes for letters.
create or replace function app.words(value text) returns setof text language sql immutable parallel safe
  begin atomic
    select word from regexp_split_to_table(app.fold(value), '[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+') as word where word <> '';
  end;

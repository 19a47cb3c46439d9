-- The ends of a text in lower case, cut at 60 characters: a text contains another one if one of its ends begins with it. Of a text of more than 200 characters,
-- only the ends within the first 200.
create or replace function app.suffixes(value text) returns setof text language sql immutable parallel safe
  begin atomic
    select distinct left(substr(lower(value), start), 60) from generate_series(1, length(left(lower(value), 200))) as start;
  end;

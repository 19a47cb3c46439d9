-- The texts of a request: its number, and every string in the fields of its instance.
create or replace function requests.texts_of(number text, data jsonb) returns text language sql immutable parallel safe
  return concat_ws(' ', number, (select string_agg(value #>> '{}', ' ') from jsonb_path_query(data, 'strict $.** ? (@.type() == "string")') as value));

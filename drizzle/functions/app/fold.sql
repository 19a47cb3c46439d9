-- Folds upper and lower case, accents and compatibility forms: MULLER finds Müller.
create or replace function app.fold(value text) returns text language sql immutable parallel safe
  return lower(regexp_replace(normalize(value, NFKD), U&'[\0300-\036F]', '', 'g'));

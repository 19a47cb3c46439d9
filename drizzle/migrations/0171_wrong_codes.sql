-- Up Migration
-- Wrong codes after a right password, so that the user learns that somebody else knows it.
alter table identity.second_factors
  -- Since the last right code, or the last email about them.
  add column wrong_codes integer not null default 0,
  -- Time of the last email about wrong codes.
  add column warned_at timestamptz;

-- Down Migration
alter table identity.second_factors drop column wrong_codes, drop column warned_at;

-- Up Migration
-- Attempts of workers at a schedule, counted before they begin: a start that ends the process must not be repeated without end.
alter table workflows.schedules add column attempts integer not null default 0, add column attempted_at timestamptz;

-- Down Migration
alter table workflows.schedules drop column attempts, drop column attempted_at;

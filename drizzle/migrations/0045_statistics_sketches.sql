-- Up Migration
-- Durations are stored as packed sketches instead of JSON: a day of 2,000 durations is read in microseconds. The statistics are counted again from the
-- first event, in the background.

alter table events.consumer_cursors no force row level security;
delete from events.consumer_cursors where consumer = 'statistics';
alter table events.consumer_cursors force row level security;
truncate workflows.statistics, workflows.statistics_instances;
alter table workflows.statistics drop column durations;
-- Pairs of the distance from the bin before and the number of durations, as numbers of variable length. Null: there were no durations.
alter table workflows.statistics add column durations bytea;

-- Down Migration
alter table events.consumer_cursors no force row level security;
delete from events.consumer_cursors where consumer = 'statistics';
alter table events.consumer_cursors force row level security;
truncate workflows.statistics, workflows.statistics_instances;
alter table workflows.statistics drop column durations;
alter table workflows.statistics add column durations jsonb not null;

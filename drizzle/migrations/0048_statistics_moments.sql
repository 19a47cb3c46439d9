-- Up Migration
-- A day's cell says in which quarters of an hour instances started and ended, so that the days of any time zone are read from one row each. The
-- statistics are counted again from the first event, in the background.

alter table events.consumer_cursors no force row level security;
delete from events.consumer_cursors where consumer = 'statistics';
alter table events.consumer_cursors force row level security;
truncate workflows.statistics, workflows.statistics_instances;

-- Down Migration
alter table events.consumer_cursors no force row level security;
delete from events.consumer_cursors where consumer = 'statistics';
alter table events.consumer_cursors force row level security;
truncate workflows.statistics, workflows.statistics_instances;

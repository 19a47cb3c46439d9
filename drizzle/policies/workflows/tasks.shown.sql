-- The tasks of deleted requests are hidden. Lists of all tasks do not read the instances.
create policy shown on workflows.tasks as restrictive for all using (not is_deleted or app.shows_deleted());

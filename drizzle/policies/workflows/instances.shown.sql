-- The workflows of deleted requests are hidden.
create policy shown on workflows.instances as restrictive for all using (not is_deleted or app.shows_deleted());

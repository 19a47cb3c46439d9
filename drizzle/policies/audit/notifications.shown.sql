-- Notifications about deleted requests are hidden and not counted.
create policy shown on audit.notifications as restrictive for all using (not is_deleted or app.shows_deleted());

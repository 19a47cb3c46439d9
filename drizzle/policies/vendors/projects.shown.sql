-- Deleted projects are hidden, in every statement, from all users.
create policy shown on vendors.projects as restrictive for all using (not is_deleted or app.shows_deleted());

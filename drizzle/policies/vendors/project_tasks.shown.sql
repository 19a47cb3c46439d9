-- Tasks of deleted projects are hidden, in every statement, from all users.
create policy shown on vendors.project_tasks as restrictive for all using (not is_hidden or app.shows_deleted());

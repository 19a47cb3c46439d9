-- Deleted requests are hidden, in every statement, from all users.
create policy shown on requests.requests as restrictive for all using (not is_deleted or app.shows_deleted());

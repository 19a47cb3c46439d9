-- Whether the transaction sees what was deleted and can be restored. Only deletions, restorations, lists of deleted objects, statistics, and purges set it.
create or replace function app.shows_deleted() returns boolean language sql stable parallel safe
  return (current_setting('app.shows_deleted', true) > '') is true;

-- Up Migration
-- The foreign key of copied comments looks for the copies of each comment that is purged.
create index comments_by_original on requests.comments (tenant_id, copied_from_id) where copied_from_id is not null;

-- Down Migration
drop index requests.comments_by_original;

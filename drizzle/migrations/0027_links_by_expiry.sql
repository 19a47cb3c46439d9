-- Up Migration
-- What the cleaner looks for: links of tasks that have long expired.
create index task_links_by_expiry on workflows.task_links (tenant_id, expires_at);

-- Down Migration
drop index workflows.task_links_by_expiry;

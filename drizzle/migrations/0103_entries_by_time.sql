-- Up Migration
-- Audit entries before or after a time, newest first. The summaries of pages found the entries of a period, but all of them were read and sorted for each page.
drop index audit.entries_by_time;
create index entries_by_time on audit.entries (tenant_id, at, id);

-- Down Migration
drop index audit.entries_by_time;
create index entries_by_time on audit.entries using brin (at) with (pages_per_range = 32, autosummarize = on);

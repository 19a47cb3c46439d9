-- Only drafts can be deleted, except when the whole tenant is purged.
create policy published_remains on workflows.definitions as restrictive for delete using (status = 'DRAFT' or app.purge_is_due());

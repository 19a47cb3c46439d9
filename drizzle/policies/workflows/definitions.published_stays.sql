-- A published version does not change, and never becomes a draft again. weft_app also has no privilege to update the columns of the content:
-- a draft is rewritten by a new row. The message of a draft is replaced when its author is erased.
create policy published_stays on workflows.definitions as restrictive for update using (true) with check (status <> 'DRAFT' or app.erasure_is_due(created_by));

-- A published version does not change, and never becomes a draft again. weft_app also has no privilege to update the columns of the content:
-- a draft is rewritten by a new row. Only the purge role replaces the message of a draft, when its author is erased.
create policy published_stays on workflows.definitions as restrictive for update using (true) with check
  (status <> 'DRAFT' or (current_user like '%\_purge' and app.erasure_is_due(created_by)));

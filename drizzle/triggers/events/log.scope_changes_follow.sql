-- Other events only pay for the condition.
create or replace trigger scope_changes_follow after insert on events.log for each row
  when (new.subject_type = 'instance' and new.related ? 'scopeChange' and new.payload ? 'to' and new.payload ->> 'status' in ('COMPLETED', 'CANCELLED'))
  execute function vendors.follow_scope_approval();

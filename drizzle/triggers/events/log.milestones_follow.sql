-- Other events only pay for the condition.
create or replace trigger milestones_follow after insert on events.log for each row
  when (new.subject_type = 'instance' and new.related ? 'milestone' and new.payload ? 'to' and new.payload ->> 'status' in ('COMPLETED', 'CANCELLED'))
  execute function vendors.follow_milestone_approval();

-- Other events only pay for the condition. A start is not followed: the vendor is written with its status afterwards.
create or replace trigger vendors_follow after insert on events.log for each row
  when (new.subject_type = 'instance' and new.related ? 'vendor' and new.payload ? 'to' and new.type <> 'workflow.started')
  execute function vendors.follow_onboarding();

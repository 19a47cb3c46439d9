-- Other events only pay for the condition.
create or replace trigger vendors_work_follows after insert on events.log for each row
  when (new.type in ('workflow.assigned', 'workflow.transitioned', 'workflow.cancelled', 'workflow.rolled_back', 'workflow.migrated',
      'workflow.commented', 'request.commented', 'request.deleted',
      'request.restored')
    and (new.subject_type = 'request' or new.related ? 'request'))
  execute function vendors.follow_work();

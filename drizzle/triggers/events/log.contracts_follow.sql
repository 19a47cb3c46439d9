-- Other events only pay for the condition.
create or replace trigger contracts_follow after insert on events.log for each row
  when (new.subject_type = 'instance' and new.related ? 'contract' and new.payload ? 'to' and new.payload ->> 'status' in ('COMPLETED', 'CANCELLED'))
  execute function vendors.follow_contract_approval();

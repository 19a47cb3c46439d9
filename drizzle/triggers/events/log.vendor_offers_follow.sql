-- Other events only pay for the condition.
create or replace trigger vendor_offers_follow after insert on events.log for each row
  when (new.subject_type = 'instance' and new.related ? 'request' and new.payload ? 'to' and new.payload ->> 'status' in ('COMPLETED', 'CANCELLED'))
  execute function requests.withdraw_offers();

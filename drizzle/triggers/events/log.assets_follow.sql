-- Other events only pay for the condition. A start is not followed: the asset is written with its status afterwards.
create or replace trigger assets_follow after insert on events.log for each row
  when (new.subject_type = 'instance' and new.related ? 'asset' and new.payload ? 'to' and new.type <> 'workflow.started')
  execute function requests.follow_lifecycle();

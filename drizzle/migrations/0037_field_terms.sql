-- Up Migration
-- Tables and columns get the field's terms: substitutes, comments, routing strategies and built-in roles.

alter table workflows.absences rename column stand_in_id to substitute_id;
alter table workflows.absences rename constraint absences_stand_in_fkey to absences_substitute_fkey;
alter index workflows.absences_by_stand_in rename to absences_by_substitute;

alter table workflows.task_remarks rename to task_comments;
alter table workflows.task_comments rename constraint task_remarks_pkey to task_comments_pkey;
alter table workflows.task_comments rename constraint task_remarks_task_fkey to task_comments_task_fkey;
alter table workflows.task_comments rename constraint task_remarks_asked_fkey to task_comments_asked_fkey;
alter table workflows.task_comments rename constraint task_remarks_kind_check to task_comments_kind_check;
alter table workflows.task_comments rename constraint task_remarks_question_check to task_comments_question_check;
alter index workflows.task_remarks_by_task rename to task_comments_by_task;

alter table workflows.routing_rules rename column choice to strategy;
alter table workflows.routing_rules rename constraint routing_rules_choice_check to routing_rules_strategy_check;

alter table identity.roles rename column is_shipped to is_built_in;

-- A policy's text names the columns, and its comment records that text.
call app.record_policies('workflows.absences');
call app.record_policies('workflows.task_comments');

alter table audit.notifications no force row level security;
update audit.notifications
   set kind = case kind when 'STAND_IN' then 'SUBSTITUTE' when 'TASK_REMARK' then 'TASK_COMMENT' else 'REQUEST_TRANSITIONED' end
 where kind in ('STAND_IN', 'TASK_REMARK', 'REQUEST_MOVED');
alter table audit.notifications force row level security;

alter table events.log no force row level security;
update events.log set type = 'task.commented' where type = 'task.remarked';
update events.log
   set payload = payload - 'standInId' - 'formerStandInId'
     || jsonb_build_object('substituteId', payload->'standInId')
     || case when payload ? 'formerStandInId' then jsonb_build_object('formerSubstituteId', payload->'formerStandInId') else '{}'::jsonb end
 where type = 'absence.changed' and payload ? 'standInId';
alter table events.log force row level security;

-- Down Migration
alter table events.log no force row level security;
update events.log
   set payload = payload - 'substituteId' - 'formerSubstituteId'
     || jsonb_build_object('standInId', payload->'substituteId')
     || case when payload ? 'formerSubstituteId' then jsonb_build_object('formerStandInId', payload->'formerSubstituteId') else '{}'::jsonb end
 where type = 'absence.changed' and payload ? 'substituteId';
update events.log set type = 'task.remarked' where type = 'task.commented';
alter table events.log force row level security;

alter table audit.notifications no force row level security;
update audit.notifications
   set kind = case kind when 'SUBSTITUTE' then 'STAND_IN' when 'TASK_COMMENT' then 'TASK_REMARK' else 'REQUEST_MOVED' end
 where kind in ('SUBSTITUTE', 'TASK_COMMENT', 'REQUEST_TRANSITIONED');
alter table audit.notifications force row level security;

alter table identity.roles rename column is_built_in to is_shipped;

alter table workflows.routing_rules rename constraint routing_rules_strategy_check to routing_rules_choice_check;
alter table workflows.routing_rules rename column strategy to choice;

alter index workflows.task_comments_by_task rename to task_remarks_by_task;
alter table workflows.task_comments rename constraint task_comments_question_check to task_remarks_question_check;
alter table workflows.task_comments rename constraint task_comments_kind_check to task_remarks_kind_check;
alter table workflows.task_comments rename constraint task_comments_asked_fkey to task_remarks_asked_fkey;
alter table workflows.task_comments rename constraint task_comments_task_fkey to task_remarks_task_fkey;
alter table workflows.task_comments rename constraint task_comments_pkey to task_remarks_pkey;
alter table workflows.task_comments rename to task_remarks;

alter index workflows.absences_by_substitute rename to absences_by_stand_in;
alter table workflows.absences rename constraint absences_substitute_fkey to absences_stand_in_fkey;
alter table workflows.absences rename column substitute_id to stand_in_id;

call app.record_policies('workflows.absences');
call app.record_policies('workflows.task_remarks');

-- Up Migration
-- Runs are found by words, by their steps and by their cost, and changed in bulk.
alter table workflows.runs
  -- The step whose failure ends the run.
  add column failed_step text generated always as (ending ->> 'step') stored;
-- The runs of a definition in a period, which are counted before they are read.
drop index workflows.runs_by_definition;
create index runs_by_definition on workflows.runs (tenant_id, definition_id, created_at, id);
create index runs_by_failed_step on workflows.runs (tenant_id, failed_step, created_at, id) where failed_step is not null;
create index runs_by_cost on workflows.runs (tenant_id, cost_micros) where cost_micros > 0;
create index run_steps_by_queue on workflows.run_steps (tenant_id, queue, run_id) where queue is not null;
create index run_steps_prioritized on workflows.run_steps (tenant_id, priority, run_id) where priority <> 0;

-- The words of the inputs of a run, and of the errors that it has failed with.
create table workflows.run_words (
  tenant_id uuid not null,
  run_id uuid not null,
  word text collate "C" not null,
  constraint run_words_pkey primary key (tenant_id, run_id, word),
  constraint run_words_run_fkey foreign key (tenant_id, run_id) references workflows.runs (tenant_id, id) on delete cascade,
  constraint run_words_word_check check (length(word) between 1 and 64)
);
create index run_words_by_word on workflows.run_words (tenant_id, word, run_id);
call app.protect('workflows.run_words');

alter table workflows.bulk_operations
  drop constraint bulk_operations_kind_check,
  add constraint bulk_operations_kind_check check (kind in ('TRANSITION', 'MIGRATION', 'UNDO', 'CANCEL_RUNS', 'RESUME_RUNS', 'RETRY_RUNS'));
-- An operation on runs can have several of one instance.
alter table workflows.bulk_items
  add column run_id uuid,
  drop constraint bulk_items_instance_key,
  add constraint bulk_items_target_key unique nulls not distinct (tenant_id, operation_id, instance_id, run_id),
  add constraint bulk_items_run_fkey foreign key (tenant_id, run_id) references workflows.runs (tenant_id, id);
create index bulk_items_by_run on workflows.bulk_items (tenant_id, run_id) where run_id is not null;

-- Down Migration
alter table workflows.bulk_items no force row level security;
alter table workflows.bulk_operations no force row level security;
delete from workflows.bulk_items i using workflows.bulk_operations o
 where o.tenant_id = i.tenant_id and o.id = i.operation_id and o.kind in ('CANCEL_RUNS', 'RESUME_RUNS', 'RETRY_RUNS');
delete from workflows.bulk_operations where kind in ('CANCEL_RUNS', 'RESUME_RUNS', 'RETRY_RUNS');
alter table workflows.bulk_items force row level security;
alter table workflows.bulk_operations force row level security;
drop index workflows.bulk_items_by_run;
alter table workflows.bulk_items
  drop constraint bulk_items_run_fkey,
  drop constraint bulk_items_target_key,
  drop column run_id,
  add constraint bulk_items_instance_key unique (tenant_id, operation_id, instance_id);
alter table workflows.bulk_operations
  drop constraint bulk_operations_kind_check,
  add constraint bulk_operations_kind_check check (kind in ('TRANSITION', 'MIGRATION', 'UNDO'));
drop table workflows.run_words;
drop index workflows.runs_by_definition;
create index runs_by_definition on workflows.runs (tenant_id, definition_id, id);
drop index workflows.run_steps_prioritized, workflows.run_steps_by_queue, workflows.runs_by_cost, workflows.runs_by_failed_step;
alter table workflows.runs drop column failed_step;

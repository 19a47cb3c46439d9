-- Up Migration

-- An erasure continues where an earlier attempt stopped, and a worker notices that another one has taken over.
alter table identity.privacy_requests add column progress jsonb;
alter table identity.privacy_requests add column claims integer not null default 0;

-- What a person has written, or what is about a person, in tables that grow with the use of a tenant. Of histories, most rows have no text.
create index history_comments_by_actor on workflows.history (tenant_id, actor_id) where comment is not null;
create index sla_intervals_reasons_by_actor on workflows.sla_intervals (tenant_id, actor_id) where reason is not null;
create index task_comments_by_author on workflows.task_comments (tenant_id, author_id);
create index internal_comments_by_author on workflows.internal_comments (tenant_id, author_id);
create index incidents_by_resolver on workflows.incidents (tenant_id, resolved_by) where resolved_by is not null;
create index bulk_operations_by_creator on workflows.bulk_operations (tenant_id, created_by);
create index agent_tool_calls_by_decider on workflows.agent_tool_calls (tenant_id, decided_by) where decided_by is not null;
create index comments_by_author on requests.comments (tenant_id, author_id, id);
create index comment_versions_by_author on requests.comment_versions (tenant_id, author_id);
create index meter_readings_by_recorder on requests.meter_readings (tenant_id, recorded_by);
create index asset_transfers_by_actor on requests.asset_transfers (tenant_id, actor_id);
create index maintenance_occurrences_by_decider on requests.maintenance_occurrences (tenant_id, decided_by) where decided_by is not null;
create index documents_by_reviewer on vendors.documents (tenant_id, reviewed_by) where reviewed_by is not null;
create index project_task_reports_by_reporter on vendors.project_task_reports (tenant_id, reported_by);
create index contract_obligations_by_completer on vendors.contract_obligations (tenant_id, completed_by) where completed_by is not null;
create index mails_by_person on app.mails (tenant_id, person_id) where person_id is not null;
create index files_of_creator on app.files (tenant_id, created_by);
create index import_problems_by_creator on app.import_problems (tenant_id, created_by);

-- Down Migration

drop index app.import_problems_by_creator, app.files_of_creator, app.mails_by_person, vendors.contract_obligations_by_completer,
  vendors.project_task_reports_by_reporter, vendors.documents_by_reviewer, requests.maintenance_occurrences_by_decider,
  requests.asset_transfers_by_actor, requests.meter_readings_by_recorder, requests.comment_versions_by_author, requests.comments_by_author,
  workflows.agent_tool_calls_by_decider, workflows.bulk_operations_by_creator, workflows.incidents_by_resolver,
  workflows.internal_comments_by_author, workflows.task_comments_by_author, workflows.sla_intervals_reasons_by_actor,
  workflows.history_comments_by_actor;
alter table identity.privacy_requests drop column claims;
alter table identity.privacy_requests drop column progress;

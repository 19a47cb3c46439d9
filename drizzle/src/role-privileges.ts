/**
 * Privileges of each login role: the only list. `migrate()` grants and revokes until the catalog equals it, and a test compares both. A verb can be
 * limited to columns: `select(tenant_id,status)`. No role can change or delete history or audit entries, or change events.
 */

export type RoleKind = "app" | "worker" | "auth";
export type Privileges = Readonly<Record<string, readonly string[]>>;

const read = ["select"] as const;
const append = ["select", "insert"] as const;
const write = ["select", "insert", "update"] as const;
const own = ["select", "insert", "update", "delete"] as const;

/** Rows are removed with `delete`; `for update skip locked` requires `update`. */
const queue = ["select", "update", "delete"] as const;

/** Role that serves one tenant at a time. */
const app: Privileges = {
  "app.object_access": ["select", "insert", "delete"],
  // Written only by triggers. Re-encryption replaces ciphertexts in images; a trigger refuses other changes.
  "app.object_versions": ["select", "insert", "update(image)"],
  "app.search_words": ["select", "insert", "delete"],
  "app.idempotency_keys": own,
  "app.person_keys": write,
  // Updated when the master key is rotated, and deleted when no secret needs them.
  "app.tenant_keys": ["select", "insert", "update(wrapped_key)", "delete"],
  "app.counters": write,
  "app.installation": append,
  "app.usage": write,
  "app.mails": write,
  "app.shared_configurations": append,
  "app.configurations": append,
  "app.calendar_changes": ["select", "insert", "update(waits_for,last_tenant_id,completed_at)"],
  "app.custom_field_schemas": ["select", "insert", "update(schema,indexed,version,updated_at,encrypted,encrypting,encrypt_at)"],
  "app.custom_field_schema_versions": append,
  // Written only by triggers on the objects and on the schemas, with the role that writes these.
  "app.custom_field_values": own,
  // Excludes the tenant's kind, which could make it the platform tenant, and the start of its purge.
  "app.files": own,
  "app.saved_views": ["select", "insert", "update(name,visibility,team_id,filter,order_by,columns,version,updated_at)", "delete"],
  "app.exports": [
    "select",
    "insert",
    "update(status,row_count,last_cursor,parts,rights_version,tries,message,version,updated_at,finished_at,due_at)",
  ],
  "app.imports": [
    "select",
    "insert",
    "update(mode,separator,columns,mapping,status,line_count,next_offset,next_line,done_count,created_count,updated_count,skipped_count,failed_count,tries,message,version,updated_at,finished_at,due_at)",
  ],
  "app.import_problems": ["select", "insert"],
  "app.external_ids": ["select", "insert", "update(external_id)", "delete"],
  "app.attachments": ["select", "insert", "update(visibility)", "delete"],
  "identity.tenants": ["select", "insert", "update(name,status,plan,is_verified,version,updated_at,archived_at,purge_at)"],
  // Requested by users. A worker carries them out.
  "identity.clock_advances": append,
  // weft_app never reads the hashes. It can read the columns by which it filters when deleting.
  "identity.login_names": ["select(tenant_id,user_id)", "insert", "delete"],
  "identity.users": write,
  "identity.user_search_terms": ["select", "insert", "delete"],
  "identity.roles": own,
  "identity.role_permissions": own,
  "identity.custom_permissions": append,
  "identity.role_parents": own,
  "identity.role_ancestors": own,
  "identity.user_roles": own,
  "identity.user_permissions": own,
  "identity.teams": own,
  "identity.team_members": own,
  "identity.sessions": write,
  "identity.gateway_reports": ["select", "insert", "update(expires_at)", "delete"],
  "identity.session_connections": ["select", "insert", "update(connection_count,connected_since)", "delete"],
  "identity.refresh_tokens": write,
  "identity.second_factors": ["select", "insert", "update(secret,created_at,confirmed_at,last_used_at,last_step,session_id)", "delete"],
  "identity.wrong_codes": ["select", "insert", "update(code_count,warned_at)"],
  "identity.recovery_codes": ["select", "insert", "update(used_at)", "delete"],
  "identity.passkeys": ["select", "insert", "update(name,sign_count,is_backed_up,last_used_at)", "delete"],
  "identity.used_challenges": ["select", "insert", "delete"],
  "identity.pending_logins": ["select", "insert", "update(attempts,used_at)", "delete"],
  "identity.one_time_tokens": write,
  "identity.identity_providers": own,
  "identity.user_identities": own,
  "identity.provider_logins": own,
  "identity.logout_tokens": ["select", "insert", "update(expires_at)", "delete"],
  "identity.domains": own,
  "identity.password_history": ["select", "insert", "delete"],
  "identity.api_keys": write,
  // Excludes the columns of the content: published content is never changed.
  "workflows.definitions": ["select", "insert", "update(status,published_by,published_at,version,updated_at,tags,environments)", "delete"],
  "workflows.instances": write,
  "workflows.history": append,
  "workflows.tasks": write,
  // Written only by a trigger on the tasks, with the role that writes the task.
  "workflows.task_candidates": ["select", "insert", "delete"],
  "workflows.incidents": ["select", "insert", "update(status,resolution,resolved_by,comment,resolved_at)"],
  "workflows.runs": [
    "select",
    "insert",
    "update(status,ending,outputs,has_begun,is_received,due_at,version,finished_at,secret_inputs,profile,left_at,began_at,retried_from_id,is_watched,attempts,processor_ms,memory_bytes,calls,tokens_in,tokens_out,cost_micros,log_lines,log_bytes,is_suspended,failed_transactions,sent_bytes,received_bytes)",
  ],
  "workflows.run_attempts": ["select", "insert"],
  "workflows.run_logs": ["select", "insert"],
  "workflows.run_words": ["select", "insert"],
  // Excludes the name, which steps refer to.
  "workflows.secrets": ["select", "insert", "update(description,value,domains,value_changed_at,last_used_at,version,updated_at)", "delete"],
  "workflows.definition_shares": [
    "select",
    "insert",
    "update(partner_name,status,max_starts_per_hour,answered_by,answered_at,revoked_by,revoked_at,refused_at,version,updated_at,max_open_runs)",
  ],
  "workflows.definition_share_uses": ["select", "insert", "update(is_open)"],
  "workflows.security_profiles": ["select", "insert", "update(name,description,rules,version,updated_at)", "delete"],
  "workflows.run_steps": [
    "select",
    "insert",
    "update(status,attempt,failures,lost,outputs,error,not_before,is_fallback,is_parked,ended,compensation,compensation_attempt,due_at,lease_token,started_at,finished_at,attempt_started_at,usage,offered_task,offered_at)",
  ],
  "workflows.step_leases": ["select", "insert", "update(result,reported_at,log_lines)"],
  // A row lives as long as its step waits.
  "workflows.step_waits": ["select", "insert", "update(attempt,is_compensation,event,conditions,payload,wait_until)", "delete"],
  // A row lives until its step has read the result.
  "workflows.step_operations": ["select", "insert", "update(claimed_until,result)", "delete"],
  "workflows.model_providers": ["select", "insert", "update(name,base_url,secret,prices,version,updated_at)", "delete"],
  "workflows.agents": [
    "select",
    "insert",
    "update(name,provider_id,model,instructions,output_schema,tools,limits,status,version,updated_at,permissions,author_id)",
    "delete",
  ],
  // What an agent was asked, and what it is, never change. Deleted with their run, by the foreign key, as are the calls.
  "workflows.agent_sessions": ["select", "insert", "update(counted)"],
  "workflows.agent_calls": [
    "select",
    "insert",
    "update(status,response,tokens_in,tokens_out,is_estimated,cost_micros,error,duration_ms,finished_at)",
  ],
  "workflows.agent_tool_calls": ["select", "insert", "update(status,decided_by,decided_at,reason,result,duration_ms,version,finished_at)"],
  "workflows.timers": ["select", "insert", "update(due_at,status,is_held,attempts,reason,version,ended_at)"],
  "workflows.instance_fields": own,
  "workflows.instance_words": ["select", "insert", "delete"],
  "workflows.absences": own,
  "workflows.routing_rules": own,
  "workflows.routing_turns": write,
  "workflows.triggers": own,
  // Deleted with their trigger, by the foreign key.
  "workflows.trigger_runs": write,
  "workflows.trigger_replays": [
    "select",
    "insert",
    "update(position,reached_at,examined_count,run_count,failed_count,failures_in_row,status,stop_reason,finished_at)",
  ],
  "workflows.user_skills": ["select", "insert", "delete"],
  "workflows.task_comments": append,
  "workflows.internal_comments": append,
  "workflows.task_links": ["select", "insert", "update(used_at,revoked_at)"],
  // The requested operation itself cannot be changed.
  "workflows.bulk_operations": ["select", "insert", "update(status,done,failed,message,version,updated_at,finished_at)"],
  "workflows.bulk_items": ["select", "insert", "update(status,code,message,result_version,kept,finished_at,attempts,unavailable)"],
  "workflows.statistics": write,
  "workflows.statistics_instances": write,
  "workflows.schedules": own,
  "workflows.schedule_runs": write,
  "workflows.sla_calendars": append,
  "workflows.sla_clocks": [
    "select",
    "insert",
    "update(title,phase,paused_for,is_paused_by_hand,basis,calendar_key,target_seconds,warn_seconds,consumed_seconds,entered_at,due_at,warn_at,breached_at,ended_at,told_seconds,is_breach_told,next_at,entries)",
  ],
  // The ledger: no entry is changed or deleted.
  "workflows.sla_intervals": append,
  // Excludes the key. Policies are never deleted, so that what clocks counted can be explained.
  "workflows.sla_policies": [
    "select",
    "insert",
    "update(name,position,definition_key,sla,condition,target,warnings,calendar,version,updated_at,deleted_at,request_type)",
  ],
  "workflows.sla_policy_versions": append,
  "workflows.sla_recomputations": ["select", "insert", "update(waits_for,total,examined,last_instance_id,completed_at)"],
  "workflows.escalation_runs": ["select", "insert", "update(title,task_id,anchored_at,next_level,depth,ended_at,end_reason)"],
  // The history of levels: no row is changed or deleted.
  "workflows.escalations": append,
  "workflows.instance_heads": read,
  "workflows.sla_heads": read,
  "workflows.sla_next": read,
  "requests.request_types": write,
  "requests.request_type_versions": append,
  "requests.requests": write,
  // A comment keeps its request, audience, vendor and author.
  "requests.comments": ["select", "insert", "update(text,mentioned_ids,version,edited_at,deleted_at,deleted_by)"],
  "requests.reply_addresses": ["select", "insert", "update(hour_started_at,hour_count)"],
  // An address keeps its key.
  "requests.inbound_mail_addresses": [
    "select",
    "insert",
    "update(name,type_id,subject_field,text_field,data,is_active,hour_started_at,hour_count,last_received_at,version,updated_at)",
    "delete",
  ],
  "requests.emailed_requests": append,
  // Only the text, which is removed with the comment.
  "requests.comment_versions": ["select", "insert", "update(text)"],
  "requests.links": ["select", "insert", "delete"],
  "requests.copies": append,
  "requests.former_instances": append,
  "requests.vendor_offers": ["select", "insert", "update(status,reason,answered_by,ended_at,version)"],
  "requests.watchers": ["select", "insert", "update(added_by,created_at,ended_at)"],
  "requests.request_editors": ["select", "insert", "update(activity,is_internal,began_at,expires_at)", "delete"],
  "requests.buildings": write,
  // A contact keeps its building, and its user or team.
  "requests.building_contacts": ["select", "insert", "update(role)", "delete"],
  "requests.building_users": ["select", "insert", "delete"],
  "requests.asset_types": write,
  "requests.spaces": write,
  "requests.assets": write,
  "requests.asset_transfers": append,
  // A link keeps its asset, its type, and the user in whose name requests are created.
  "requests.request_form_links": [
    "select",
    "insert",
    "update(revoked_at,request_count,last_used_at,hour_started_at,hour_count,version,updated_at)",
  ],
  "requests.meters": write,
  // A reading is never changed: a correction replaces it.
  "requests.meter_readings": ["select", "insert", "update(shift,replaced_by_id)"],
  // Written by triggers of assets; the worker notes what it has announced.
  "requests.asset_dates": ["select", "insert", "update(on_date,due_at,announced_date)"],
  "requests.maintenance_plans": write,
  "requests.maintenance_occurrences": write,
  "vendors.vendors": write,
  // A link keeps its address, and the user in whose name vendors are created.
  "vendors.registration_links": [
    "select",
    "insert",
    "update(revoked_at,registration_count,last_used_at,hour_started_at,hour_count,version,updated_at)",
  ],
  // A contact keeps its vendor.
  "vendors.vendor_contacts": ["select", "insert", "update(name,role,email,phone,is_primary,version,updated_at)", "delete"],
  "vendors.vendor_rates": ["select", "insert", "delete"],
  "vendors.vendor_service_areas": ["select", "insert", "delete"],
  "vendors.ratings": ["select", "insert", "update(stars,comment,is_for_vendor,version,updated_at)"],
  "vendors.work": write,
  // Differences are added, and a worker replaces them by their sum.
  "vendors.work_days": ["select", "insert"],
  "vendors.availability": write,
  "vendors.absences": ["select", "insert", "delete"],
  "vendors.projects": write,
  "vendors.contracts": write,
  // A trigger refuses changes of signed versions.
  "vendors.contract_versions": [
    "select",
    "insert",
    "update(number,status,content,hash,instance_id,reason,updated_at,submitted_by,submitted_at,signed_at)",
  ],
  "vendors.documents": write,
  "vendors.document_requirements": write,
  "vendors.contract_obligations": write,
  // A member keeps the project and the user.
  "vendors.project_members": ["select", "insert", "update(role)", "delete"],
  "vendors.project_vendors": ["select", "insert", "update(ended_by,ended_at)"],
  "vendors.project_plans": write,
  "vendors.project_tasks": write,
  // A report is never changed.
  "vendors.project_task_reports": append,
  "vendors.project_task_dependencies": own,
  "vendors.scope_items": write,
  // An approved version is never changed.
  "vendors.scope_versions": append,
  "vendors.scope_changes": write,
  // Of a baseline, only whether it is the current one changes.
  "vendors.project_baselines": ["select", "insert", "update(is_current,version)"],
  "vendors.project_baseline_tasks": append,
  "vendors.milestones": write,
  "vendors.milestone_tasks": ["select", "insert", "delete"],
  // A cost can be voided, but never changed.
  "vendors.project_costs": ["select", "insert", "update(voided_at,voided_by,void_reason,version)"],
  "vendors.project_risks": write,
  "vendors.project_decisions": write,
  "vendors.project_templates": ["select", "insert", "delete"],
  "events.log": append,
  "events.outbox": append,
  "events.positions": read,
  "events.retention": read,
  "events.position_heads": read,
  "events.consumer_cursors": own,
  "events.parked": write,
  "events.inbound_webhooks": own,
  // Deleted with their webhook, by the foreign key.
  "events.inbound_messages": ["select", "insert", "update(content,status,error,event_id,attempts,handled_at)"],
  "events.custom_types": write,
  "events.webhooks": own,
  "events.webhook_states": write,
  "events.delivery_pauses": ["select", "insert", "update(reason,paused_by,paused_at,resumed_at)"],
  "events.webhook_deliveries": write,
  "events.webhook_attempts": append,
  // Deleted with their webhook, by the foreign key.
  "events.replays": ["select", "insert", "update(position,reached_at,queued_count,status,finished_at)"],
  // Excludes the connector: configuration and credentials are its own.
  "events.integrations": [
    "select",
    "insert",
    "update(name,configuration,credentials,credential_names,status,health,checked_at,last_error,last_error_at,failures_in_row,blocked_until,call_count,failed_call_count,last_called_at,version,updated_at,resumed_at,hour_started_at,calls_in_hour,limited_until)",
    "delete",
  ],
  // What is called cannot be changed. Deleted with their integration, by the foreign key.
  "events.integration_calls": [
    "select",
    "insert",
    "update(input,status,attempts,next_attempt_at,claim_token,result,error,follow_up_status,follow_up_error,version,updated_at,finished_at)",
  ],
  // What is polled, and of which integration, cannot be changed. Deleted with their integration, too, by the foreign key.
  "events.integration_triggers": [
    "select",
    "insert",
    "update(name,configuration,interval_seconds,event_type,condition,payload,subject,status,is_from_beginning,started_at,cursor,next_poll_at,claim_token,last_polled_at,last_succeeded_at,failures_in_row,last_error,last_error_at,published_count,ignored_count,failed_count,user_id,version,updated_at)",
    "delete",
  ],
  "audit.entries": append,
  "audit.unsealed": append,
  "audit.seals": read,
  "audit.checkpoints": read,
  "audit.notifications": write,
  "audit.notification_preferences": write,
  "audit.notification_templates": ["select", "insert", "update(published_number,latest_number,version,updated_at)", "delete"],
  "audit.notification_template_versions": ["select", "insert", "delete"],
  "audit.notification_rules": own,
  "audit.notification_deliveries": write,
  "audit.notification_destinations": write,
  "audit.text_messages": own,
  "audit.mail_suppressions": ["select", "insert", "delete"],
  // The checkpoint to verify against and the requester cannot be changed.
  "audit.verifications": [
    "select",
    "insert",
    "update(status,total,sequence,hash,checkpoint,is_valid,problem,unsealed,message,updated_at,finished_at)",
  ],
  "audit.verified_ends": write,
};

/**
 * Relay, sealer and cleaner can only access what they number, chain, announce and delete, but no business data. Event handlers run as weft_app in the
 * event's tenant. `crossTenantPolicies` contains the tables that this role can read across tenants.
 */
const worker: Privileges = {
  "app.installation": read,
  // Deleted by age, tenant by tenant. This role cannot read the inputs and results of keys.
  "app.idempotency_keys": ["select(tenant_id,created_at)", "delete"],
  // Deleted by age of the window, tenant by tenant. This role cannot read the usage.
  "app.usage": ["select(tenant_id,window_start)", "delete"],
  // Readable: the tenants with due emails, the emails per destination, and their age. The content is read as weft_app, in the tenant.
  "app.mails": ["select(tenant_id,template,destination_hash,status,next_attempt_at,created_at,finished_at,came_back_at)", "delete"],
  // Readable: the tenants with a change to carry over to open clocks.
  "app.calendar_changes": ["select(tenant_id,created_at,completed_at)"],
  // Readable: the tenants with files to scan or to delete or images to process, and which exist. The files themselves are read as weft_app, in the tenant.
  "app.files": ["select(tenant_id,id,due_at,previews_due_at)"],
  // Readable: the tenants with values of custom fields to encrypt.
  "app.custom_field_schemas": ["select(tenant_id,encrypt_at)"],
  // Readable: the tenants with exports to continue. Deleted by age, without their file.
  "app.exports": ["select(tenant_id,id,file_id,updated_at,due_at)", "delete"],
  // Readable: the tenants with imports to continue. Deleted by age, with their problems, which this role cannot read.
  "app.imports": ["select(tenant_id,id,updated_at,due_at)", "delete"],
  "app.import_problems": ["select(tenant_id,id,import_id)", "delete"],
  // Deleted beyond the number that the tenant keeps. This role cannot read the hashes.
  "identity.password_history": ["select(tenant_id,user_id,id,created_at)", "delete"],
  // Deleted by age, once used or revoked.
  "identity.one_time_tokens": ["select(tenant_id,created_at,used_at,revoked_at)", "delete"],
  // Deleted once expired.
  "identity.pending_logins": ["select(tenant_id,expires_at)", "delete"],
  "identity.used_challenges": ["select(tenant_id,expires_at)", "delete"],
  "identity.provider_logins": ["select(tenant_id,expires_at)", "delete"],
  "identity.logout_tokens": ["select(tenant_id,expires_at)", "delete"],
  // With what the gateway has reported of sessions, which this role cannot read.
  "identity.gateway_reports": ["select(tenant_id,expires_at)", "delete"],
  // Readable: the tenants with API keys that expire soon.
  "identity.api_keys": ["select(tenant_id,remind_at)"],
  // Readable: the tenants with verified domains to check again.
  "identity.domains": ["select(tenant_id,due_at)"],
  // Changeable: the clock of a sandbox, which weft_app cannot move. A trigger prevents that it goes back.
  "identity.tenants": [
    "select(tenant_id,status,plan,is_sandbox,clock_offset_ms,kind,purge_at,clock_stands_at)",
    "update(clock_offset_ms,clock_stands_at)",
  ],
  "identity.clock_advances": [
    "select",
    "update(status,reached_at,steps,effects,counted_position,message,worker_id,leased_until,progress_at,finished_at)",
  ],
  // Readable: the tenants with work to do. The work itself is read as weft_app, in the tenant.
  "workflows.bulk_operations": ["select(tenant_id,status,updated_at)"],
  // Readable: the tenants that share definitions with a tenant, and what. Deleted when that tenant is, with their uses.
  "workflows.definition_shares": ["select(tenant_id,id,partner_id,partner_slug,definition_key,mode)", "delete"],
  "workflows.definition_share_uses": ["select(tenant_id,id,share_id,side,mode,instance_id,created_at)", "delete"],
  // Readable: the tenants with tasks whose deadline has passed.
  "workflows.tasks": ["select(tenant_id,status,due_at,overdue_at,is_due_held)"],
  // Readable: the tenants with due timers. The timers themselves are read as weft_app, in the tenant.
  "workflows.timers": ["select(tenant_id,due_at,status,is_held)"],
  // Readable: the tenants with due runs and steps.
  "workflows.runs": ["select(tenant_id,due_at)"],
  "workflows.run_steps": ["select(tenant_id,due_at)"],
  "workflows.step_waits": ["select(tenant_id,wait_until)"],
  "workflows.schedules": ["select(tenant_id,due_at)"],
  // Readable: the tenants with dates of assets to announce.
  "requests.asset_dates": ["select(tenant_id,due_at)"],
  // Readable: the tenants with due contracts, documents of vendors, and obligations.
  "vendors.contracts": ["select(tenant_id,due_at)"],
  "vendors.documents": ["select(tenant_id,due_at)"],
  "vendors.contract_obligations": ["select(tenant_id,due_at)"],
  // Readable: the tenants with offers whose time is over.
  "requests.vendor_offers": ["select(tenant_id,status,expires_at)"],
  // Readable: the tenants with editors whose time is over.
  "requests.request_editors": ["select(tenant_id,expires_at)"],
  // Readable: the tenants with due milestones.
  "vendors.milestones": ["select(tenant_id,due_at)"],
  // Readable: the tenants with due maintenance plans.
  "requests.maintenance_plans": ["select(tenant_id,due_at)"],
  // Readable: the tenants with a warning or a breach to announce.
  "workflows.sla_clocks": ["select(tenant_id,next_at)"],
  // Readable: the tenants with clocks to recompute.
  "workflows.sla_recomputations": ["select(tenant_id,created_at,completed_at)"],
  // Deleted by age, unless the workflow that was started with the same key has not ended, or a replay needs them.
  "workflows.trigger_runs": ["select(tenant_id,id,trigger_id,event_id,outcome,correlation_key,instance_id,created_at)", "delete"],
  // Readable: the tenants with a replay to continue, and the triggers.
  "workflows.trigger_replays": ["select(tenant_id,trigger_id,position,status,created_at)"],
  "workflows.instances": ["select(tenant_id,id,finished_at)"],
  // Deleted by expiration time.
  "workflows.task_links": ["select(tenant_id,expires_at)", "delete"],
  // Deleted some time after they have ended.
  "vendors.registration_links": [
    "select(tenant_id,id,max_registrations,expires_at,revoked_at,registration_count,last_used_at,created_at)",
    "delete",
  ],
  // Clears the data kept for undo, by age. This role cannot read that data.
  "workflows.bulk_items": ["select(tenant_id,has_kept,finished_at)", "update(kept)"],
  // Deleted by age. A policy keeps them for 30 days, and their positions for as long as the events.
  "events.log": ["select", "delete"],
  "events.outbox": queue,
  "events.positions": ["select", "insert", "delete"],
  "events.retention": write,
  "events.position_heads": write,
  // Moved over events that the consumer does not want. The rest of a cursor is changed by the consumer, as weft_app.
  "events.consumer_cursors": ["select", "update(position)"],
  "events.parked": ["select(tenant_id,consumer,event_id,status)"],
  // Readable: the webhooks with due deliveries, and which deliveries are old. Their content is read as weft_app, in the tenant.
  "events.webhooks": ["select(tenant_id,id,is_ordered,status)"],
  "events.webhook_states": ["select(tenant_id,webhook_id,consecutive_failures,blocked_until,rate_used_until,last_subject_id,slow_until)"],
  // Deliveries of paused channels wait.
  "events.delivery_pauses": ["select(tenant_id,channel,resumed_at)"],
  "events.webhook_deliveries": [
    "select(tenant_id,id,webhook_id,seq,event_id,subject_id,replay_of,status,next_attempt_at,lease_until,claim_token,created_at,finished_at,payload_due_at)",
    // Deliveries that wait for too long fail.
    "update(status,next_attempt_at,lease_until,claim_token,last_error,finished_at,payload_due_at)",
    "delete",
  ],
  // Readable: the tenants with a replay to continue.
  "events.replays": ["select(tenant_id,webhook_id,position,status,created_at)"],
  // Readable: how many wait. Deleted by age.
  "events.inbound_messages": ["select(tenant_id,id,status,received_at)", "delete"],
  // Readable: the tenants with calls to send, and whether a workflow waits for a result. Deleted by age. Inputs and results are read as weft_app, in the tenant.
  "events.integrations": ["select(tenant_id,id,status,blocked_until,limited_until)"],
  "events.integration_calls": [
    "select(tenant_id,integration_id,status,next_attempt_at,instance_id,follow_up_status,follow_up_error,finished_at)",
    "delete",
  ],
  // Readable: the tenants with a poll to run. The rest is read as weft_app, in the tenant.
  "events.integration_triggers": ["select(tenant_id,integration_id,status,next_poll_at)"],
  "audit.entries": read,
  "audit.unsealed": queue,
  "audit.seals": append,
  "audit.checkpoints": append,
  // Readable: the tenants with a verification to run. The rest is read as weft_app, in the tenant.
  "audit.verifications": ["select(tenant_id,status,updated_at)"],
  // Readable: the tenants with deliveries to bundle or to send. Deleted by age.
  "audit.notification_deliveries": ["select(tenant_id,event_id,channel,status,due_at,next_attempt_at,created_at)", "delete"],
  // Readable: the tenants with codes to send, and how many a number has got from all tenants. Deleted by age.
  "audit.text_messages": ["select(tenant_id,address_hash,purpose,status,next_attempt_at,created_at)", "delete"],
  // It folds the differences of each day.
  "vendors.work_days": ["select", "insert", "delete"],
};

/** Role that finds logins, and loads viewers and the configuration and usage of tenants. Read-only. */
const auth: Privileges = {
  "app.configurations": read,
  "app.shared_configurations": read,
  "app.usage": read,
  "identity.tenants": read,
  "identity.login_names": read,
  "identity.users": read,
  "identity.roles": read,
  "identity.role_permissions": read,
  "identity.role_ancestors": read,
  "identity.user_roles": read,
  "identity.user_permissions": read,
  "identity.teams": read,
  "identity.team_members": read,
  "identity.sessions": read,
  // Finds the provider of a login, by its domain, and the tenant that has verified a domain.
  "identity.domains": ["select(tenant_id,id,name,challenge,verified_at)"],
  "identity.identity_providers": ["select(tenant_id,id,kind,name,status,created_at)"],
  "identity.api_keys": read,
};

export const rolePrivileges: Readonly<Record<RoleKind, Privileges>> = { app, worker, auth };

/** Permissive policies `using (true)` in addition to those for the tenant: tables that a role can access without a tenant. */
export const crossTenantPolicies: readonly { readonly role: RoleKind; readonly table: string; readonly command: "select" | "all" }[] = [
  { role: "worker", table: "identity.tenants", command: "select" },
  { role: "worker", table: "identity.clock_advances", command: "select" },
  { role: "worker", table: "app.mails", command: "select" },
  { role: "worker", table: "app.calendar_changes", command: "select" },
  { role: "worker", table: "workflows.bulk_operations", command: "select" },
  { role: "worker", table: "workflows.definition_shares", command: "select" },
  { role: "worker", table: "workflows.tasks", command: "select" },
  { role: "worker", table: "app.files", command: "select" },
  { role: "worker", table: "app.custom_field_schemas", command: "select" },
  { role: "worker", table: "app.exports", command: "select" },
  { role: "worker", table: "app.imports", command: "select" },
  { role: "worker", table: "workflows.timers", command: "select" },
  { role: "worker", table: "workflows.runs", command: "select" },
  { role: "worker", table: "workflows.run_steps", command: "select" },
  { role: "worker", table: "workflows.step_waits", command: "select" },
  { role: "worker", table: "identity.domains", command: "select" },
  { role: "worker", table: "identity.api_keys", command: "select" },
  { role: "worker", table: "workflows.schedules", command: "select" },
  { role: "worker", table: "requests.asset_dates", command: "select" },
  { role: "worker", table: "requests.maintenance_plans", command: "select" },
  { role: "worker", table: "vendors.contracts", command: "select" },
  { role: "worker", table: "vendors.documents", command: "select" },
  { role: "worker", table: "vendors.contract_obligations", command: "select" },
  { role: "worker", table: "requests.vendor_offers", command: "select" },
  { role: "worker", table: "requests.request_editors", command: "select" },
  { role: "worker", table: "vendors.milestones", command: "select" },
  { role: "worker", table: "workflows.sla_clocks", command: "select" },
  { role: "worker", table: "workflows.sla_recomputations", command: "select" },
  { role: "worker", table: "workflows.trigger_replays", command: "select" },
  { role: "worker", table: "events.log", command: "select" },
  { role: "worker", table: "events.outbox", command: "all" },
  { role: "worker", table: "events.positions", command: "all" },
  { role: "worker", table: "events.position_heads", command: "all" },
  { role: "worker", table: "events.consumer_cursors", command: "select" },
  { role: "worker", table: "events.parked", command: "select" },
  { role: "worker", table: "events.webhooks", command: "select" },
  { role: "worker", table: "events.webhook_states", command: "select" },
  { role: "worker", table: "events.delivery_pauses", command: "select" },
  { role: "worker", table: "events.webhook_deliveries", command: "select" },
  { role: "worker", table: "events.replays", command: "select" },
  { role: "worker", table: "events.inbound_messages", command: "select" },
  { role: "worker", table: "events.integrations", command: "select" },
  { role: "worker", table: "events.integration_calls", command: "select" },
  { role: "worker", table: "events.integration_triggers", command: "select" },
  { role: "worker", table: "audit.entries", command: "select" },
  { role: "worker", table: "audit.unsealed", command: "all" },
  { role: "worker", table: "audit.seals", command: "all" },
  { role: "worker", table: "audit.checkpoints", command: "all" },
  { role: "worker", table: "audit.verifications", command: "select" },
  { role: "worker", table: "audit.notification_deliveries", command: "select" },
  { role: "worker", table: "audit.text_messages", command: "select" },
  ...Object.keys(auth).map((table) => ({ role: "auth" as const, table, command: "select" as const })),
];

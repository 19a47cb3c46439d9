import { getTableColumns } from "drizzle-orm";
import { getTableConfig } from "drizzle-orm/pg-core";
import type { PgTable } from "drizzle-orm/pg-core";

/**
 * Classification of a column. `personal` gives the column of the same row that identifies the person: these values are encrypted with the person's
 * key in audit entries and events, included in exports and redacted in logs. `secret` values never leave the database.
 */
export type Classification = "public" | "secret" | { readonly personal: string };

const of = (personal: string): Classification => ({ personal });

/** Classifies columns as public. */
function publicly(...columns: readonly string[]): Record<string, Classification> {
  return Object.fromEntries(columns.map((column) => [column, "public"]));
}

const versioned = publicly("version", "created_at", "updated_at");
const act = publicly("actor_id", "on_behalf_of");

/** Every column of every table, keyed by `schema.table` and column. A catalog test finds missing ones. */
export const personalData: Readonly<Record<string, Readonly<Record<string, Classification>>>> = {
  "app.search_words": publicly("tenant_id", "object_type", "object_id", "source_id", "audience", "vendor_id", "word"),
  "app.object_versions": publicly("tenant_id", "object_id", "until", "image"),
  "app.object_access": publicly("tenant_id", "object_id", "vendor_id", "granted_at"),
  "app.idempotency_keys": publicly("tenant_id", "user_id", "mutation", "key", "input_hash", "result", "created_at"),
  "app.person_keys": { ...publicly("tenant_id", "person_id", "created_at", "destroyed_at"), wrapped_key: "secret" },
  "app.tenant_keys": { ...publicly("tenant_id", "number", "created_at"), wrapped_key: "secret" },
  "app.counters": publicly("tenant_id", "name", "value", "lane"),
  "app.usage": publicly("tenant_id", "metric", "window_start", "slot", "used", "spare", "limit_seen", "is_announced"),
  "app.mails": {
    ...publicly(
      "came_back_at",
      "tenant_id",
      "id",
      "person_id",
      "template",
      "reference_id",
      "status",
      "attempts",
      "next_attempt_at",
      "created_at",
      "finished_at",
    ),
    // Secret although it is ciphertext, because it can contain a token.
    content: "secret",
    destination_hash: "secret",
    // Mail servers can repeat the address.
    last_error: of("person_id"),
  },
  "app.installation": publicly("singleton", "installation_id", "mode", "created_at"),
  "app.shared_configurations": {
    ...publicly("level", "key", "version", "document", "author_id", "created_at"),
    message: of("author_id"),
  },
  "app.configurations": {
    ...publicly("tenant_id", "level", "subject_id", "version", "document", "author_id", "created_at"),
    message: of("author_id"),
  },
  "app.calendar_changes": {
    ...publicly(
      "tenant_id",
      "id",
      "team_id",
      "is_shared",
      "plan",
      "requested_by",
      "waits_for",
      "last_tenant_id",
      "created_at",
      "completed_at",
    ),
    message: of("requested_by"),
  },
  "app.custom_field_schemas": {
    ...publicly("tenant_id", "id", "kind", "type_key", "schema", "indexed", "encrypted", "encrypting", "encrypt_at"),
    ...versioned,
  },
  "app.custom_field_schema_versions": {
    ...publicly("tenant_id", "schema_id", "version", "schema", "author_id", "created_at"),
    message: of("author_id"),
  },
  "app.custom_field_values": publicly(
    "tenant_id",
    "kind",
    "object_id",
    "field",
    "type",
    "is_for_vendors",
    "is_set",
    "text_value",
    "number_value",
  ),
  "app.files": {
    ...publicly("tenant_id", "id", "size", "declared_type", "declared_sha256", "type", "sha256", "status", "reason", "attempt"),
    ...publicly("is_attached", "created_by", "created_at", "stored_at", "due_at", "previews_due_at", "previews"),
    name: of("created_by"),
  },
  // A filter can contain a name that the owner searched for.
  "app.saved_views": {
    ...publicly("tenant_id", "id", "list", "visibility", "team_id", "owner_id", "order_by", "columns"),
    ...versioned,
    name: of("owner_id"),
    filter: of("owner_id"),
  },
  "app.attachments": {
    ...publicly("tenant_id", "id", "file_id", "object_type", "object_id", "visibility"),
    ...publicly("comment_id", "vendor_id", "created_by", "created_at"),
  },
  "app.exports": {
    ...publicly("tenant_id", "id", "list", "format", "order_by", "columns", "status", "row_count", "last_cursor", "parts", "file_id"),
    ...publicly("rights_version", "tries", "message", "created_by", "session_id", "finished_at", "due_at"),
    ...versioned,
    filter: of("created_by"),
  },
  "app.imports": {
    ...publicly("tenant_id", "id", "list", "on_existing", "mode", "separator", "columns", "mapping", "status", "line_count", "next_offset"),
    ...publicly("next_line", "done_count", "created_count", "updated_count", "skipped_count", "failed_count", "file_id", "tries"),
    ...publicly("message", "created_by", "session_id", "finished_at", "due_at"),
    ...versioned,
  },
  // Messages quote values of the file.
  "app.import_problems": {
    ...publicly("tenant_id", "id", "import_id", "line", "column_name", "field", "created_by"),
    message: of("created_by"),
  },
  "app.external_ids": publicly("tenant_id", "list", "external_id", "object_id", "created_at"),
  "identity.tenants": {
    ...publicly("tenant_id", "slug", "name", "status", "plan", "is_verified", "is_self_registered", "is_sandbox", "clock_offset_ms"),
    ...publicly("clock_stands_at"),
    ...publicly("kind", "archived_at", "purge_at", "purge_started_at"),
    ...versioned,
  },
  "identity.clock_advances": {
    ...publicly("tenant_id", "id", "status", "from_at", "target_at", "reached_at", "steps", "effects", "counted_position", "message"),
    ...publicly("worker_id", "leased_until", "progress_at", "created_by", "created_at", "finished_at"),
  },
  "identity.login_names": { ...publicly("tenant_id", "user_id"), name_hash: "secret" },
  "identity.users": {
    ...publicly(
      "tenant_id",
      "id",
      "type",
      "vendor_id",
      "status",
      "rights_version",
      "email_verified_at",
      "is_break_glass",
      "is_password_temporary",
      "is_verified_without_login",
    ),
    ...versioned,
    email: of("id"),
    username: of("id"),
    name: of("id"),
    title: of("id"),
    phone: of("id"),
    locale: of("id"),
    time_zone: of("id"),
    avatar_url: of("id"),
    external_id: of("id"),
    given_name: of("id"),
    family_name: of("id"),
    provider_emails: of("id"),
    provider_phones: of("id"),
    deprovisioned_at: "public",
    password_hash: "secret",
  },
  "identity.user_search_terms": { ...publicly("tenant_id", "user_id", "vendor_id"), term: of("user_id"), name: of("user_id") },
  "identity.roles": {
    ...publicly("tenant_id", "id", "key", "name", "description", "is_built_in", "requires_second_factor"),
    ...publicly("max_sessions", "session_limit_reached"),
    ...versioned,
  },
  "identity.role_permissions": publicly("tenant_id", "role_id", "permission", "scope"),
  "identity.custom_permissions": publicly("tenant_id", "name", "description", "created_by", "created_at"),
  "identity.role_parents": publicly("tenant_id", "role_id", "parent_id"),
  "identity.role_ancestors": publicly("tenant_id", "role_id", "ancestor_id"),
  "identity.user_roles": publicly("tenant_id", "user_id", "role_id"),
  "identity.user_permissions": {
    ...publicly("tenant_id", "user_id", "permission", "scope", "effect", "created_by", "created_at"),
    // The reason for a grant or a denial is about the user.
    reason: of("user_id"),
  },
  "identity.teams": { ...publicly("tenant_id", "id", "key", "name", "description", "deleted_at", "external_id"), ...versioned },
  "identity.team_members": publicly("tenant_id", "team_id", "user_id", "is_lead"),
  "identity.sessions": {
    ...publicly("tenant_id", "id", "user_id", "created_at", "last_used_at", "expires_at", "revoked_at", "revoked_reason"),
    ...publicly("operator_tenant_id", "operator_id", "operator_session_id", "operator_reason"),
    ...publicly("authenticated_at", "factors", "is_restricted", "provider_id", "passkey_provider_id"),
    provider_session: "secret",
    user_agent: of("user_id"),
    address: of("user_id"),
  },
  "identity.gateway_reports": publicly("tenant_id", "gateway_id", "expires_at"),
  "identity.session_connections": publicly("tenant_id", "session_id", "gateway_id", "connection_count", "connected_since", "user_id"),
  "identity.refresh_tokens": publicly("tenant_id", "id", "session_id", "predecessor_id", "issued_at", "expires_at", "used_at"),
  "identity.password_history": { ...publicly("tenant_id", "user_id", "id", "created_at"), password_hash: "secret" },
  "identity.second_factors": {
    ...publicly("tenant_id", "id", "user_id", "kind", "created_at", "confirmed_at", "last_used_at", "last_step", "session_id"),
    secret: "secret",
  },
  "identity.wrong_codes": publicly("tenant_id", "user_id", "code_count", "warned_at"),
  "identity.recovery_codes": { ...publicly("tenant_id", "id", "user_id", "created_at", "used_at"), code_hash: "secret" },
  "identity.passkeys": {
    ...publicly("tenant_id", "id", "user_id", "name", "transports", "is_syncable", "is_backed_up", "created_at", "last_used_at"),
    ...publicly("sign_count", "provider_id"),
    credential_id: "secret",
    public_key: "secret",
  },
  "identity.used_challenges": { ...publicly("tenant_id", "user_id", "expires_at"), challenge_hash: "secret" },
  "identity.pending_logins": {
    ...publicly("tenant_id", "id", "user_id", "attempts", "created_at", "expires_at", "used_at", "provider_id"),
    password_fingerprint: "secret",
    name_hash: "secret",
    address: of("user_id"),
  },
  "identity.one_time_tokens": {
    ...publicly("tenant_id", "id", "user_id", "purpose", "created_by", "created_at", "expires_at", "used_at", "revoked_at"),
    email_hash: "secret",
  },
  "identity.identity_providers": {
    ...publicly("tenant_id", "id", "kind", "name", "status", "configuration", "creates_users", "accepts_unverified_email"),
    ...publicly("creates_users_of_all_domains"),
    ...publicly("redirect_urls", "role_mappings", "created_by"),
    ...versioned,
    secret: "secret",
  },
  "identity.user_identities": {
    ...publicly("tenant_id", "id", "provider_id", "issuer", "user_id", "created_at", "last_used_at"),
    subject: of("user_id"),
  },
  "identity.provider_logins": {
    ...publicly("tenant_id", "id", "provider_id", "issuer", "redirect_url", "created_at", "expires_at", "received_at", "user_id"),
    ...publicly("is_reauthentication"),
    code_challenge: "secret",
    application_state: "secret",
    provider_session: "secret",
    account: "secret",
  },
  "identity.logout_tokens": { ...publicly("tenant_id", "provider_id", "expires_at"), token_hash: "secret" },
  "identity.domains": {
    ...publicly("tenant_id", "id", "name", "challenge", "verified_at", "checked_at", "created_by", "missing_since", "due_at"),
    ...versioned,
  },
  "identity.api_keys": {
    ...publicly("tenant_id", "id", "user_id", "name", "hint", "permissions", "allowed_addresses", "operations_per_minute", "expires_at"),
    ...publicly("last_used_at", "rotated_at", "revoked_at", "revoked_by", "created_by", "previous_secret_expires_at", "provider_id"),
    ...publicly("remind_at"),
    secret_hash: "secret",
    previous_secret_hash: "secret",
    last_used_address: of("user_id"),
    ...versioned,
  },
  "workflows.definitions": {
    ...publicly("tenant_id", "id", "key", "number", "name", "description", "status", "source", "format", "document"),
    ...publicly("created_by", "author_ids", "published_by", "published_at", "parent_id", "tags", "environments"),
    message: of("created_by"),
    ...versioned,
  },
  "workflows.instances": {
    // `data` belongs to the tenant. Only a definition could specify the person, and definitions don't support this yet.
    ...publicly("tenant_id", "id", "definition_id", "definition_key", "state", "status", "data"),
    ...publicly("subject_type", "subject_id", "request_type"),
    ...publicly("owner_id", "team_id", "assignee_user_id", "assignee_team_id", "assignee_vendor_id", "finished_at", "closed_at"),
    ...publicly("parent_id", "parent_state", "parent_version", "parent_rule", "child_index", "ancestors", "done_by", "environment"),
    ...publicly("is_deleted"),
    ...versioned,
  },
  "workflows.history": {
    ...publicly("tenant_id", "id", "instance_id", "version", "kind", "transition", "from_state", "to_state", "input", "changes", "at"),
    ...publicly("task_id", "is_automatic"),
    ...act,
    comment: of("actor_id"),
  },
  "workflows.tasks": {
    ...publicly("tenant_id", "id", "instance_id", "state", "rule", "title", "status", "version", "due_at", "created_at", "closed_at"),
    ...publicly("is_deleted", "candidate_roles", "candidate_user_ids", "candidate_team_ids", "candidate_vendor_ids"),
    ...publicly("assignee_id", "claimed_at", "completed_by", "on_behalf_of", "transition"),
    ...publicly(
      "copy",
      "priority",
      "checklist",
      "delegated_from",
      "opened_at_version",
      "vote",
      "question_id",
      "queue_key",
      "due_order",
      "overdue_at",
      "is_due_held",
      "asked_id",
      "step",
    ),
  },
  "workflows.task_candidates": {
    ...publicly("tenant_id", "id", "queue_key", "instance_id", "status", "assignee_id", "priority", "due_order", "created_at", "vote"),
  },
  "workflows.incidents": {
    ...publicly("tenant_id", "id", "instance_id", "instance_version", "kind", "state", "place", "message", "status"),
    ...publicly("resolution", "resolved_by", "created_at", "resolved_at"),
    comment: of("resolved_by"),
  },
  "workflows.runs": {
    ...publicly("tenant_id", "id", "instance_id", "definition_id", "state", "instance_version", "status", "ending", "inputs", "outputs"),
    ...publicly("has_begun", "is_received", "due_at", "version", "created_at", "finished_at"),
    ...publicly("left_at", "began_at", "retried_from_id", "is_watched", "attempts", "processor_ms", "memory_bytes", "calls", "tokens_in"),
    ...publicly("tokens_out", "cost_micros", "log_lines", "log_bytes"),
    secret_inputs: "secret",
    ...publicly("profile", "is_suspended", "failed_transactions", "failed_step", "sent_bytes", "received_bytes"),
  },
  "workflows.run_words": publicly("tenant_id", "run_id", "word"),
  "workflows.secrets": {
    ...publicly("tenant_id", "id", "name", "description"),
    value: "secret",
    ...publicly("domains", "value_changed_at", "last_used_at", "created_by"),
    ...versioned,
  },
  "workflows.definition_shares": {
    ...publicly("tenant_id", "id", "side", "partner_id", "partner_slug", "partner_name", "definition_key", "definition_name", "mode"),
    ...publicly("status", "message", "max_starts_per_hour", "expires_at", "sponsor_id", "answered_by", "answered_at", "revoked_by"),
    ...publicly("revoked_at", "refused_at", "max_open_runs"),
    ...versioned,
  },
  "workflows.definition_share_uses": publicly(
    "tenant_id",
    "id",
    "share_id",
    "side",
    "mode",
    "partner_name",
    "used_by",
    "instance_id",
    "definition_id",
    "definition_number",
    "created_at",
    "is_open",
  ),
  "workflows.security_profiles": {
    ...publicly("tenant_id", "id", "key", "name", "description", "rules", "created_by"),
    ...versioned,
  },
  "workflows.run_attempts": publicly(
    "tenant_id",
    "run_id",
    "step",
    "is_compensation",
    "attempt",
    "status",
    "error",
    "usage",
    "started_at",
    "finished_at",
  ),
  "workflows.run_logs": publicly("tenant_id", "run_id", "line", "id", "step", "attempt", "stream", "text", "at"),
  "workflows.run_steps": {
    ...publicly("tenant_id", "run_id", "step", "id", "status", "attempt", "failures", "lost", "outputs", "error", "not_before"),
    ...publicly("is_fallback", "is_parked", "ended", "item", "compensation", "compensation_attempt", "due_at", "lease_token", "started_at"),
    ...publicly("finished_at", "attempt_started_at", "usage", "queue", "queue_limit", "priority", "offered_task", "offered_at"),
  },
  "workflows.step_leases": {
    ...publicly("tenant_id", "token", "run_id", "step", "attempt", "is_compensation", "taken_by", "taken_at", "ends_at", "result"),
    ...publicly("reported_at", "log_lines"),
  },
  "workflows.step_waits": {
    ...publicly("tenant_id", "run_id", "step", "attempt", "is_compensation", "event", "conditions", "payload", "wait_until"),
  },
  "workflows.step_operations": {
    ...publicly(
      "tenant_id",
      "id",
      "run_id",
      "step",
      "lease_token",
      "user_id",
      "query",
      "variables",
      "idempotency_key",
      "claimed_until",
      "result",
      "created_at",
      "author_ids",
      "permissions",
    ),
  },
  "workflows.model_providers": {
    ...publicly("tenant_id", "id", "key", "name", "kind", "base_url", "secret", "prices", "created_by"),
    ...versioned,
  },
  "workflows.agents": {
    ...publicly("tenant_id", "id", "key", "name", "provider_id", "model", "instructions", "output_schema", "tools", "limits", "status"),
    ...publicly("created_by", "permissions", "author_id"),
    ...versioned,
  },
  "workflows.agent_sessions": {
    ...publicly("tenant_id", "id", "run_id", "step", "is_compensation", "parent_id", "depth", "definition_id", "agent_id", "agent_key"),
    ...publicly("agent_version", "agent", "prompt", "counted", "created_at"),
  },
  "workflows.agent_calls": {
    ...publicly("tenant_id", "id", "session_id", "turn", "status", "agent_id", "model", "request_hash", "response", "tokens_in"),
    ...publicly("tokens_out", "is_estimated", "cost_micros", "reserved_micros", "error", "duration_ms", "started_at", "finished_at"),
  },
  "workflows.agent_tool_calls": {
    ...publicly("tenant_id", "id", "session_id", "call_id", "position", "model_call_id", "tool", "arguments", "status", "approval_roles"),
    ...publicly("expires_at", "decided_by", "decided_at", "result", "duration_ms", "version", "created_at", "finished_at"),
    reason: of("decided_by"),
  },
  "workflows.timers": {
    ...publicly("tenant_id", "id", "instance_id", "task_id", "kind", "name", "state", "due_at", "status", "is_held", "armed_at_version"),
    ...publicly("payload", "attempts", "reason", "version", "created_at", "ended_at"),
  },
  "workflows.instance_fields": publicly("tenant_id", "instance_id", "definition_key", "field", "text_value", "number_value", "created_at"),
  "workflows.instance_words": publicly("tenant_id", "instance_id", "word"),
  "workflows.routing_rules": {
    ...publicly("tenant_id", "id", "route", "name", "position", "condition", "during_working_hours", "user_ids", "team_ids", "roles"),
    ...publicly("skill", "strategy", "is_active", "created_by"),
    ...versioned,
  },
  "workflows.sla_calendars": publicly("tenant_id", "key", "calendar", "created_at"),
  "workflows.sla_clocks": {
    ...publicly("tenant_id", "id", "instance_id", "task_id", "definition_key", "rule", "title", "phase", "paused_for", "is_paused_by_hand"),
    ...publicly("basis", "calendar_key", "target_seconds", "warn_seconds", "consumed_seconds", "entered_at", "started_at", "due_at"),
    ...publicly("warn_at", "breached_at", "ended_at", "told_seconds", "is_breach_told", "next_at", "entries"),
  },
  "workflows.sla_intervals": {
    ...publicly("tenant_id", "clock_id", "position", "instance_id", "phase", "cause", "from_at", "consumed_seconds", "target_seconds"),
    ...publicly("warn_seconds", "calendar_key", "actor_id", "recomputation_id"),
    reason: of("actor_id"),
  },
  "workflows.sla_policies": {
    ...publicly("tenant_id", "id", "key", "name", "position", "definition_key", "sla", "condition", "target", "warnings", "calendar"),
    ...publicly("request_type", "created_by", "deleted_at"),
    ...versioned,
  },
  "workflows.sla_policy_versions": {
    ...publicly("tenant_id", "policy_id", "version", "terms", "author_id", "created_at"),
    message: of("author_id"),
  },
  "workflows.sla_recomputations": {
    ...publicly("tenant_id", "id", "cause", "policy_id", "definition_key", "team_id", "requested_by", "waits_for", "total", "examined"),
    ...publicly("last_instance_id", "created_at", "completed_at"),
    message: of("requested_by"),
  },
  "workflows.escalation_runs": {
    ...publicly("tenant_id", "id", "instance_id", "definition_key", "chain", "title", "anchor", "task_id", "clock_id", "anchored_at"),
    ...publicly("next_level", "depth", "started_at", "ended_at", "end_reason"),
  },
  "workflows.escalations": {
    ...publicly("tenant_id", "id", "run_id", "instance_id", "definition_key", "chain", "title", "level", "anchor", "task_id", "due_at"),
    ...publicly("occurred_at", "outcome", "reason", "actions", "started_instance_id"),
  },
  "workflows.routing_turns": publicly("tenant_id", "rule_id", "user_id"),
  "workflows.triggers": {
    ...publicly("tenant_id", "id", "name", "event_type", "event_name", "condition", "action", "definition_key", "data", "correlation_key"),
    ...publicly(
      "transition",
      "input",
      "correlation",
      "correlation_field",
      "correlation_value",
      "max_matches",
      "on_no_match",
      "is_active",
      "stop_reason",
    ),
    ...publicly("after_position", "user_id", "created_by"),
    ...versioned,
  },
  "workflows.trigger_runs": {
    ...publicly("tenant_id", "id", "trigger_id", "event_id", "event_type", "outcome", "message", "correlation_key", "instance_id"),
    ...publicly("instances", "attempts", "created_at", "updated_at"),
  },
  "workflows.trigger_replays": {
    ...publicly("tenant_id", "id", "trigger_id", "trigger_version", "from_at", "to_at", "start_position", "end_position", "position"),
    ...publicly("reached_at", "examined_count", "run_count", "failed_count", "failures_in_row", "status", "stop_reason"),
    ...publicly("created_by", "created_at", "finished_at"),
  },
  "workflows.user_skills": { ...publicly("tenant_id", "user_id"), skill: of("user_id") },
  "workflows.absences": {
    ...publicly("tenant_id", "id", "user_id", "substitute_id", "starts_at", "ends_at", "created_by"),
    note: of("user_id"),
    ...versioned,
  },
  "workflows.task_links": {
    ...publicly("tenant_id", "id", "task_id", "user_id", "created_by", "created_at", "expires_at", "used_at", "revoked_at"),
    email_hash: "secret",
  },
  "workflows.task_comments": {
    ...publicly("tenant_id", "id", "task_id", "instance_id", "kind", "question_id", "asked_id", "author_id", "on_behalf_of", "created_at"),
    text: of("author_id"),
  },
  "workflows.internal_comments": {
    ...publicly("tenant_id", "id", "instance_id", "version", "state", "author_id", "on_behalf_of", "created_at"),
    text: of("author_id"),
  },
  "workflows.schedules": {
    ...publicly("tenant_id", "id", "name", "definition_key", "environment", "data", "team_id", "owner_id", "cron", "every_seconds"),
    ...publicly(
      "run_at",
      "time_zone",
      "starts_at",
      "ends_at",
      "jitter_seconds",
      "missed_runs",
      "catch_up_seconds",
      "overlap",
      "queue_limit",
    ),
    ...publicly(
      "max_failures",
      "failures_in_row",
      "attempts",
      "attempted_at",
      "status",
      "paused_by",
      "paused_at",
      "paused_until",
      "planned_since",
      "next_planned_at",
    ),
    ...publicly("next_run_at", "due_at", "created_by"),
    pause_reason: of("paused_by"),
    ...versioned,
  },
  "workflows.schedule_runs": {
    ...publicly("tenant_id", "id", "schedule_id", "planned_at", "kind", "status", "instance_id", "code", "message", "requested_by"),
    ...publicly("created_at", "started_at", "is_open"),
  },
  "workflows.bulk_operations": {
    ...publicly("tenant_id", "id", "kind", "status", "params", "undoes_id", "total", "done", "failed", "message"),
    ...publicly("created_by", "session_id", "finished_at"),
    comment: of("created_by"),
    ...versioned,
  },
  "workflows.bulk_items": {
    ...publicly("tenant_id", "operation_id", "position", "instance_id", "planned_version", "status", "code", "message"),
    ...publicly("attempts", "unavailable", "result_version", "kept", "has_kept", "finished_at", "run_id"),
  },
  // The counts name the users who completed tasks by their IDs.
  "workflows.statistics": {
    ...publicly("tenant_id", "team_id", "span", "starts_at", "definition_id", "environment", "state", "counts", "durations", "ms"),
  },
  "workflows.statistics_instances": {
    ...publicly("tenant_id", "instance_id", "version", "definition_id", "team_id", "state", "status", "is_finished", "entered_at"),
  },
  "requests.request_types": {
    ...publicly("tenant_id", "id", "key", "name", "description", "definition_key", "number_prefix", "route"),
    ...publicly("submit_transition", "cancel_transition", "close_transition", "reopen_transition", "fields"),
    ...publicly("status", "icon", "position", "role_keys", "team_ids", "is_numbered_by_year", "number_digits", "default_priority"),
    ...publicly("watcher_role_keys", "watcher_team_ids", "watcher_user_ids"),
    ...versioned,
  },
  "requests.request_type_versions": {
    ...publicly("tenant_id", "type_id", "version", "terms", "author_id", "created_at"),
    message: of("author_id"),
  },
  "requests.requests": {
    ...publicly("tenant_id", "id", "number", "type_id", "instance_id", "building_id", "asset_id", "space_id", "created_by"),
    ...publicly("link_id", "impact", "urgency", "set_priority", "priority", "due_at", "due_order", "tags"),
    ...publicly("is_deleted", "deleted_at", "deleted_by", "is_from_email"),
    ...versioned,
  },
  // `fields` belongs to the tenant. Only a schema could specify the person, and schemas don't support this yet.
  "requests.buildings": {
    ...publicly("tenant_id", "id", "code", "name", "address", "postal_code", "city", "region", "country", "latitude", "longitude"),
    ...publicly("time_zone", "status", "deleted_at", "fields", "fields_version"),
    ...versioned,
  },
  "requests.building_contacts": publicly("tenant_id", "id", "building_id", "user_id", "team_id", "role", "created_at"),
  "requests.building_users": publicly("tenant_id", "building_id", "user_id", "created_at"),
  "requests.spaces": {
    ...publicly("tenant_id", "id", "building_id", "parent_id", "kind", "code", "name", "position", "deleted_at"),
    ...versioned,
  },
  "requests.comments": {
    ...publicly("tenant_id", "id", "request_id", "audience", "vendor_id", "author_id", "on_behalf_of", "mentioned_ids"),
    ...publicly("version", "created_at", "edited_at", "deleted_at", "deleted_by", "copied_from_id", "email_hash"),
    text: of("author_id"),
  },
  "requests.reply_addresses": {
    ...publicly("tenant_id", "key", "request_id", "user_id", "audience", "vendor_id", "hour_started_at", "hour_count", "created_at"),
  },
  "requests.inbound_mail_addresses": {
    ...publicly("tenant_id", "id", "key", "name", "type_id", "subject_field", "text_field", "data", "is_active"),
    ...publicly("hour_started_at", "hour_count", "last_received_at", "created_by"),
    ...versioned,
  },
  "requests.emailed_requests": publicly("tenant_id", "request_id", "address_id", "user_id", "email_hash"),
  "requests.copies": publicly("tenant_id", "id", "kind", "from_id", "to_id", "actor_id", "on_behalf_of", "created_at"),
  "requests.former_instances": {
    ...publicly("tenant_id", "instance_id", "request_id", "type_id", "actor_id", "on_behalf_of", "created_at", "converted_at"),
  },
  "requests.links": publicly("tenant_id", "kind", "from_id", "to_id", "created_by", "created_at"),
  "requests.vendor_offers": {
    ...publicly("tenant_id", "id", "request_id", "vendor_id", "status", "request_number", "title", "category", "building_name", "due_at"),
    ...publicly("offered_by", "offered_at", "expires_at", "answered_by", "ended_at", "version"),
    note: of("offered_by"),
    reason: of("answered_by"),
  },
  "requests.watchers": publicly("tenant_id", "request_id", "user_id", "added_by", "created_at", "ended_at"),
  "requests.request_editors": {
    ...publicly("tenant_id", "request_id", "session_id", "user_id", "activity", "is_internal", "began_at", "expires_at"),
  },
  "requests.comment_versions": {
    ...publicly("tenant_id", "comment_id", "version", "author_id", "replaced_at"),
    text: of("author_id"),
  },
  "requests.asset_types": {
    ...publicly("tenant_id", "id", "key", "name", "icon", "position", "status", "has_unique_serial_numbers"),
    ...publicly("lifecycle_definition_key", "lifecycle_statuses", "warranty_notice_days", "inspection_notice_days"),
    ...versioned,
  },
  "requests.assets": {
    ...publicly(
      "tenant_id",
      "id",
      "building_id",
      "space_id",
      "tag",
      "name",
      "type",
      "status",
      "installed_on",
      "has_unique_serial_number",
      "serial_number",
    ),
    ...publicly(
      "manufacturer",
      "model",
      "owner_user_id",
      "owner_team_id",
      "owner_vendor_id",
      "custodian_id",
      "purchased_on",
      "purchase_cost",
    ),
    ...publicly("fields", "fields_version"),
    ...publicly("purchase_currency", "warranty_until", "inspection_due_on", "parent_id", "deleted_at", "deleted_by", "instance_id"),
    ...versioned,
  },
  "requests.asset_transfers": {
    ...publicly("tenant_id", "id", "asset_id", "from_building_id", "to_building_id", "moved_with_id", "actor_id", "created_at"),
    reason: of("actor_id"),
  },
  "requests.request_form_links": {
    ...publicly("tenant_id", "id", "asset_id", "type_id", "requests_per_hour", "expires_at", "revoked_at"),
    ...publicly("request_count", "last_used_at", "hour_started_at", "hour_count", "created_by"),
    ...versioned,
    note: of("created_by"),
  },
  "requests.meters": {
    ...publicly("tenant_id", "id", "asset_id", "name", "unit", "kind", "status", "above", "below", "every"),
    ...versioned,
  },
  "requests.meter_readings": {
    ...publicly("tenant_id", "id", "meter_id", "read_at", "value", "shift", "is_reset", "recorded_by", "recorded_at"),
    ...publicly("replaces_id", "replaced_by_id"),
    note: of("recorded_by"),
    reason: of("recorded_by"),
  },
  "requests.maintenance_plans": {
    ...publicly("tenant_id", "id", "name", "type_id", "data", "building_id", "asset_id", "space_id", "priority", "due_in_seconds", "tags"),
    ...publicly("cron", "every_seconds", "time_zone", "starts_at", "ends_at", "planned_since", "next_planned_at", "next_run_at"),
    ...publicly("meter_id", "meter_every", "meter_lead", "next_total", "missed_runs", "catch_up_seconds", "owner_id", "status"),
    ...publicly("paused_by", "paused_at", "failures_in_row", "due_at", "created_by"),
    pause_reason: of("paused_by"),
    ...versioned,
  },
  "requests.asset_dates": publicly("tenant_id", "asset_id", "kind", "on_date", "due_at", "announced_date"),
  "requests.maintenance_occurrences": {
    ...publicly("tenant_id", "id", "plan_id", "cause", "planned_at", "total", "status", "starts_at", "request_id", "decided_by"),
    ...publicly("code", "message", "created_at"),
    reason: of("decided_by"),
  },
  // Email address and phone number of an organization, not of a person.
  "vendors.vendors": {
    ...publicly("tenant_id", "id", "code", "name", "email", "phone", "categories", "fields", "fields_version"),
    ...publicly("status", "status_reason", "status_changed_at", "instance_id", "registration_method", "registration_link_id"),
    ...versioned,
  },
  // The invited person has no user: the ID of the link identifies them.
  "vendors.registration_links": {
    ...publicly("tenant_id", "id", "registrations_per_hour", "max_registrations", "expires_at", "revoked_at", "registration_count"),
    ...publicly("last_used_at", "hour_started_at", "hour_count", "created_by"),
    ...versioned,
    note: of("created_by"),
    email: of("id"),
  },
  // A contact has no user: the ID of the contact identifies the person.
  "vendors.vendor_contacts": {
    ...publicly("tenant_id", "id", "vendor_id", "role", "is_primary"),
    ...versioned,
    name: of("id"),
    email: of("id"),
    phone: of("id"),
  },
  "vendors.vendor_rates": {
    ...publicly("tenant_id", "vendor_id", "position", "category", "unit", "amount", "currency", "valid_from", "valid_until"),
  },
  "vendors.vendor_service_areas": publicly("tenant_id", "vendor_id", "position", "region", "building_id", "region_key"),
  "vendors.ratings": {
    ...publicly("tenant_id", "id", "vendor_id", "request_id", "rated_by", "stars", "is_for_vendor"),
    ...versioned,
    comment: of("rated_by"),
  },
  "vendors.work": {
    ...publicly("tenant_id", "id", "vendor_id", "request_id", "instance_id", "version", "outcome", "assigned_at", "responded_at"),
    ...publicly("ended_at", "reopened", "is_sla_met", "stars", "rated_at", "is_deleted"),
  },
  "vendors.work_days": {
    ...publicly("tenant_id", "vendor_id", "day", "id", "assigned", "responded", "response_us", "completed", "completion_us"),
    ...publicly("reopened", "measured", "met", "rated", "stars"),
  },
  "vendors.availability": publicly("tenant_id", "vendor_id", "calendar", "max_open", "per_day", "per_week"),
  // Why an organization is absent, not a person.
  "vendors.absences": publicly("tenant_id", "vendor_id", "from_day", "until_day", "reason"),
  "vendors.projects": {
    ...publicly("tenant_id", "id", "code", "name", "description", "instance_id", "budget_amount", "currency", "created_by"),
    ...publicly("starts_on", "ends_on", "starts_order", "ends_order", "manager_id", "is_deleted", "deleted_at", "deleted_by"),
    ...publicly("fields", "fields_version"),
    ...versioned,
  },
  // The parties are organizations.
  "vendors.contracts": {
    ...publicly("tenant_id", "id", "number", "kind", "status", "vendor_id", "project_id", "owner_id", "owner_notes", "title", "amount"),
    ...publicly("currency", "starts_on", "ends_on", "signed_number", "created_by", "deleted_at", "deleted_by"),
    ...publicly("reminder_days", "reminded_for", "reminded_days", "terminates_on", "termination_reason", "due_at"),
    ...versioned,
  },
  "vendors.contract_versions": {
    ...publicly("tenant_id", "contract_id", "number", "vendor_id", "status", "content", "hash", "instance_id", "reason"),
    ...publicly("created_by", "created_at", "updated_at", "submitted_by", "submitted_at", "signed_at"),
  },
  "vendors.documents": {
    ...publicly("tenant_id", "id", "vendor_id", "kind", "title", "number", "issued_on", "valid_until", "status", "reason"),
    ...publicly("valid_until_order", "reviewed_by", "reviewed_at", "reminded_for", "reminded_days", "expired_for", "due_at", "created_by"),
    ...publicly("deleted_at", "deleted_by"),
    ...versioned,
    review_note: of("reviewed_by"),
  },
  "vendors.document_requirements": publicly("tenant_id", "version", "requirements", "updated_by", "updated_at"),
  "vendors.contract_obligations": {
    ...publicly("tenant_id", "id", "contract_id", "title", "party", "due_on", "recurrence", "anchor_on", "completed_count", "amount"),
    ...publicly("currency", "reminder_days", "reminded_for", "reminded_days", "due_at", "completed_for", "completed_at", "completed_by"),
    ...publicly("done_at", "created_by", "deleted_at", "deleted_by"),
    ...versioned,
    completion_note: of("completed_by"),
  },
  "vendors.project_members": publicly("tenant_id", "project_id", "user_id", "role", "created_at"),
  "vendors.project_vendors": {
    ...publicly("tenant_id", "id", "project_id", "vendor_id", "role", "assigned_by", "assigned_at", "ended_by", "ended_at"),
  },
  "vendors.project_plans": publicly("tenant_id", "project_id", "version", "calendar", "direction", "start_at", "finish_at", "updated_at"),
  "vendors.project_tasks": {
    ...publicly("tenant_id", "id", "project_id", "parent_id", "position", "name", "description", "duration_minutes", "constraint_kind"),
    ...publicly("constraint_at", "deadline_at", "calendar", "estimate_minutes", "actual_minutes", "percent_complete", "actual_start_at"),
    ...publicly("actual_finish_at", "assignee_user_id", "assignee_vendor_id", "created_by", "deleted_at", "deleted_by"),
    ...publicly("is_hidden"),
    ...versioned,
  },
  "vendors.project_task_reports": {
    ...publicly("tenant_id", "id", "task_id", "percent_complete", "worked_minutes", "reported_by", "reported_at"),
    note: of("reported_by"),
  },
  "vendors.project_task_dependencies": {
    ...publicly("tenant_id", "id", "project_id", "predecessor_id", "successor_id", "kind", "lag_minutes"),
    ...versioned,
  },
  "vendors.scope_items": {
    ...publicly("tenant_id", "id", "project_id", "title", "description", "acceptance_criteria", "status", "created_by", "removed_at"),
    ...versioned,
  },
  "vendors.scope_versions": publicly(
    "tenant_id",
    "id",
    "project_id",
    "number",
    "content",
    "hash",
    "change_id",
    "approved_by",
    "approved_at",
  ),
  "vendors.scope_changes": {
    ...publicly("tenant_id", "id", "project_id", "number", "status", "reason", "outcome_reason", "proposal", "impact", "application"),
    ...publicly("base_number", "base_project_version", "base_plan_version", "applied_number", "instance_id", "created_by"),
    ...versioned,
  },
  "vendors.project_baselines": {
    ...publicly("tenant_id", "id", "project_id", "number", "name", "is_current", "plan_version", "scope_number", "start_at", "finish_at"),
    ...publicly("work_minutes", "budget_amount", "currency", "version", "created_by", "created_at"),
  },
  "vendors.project_baseline_tasks": publicly(
    "tenant_id",
    "baseline_id",
    "task_id",
    "place",
    "name",
    "start_at",
    "finish_at",
    "work_minutes",
  ),
  "vendors.milestones": {
    ...publicly("tenant_id", "id", "project_id", "name", "description", "due_on", "owner_id", "status", "instance_id", "submitted_by"),
    ...publicly(
      "submitted_at",
      "reached_at",
      "reason",
      "reminded_for",
      "reminded_days",
      "due_at",
      "created_by",
      "deleted_at",
      "deleted_by",
    ),
    ...versioned,
  },
  "vendors.milestone_tasks": publicly("tenant_id", "milestone_id", "task_id", "project_id"),
  "vendors.project_costs": {
    ...publicly("tenant_id", "id", "project_id", "spent_on", "amount", "currency", "category", "vendor_id", "contract_id", "note"),
    ...publicly("recorded_by", "recorded_at", "corrects_id", "voided_at", "voided_by", "void_reason", "version"),
  },
  "vendors.project_risks": {
    ...publicly("tenant_id", "id", "project_id", "title", "probability", "impact", "score", "mitigation", "owner_id", "status"),
    ...publicly("outcome", "closed_at", "created_by"),
    ...versioned,
  },
  "vendors.project_decisions": {
    ...publicly("tenant_id", "id", "project_id", "title", "decision", "reason", "decided_on", "decided_by", "status", "outcome"),
    ...publicly("closed_at", "created_by"),
    ...versioned,
  },
  "vendors.project_templates": {
    ...publicly("tenant_id", "id", "name", "description", "content", "created_by"),
    ...versioned,
  },
  // Personal values in payloads and images are already encrypted.
  "events.webhooks": {
    ...publicly("tenant_id", "id", "name", "url", "event_types", "condition", "header_names", "is_ordered", "rate_limit", "status"),
    ...publicly("stop_reason", "status_changed_at", "previous_secret_expires_at", "after_position", "created_by"),
    ...publicly("payload_query", "payload_user_id", "payload_generation"),
    headers: "secret",
    secret: "secret",
    previous_secret: "secret",
    ...versioned,
  },
  "events.webhook_states": {
    ...publicly("tenant_id", "webhook_id", "consecutive_failures", "failing_since", "last_failed_at", "blocked_until", "rate_used_until"),
    ...publicly("slow_until", "unreadable_since", "last_subject_id", "last_claimed_at", "active_since", "payload_error"),
  },
  "events.delivery_pauses": { ...publicly("tenant_id", "channel", "paused_by", "paused_at", "resumed_at"), reason: of("paused_by") },
  "events.webhook_deliveries": {
    ...publicly("tenant_id", "id", "webhook_id", "seq", "message_id", "event_id", "event_type", "subject_id", "replay_of"),
    ...publicly("status", "attempts", "next_attempt_at", "lease_until", "claim_token", "last_status", "last_error", "last_latency_ms"),
    ...publicly("has_payload", "payload_due_at", "payload_attempts", "payload_user_id", "created_at", "finished_at"),
    ...publicly("payload_generation", "payload_lapses", "payload_failing_since", "takeovers"),
    // With a selected payload, a ciphertext of what a user can see, which can be about anybody. Deleted by age.
    body: "secret",
  },
  "events.webhook_attempts": {
    ...publicly("tenant_id", "id", "delivery_id", "number", "started_at", "latency_ms", "request_headers", "status"),
    ...publicly("response_headers", "response_body", "is_truncated", "error", "payload_user_id"),
  },
  "events.replays": {
    ...publicly("tenant_id", "id", "webhook_id", "from_at", "to_at", "event_types", "start_position", "end_position", "position"),
    ...publicly("reached_at", "queued_count", "status", "created_by", "created_at", "finished_at"),
  },
  "events.log": {
    ...publicly("tenant_id", "id", "type", "type_version", "subject_type", "subject_id", "subject_version", "related", "payload"),
    ...publicly("cause_id", "request_id", "trace_id", "occurred_at"),
    ...act,
  },
  "events.outbox": publicly("tenant_id", "event_id", "seq"),
  "events.positions": publicly("tenant_id", "position", "event_id"),
  "events.retention": publicly(
    "tenant_id",
    "deleted_position",
    "deleted_until",
    "examined_position",
    "deliveries_deleted_until",
    "runs_deleted_until",
  ),
  "events.position_heads": publicly("tenant_id", "position"),
  "events.consumer_cursors": publicly("tenant_id", "consumer", "position", "attempts", "careful_to", "parked_in_row"),
  "events.inbound_webhooks": {
    ...publicly("tenant_id", "id", "name", "scheme", "settings", "previous_secret_expires_at", "status", "event_type", "condition"),
    ...publicly("payload", "subject", "header_names", "user_id", "created_by"),
    ...versioned,
    secret: "secret",
    previous_secret: "secret",
  },
  "events.inbound_messages": {
    ...publicly("tenant_id", "id", "webhook_id", "message_id", "replay_key", "size", "status", "event_id", "attempts"),
    ...publicly("received_at", "handled_at"),
    // Ciphertexts of what another system sent, which can be about anybody. Deleted by age.
    content: "secret",
    error: "secret",
  },
  "events.parked": publicly("tenant_id", "consumer", "event_id", "position", "instance_id", "attempts", "status", "parked_at", "id"),
  "events.custom_types": {
    ...publicly("tenant_id", "id", "name", "description", "payload_schema", "type_version", "created_by", "deleted_at"),
    ...versioned,
  },
  "events.integrations": {
    ...publicly("tenant_id", "id", "key", "name", "connector", "configuration", "credential_names", "status", "health", "checked_at"),
    ...publicly("last_error", "last_error_at", "failures_in_row", "blocked_until", "call_count", "failed_call_count", "last_called_at"),
    ...publicly("resumed_at", "hour_started_at", "calls_in_hour", "limited_until"),
    credentials: "secret",
    ...publicly("created_by"),
    ...versioned,
  },
  "events.integration_calls": {
    ...publicly("tenant_id", "id", "integration_key", "integration_id", "action", "status", "attempts", "next_attempt_at", "claim_token"),
    ...publicly("error", "event_id", "instance_id", "follow_up", "follow_up_status", "follow_up_error", "created_by", "finished_at"),
    input: "secret",
    result: "secret",
    ...versioned,
  },
  "events.integration_triggers": {
    ...publicly("tenant_id", "id", "integration_id", "name", "trigger", "configuration", "interval_seconds", "event_type", "condition"),
    ...publicly("payload", "subject", "status", "is_from_beginning", "started_at", "next_poll_at", "claim_token", "last_polled_at"),
    ...publicly("last_succeeded_at", "failures_in_row", "last_error_at", "published_count", "ignored_count", "failed_count"),
    ...publicly("user_id", "created_by"),
    // Ciphertexts of values of another system, which can be about anybody.
    cursor: "secret",
    last_error: "secret",
    ...versioned,
  },
  "audit.entries": {
    ...publicly("tenant_id", "id", "action", "entity_type", "entity_id", "before", "after", "session_id", "request_id", "at"),
    ...act,
    address: of("actor_id"),
  },
  "audit.unsealed": publicly("tenant_id", "entry_id", "seq"),
  "audit.seals": publicly("tenant_id", "sequence", "entry_id", "entry_hash", "hash", "sealed_at"),
  "audit.checkpoints": publicly("tenant_id", "sequence", "hash", "signature", "at"),
  "audit.verifications": {
    ...publicly("tenant_id", "id", "status", "known_checkpoint", "total", "sequence", "hash", "checkpoint", "is_valid", "problem"),
    ...publicly("unsealed", "message", "created_by", "created_at", "updated_at", "finished_at"),
  },
  "audit.verified_ends": publicly("tenant_id", "sequence", "checkpoint", "verified_at"),
  "audit.notifications": {
    ...publicly("tenant_id", "id", "user_id", "event_id", "kind", "title"),
    ...publicly("subject_type", "subject_id", "params", "read_at", "created_at", "is_deleted", "archived_at", "rule_id"),
  },
  "audit.notification_rules": {
    ...publicly("tenant_id", "id", "name", "event_types", "condition", "recipients", "title", "body", "channels", "is_mandatory"),
    ...publicly("status", "after_position", "owner_id", "last_cut_at", "last_cut_count"),
    ...versioned,
  },
  "audit.notification_templates": {
    ...publicly("tenant_id", "id", "kind", "channel", "locale", "published_number", "latest_number"),
    ...versioned,
  },
  "audit.notification_template_versions": {
    ...publicly("tenant_id", "template_id", "number", "created_by", "created_at"),
    ...publicly("subject", "body", "text", "html"),
  },
  "audit.notification_preferences": {
    ...publicly("tenant_id", "user_id", "kind", "channel", "is_enabled", "digest"),
    ...publicly("quiet_from", "quiet_to", "snoozed_until", "updated_at"),
  },
  "audit.notification_deliveries": {
    ...publicly("tenant_id", "id", "user_id", "notification_id", "event_id", "kind", "channel", "status", "reason", "due_at"),
    ...publicly(
      "message_id",
      "bundled_at",
      "attempts",
      "claims",
      "ready_at",
      "next_attempt_at",
      "sent_at",
      "required_access",
      "destination_id",
      "is_mandatory",
      "created_at",
      "updated_at",
    ),
    // The answer of a mail server can contain the address.
    last_error: of("user_id"),
    address_hash: "secret",
    ...publicly("team_id", "rule_id", "title", "body"),
  },
  "audit.notification_destinations": {
    ...publicly("tenant_id", "id", "user_id", "channel", "format", "status", "created_at", "updated_at"),
    name: of("user_id"),
    reason: of("user_id"),
    host: of("user_id"),
    address: "secret",
    address_hash: "secret",
    ...publicly("team_id"),
  },
  "audit.text_messages": {
    ...publicly(
      "tenant_id",
      "id",
      "user_id",
      "destination_id",
      "purpose",
      "status",
      "wrong_tries",
      "attempts",
      "next_attempt_at",
      "expires_at",
      "created_at",
    ),
    address_hash: "secret",
    code_hash: "secret",
  },
  "audit.mail_suppressions": {
    ...publicly("tenant_id", "user_id", "address_hash", "created_at"),
    reason: of("user_id"),
  },
};

/**
 * Returns the classification of a column, by its name in the database (`password_hash`) or in code (`passwordHash`). Throws if the column is unknown;
 * it must be classified first.
 */
export function classificationOf(table: PgTable, column: string): Classification {
  const { schema, name } = getTableConfig(table);
  const inDatabase = getTableColumns(table)[column]?.name ?? column;
  const classification = personalData[`${schema}.${name}`]?.[inDatabase];
  if (classification === undefined) throw new Error(`The column ${column} of ${schema}.${name} is not in the registry of personal data.`);
  return classification;
}

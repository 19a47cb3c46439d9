import type { Sql } from "@weft/pg-driver";
import { getTableConfig } from "drizzle-orm/pg-core";
import { tables } from "./all-tables.js";

/** Returns a readable ID: the tenant's number first, the object's number last. */
export const uuid = (tenant: number, thing: number) =>
  `0189${String(tenant).padStart(4, "0")}-0000-7000-8000-${String(thing).padStart(12, "0")}`;

export function idsOf(tenant: number) {
  const id = (thing: number) => uuid(tenant, thing);
  return {
    tenant: id(0),
    staff: id(1),
    vendorUser: id(2),
    otherVendorUser: id(3),
    vendor: id(11),
    otherVendor: id(12),
    building: id(21),
    otherBuilding: id(22),
    asset: id(23),
    otherAsset: id(24),
    role: id(31),
    team: id(32),
    definition: id(41),
    type: id(42),
    mailAddress: id(89),
    /** A definition without instances that the vendor has access to. */
    otherDefinition: id(43),
    session: id(51),
    staffSession: id(52),
    /** Two requests with all related objects. The vendor has access to the first one. */
    given: {
      instance: id(101),
      request: id(102),
      task: id(103),
      history: id(104),
      event: id(105),
      entry: id(106),
      project: id(107),
      notification: id(108),
    },
    hidden: {
      instance: id(201),
      request: id(202),
      task: id(203),
      history: id(204),
      event: id(205),
      entry: id(206),
      project: id(207),
      notification: id(208),
    },
  };
}

/** Values of required columns, by type. */
const examples: Readonly<Record<string, string>> = {
  uuid: "gen_random_uuid()",
  text: "'X1'",
  integer: "1",
  bigint: "1",
  boolean: "false",
  date: "now()",
  "timestamp with time zone": "now()",
  jsonb: "'{}'",
};

/** Writes a row with the required columns into each table of which the tenant has none. Tables with stricter columns need a row in `seedFullTenant`. */
async function fillEmptyTables(sql: Sql, tenantId: string): Promise<void> {
  const required = new Map(
    tables
      .map(getTableConfig)
      .map(({ schema, name, columns }) => [`${schema}.${name}`, columns.filter((column) => column.notNull && !column.hasDefault)]),
  );
  const ofTenants = [...required].filter(([, columns]) => columns.some(({ name }) => name === "tenant_id")).map(([name]) => name);
  const empty = await sql.unsafe<{ name: string }[]>(
    ofTenants
      .map((name) => `select '${name}' as name where not exists (select from ${name} where tenant_id = '${tenantId}')`)
      .join(" union all "),
  );
  for (const { name } of empty) {
    const columns = required.get(name) ?? [];
    const values = columns.map((column) => (column.name === "tenant_id" ? `'${tenantId}'` : (examples[column.getSQLType()] ?? "null")));
    await sql.unsafe(`insert into ${name} (${columns.map((column) => `"${column.name}"`).join(", ")}) values (${values.join(", ")})`);
  }
}

/** Writes rows into every table, as a superuser. `hidden` has events and entries about the building that the vendor can see. */
export async function seedFullTenant(sql: Sql, tenant: number): Promise<ReturnType<typeof idsOf>> {
  const ids = idsOf(tenant);
  const t = ids.tenant;
  const token = uuid(tenant, 61);
  const staffToken = uuid(tenant, 62);
  const script = `
    insert into identity.tenants (tenant_id, slug, name) values ('${t}', 'tenant-${tenant}', 'Tenant');
    insert into identity.clock_advances (tenant_id, id, status, from_at, target_at, reached_at, counted_position, created_by, finished_at)
      values ('${t}', '${uuid(tenant, 71)}', 'COMPLETED', now(), now() + interval '1 day', now() + interval '1 day', 0, '${ids.staff}', now());
    insert into vendors.vendors (tenant_id, id, code, name) values ('${t}', '${ids.vendor}', 'V1', 'V1'), ('${t}', '${ids.otherVendor}', 'V2', 'V2');
    insert into identity.users (tenant_id, id, email, username, name, type, vendor_id) values
      ('${t}', '${ids.staff}', 's@x', 's', 'S', 'EMPLOYEE', null), ('${t}', '${ids.vendorUser}', 'v@x', 'v', 'V', 'VENDOR', '${ids.vendor}'),
      ('${t}', '${ids.otherVendorUser}', 'w@x', 'w', 'W', 'VENDOR', '${ids.otherVendor}');
    select set_config('app.tenant_id', '${t}', true); call app.index_user('${ids.staff}'); call app.index_user('${ids.vendorUser}');
    insert into identity.login_names values ('hash-${tenant}', '${t}', '${ids.staff}');
    insert into identity.roles (tenant_id, id, key, name) values ('${t}', '${ids.role}', 'r', 'R'), ('${t}', '${uuid(tenant, 33)}', 'own', 'Own');
    insert into identity.role_permissions values ('${t}', '${ids.role}', 'request.read', 'TENANT'), ('${t}', '${uuid(tenant, 33)}', 'request.read', 'ASSIGNED');
    insert into identity.role_ancestors select tenant_id, id, id from identity.roles where tenant_id = '${t}';
    insert into identity.custom_permissions (tenant_id, name, description) values ('${t}', 'custom.approve', 'Approves.');
    insert into identity.role_parents values ('${t}', '${ids.role}', '${uuid(tenant, 33)}');
    insert into identity.role_ancestors values ('${t}', '${ids.role}', '${uuid(tenant, 33)}');
    insert into identity.user_permissions (tenant_id, user_id, permission, scope, effect) values
      ('${t}', '${ids.staff}', 'audit.read', 'OWN', 'GRANT'), ('${t}', '${ids.vendorUser}', 'user.read', 'TENANT', 'DENY');
    insert into identity.user_roles values ('${t}', '${ids.staff}', '${ids.role}'), ('${t}', '${ids.vendorUser}', '${uuid(tenant, 33)}');
    insert into identity.teams (tenant_id, id, key, name) values ('${t}', '${ids.team}', 't', 'T');
    insert into identity.team_members (tenant_id, team_id, user_id) values ('${t}', '${ids.team}', '${ids.staff}');
    insert into identity.sessions (tenant_id, id, user_id, expires_at) values ('${t}', '${ids.session}', '${ids.vendorUser}', now()), ('${t}', '${ids.staffSession}', '${ids.staff}', now());
    insert into identity.refresh_tokens (tenant_id, id, session_id, expires_at) values ('${t}', '${token}', '${ids.session}', now()), ('${t}', '${staffToken}', '${ids.staffSession}', now());
    insert into identity.password_history (tenant_id, user_id, id, password_hash) values ('${t}', '${ids.vendorUser}', '${uuid(tenant, 62)}', 'h');
    insert into identity.one_time_tokens (tenant_id, id, user_id, purpose, email_hash, expires_at) values ('${t}', '${uuid(tenant, 63)}', '${ids.vendorUser}', 'INVITATION', 'h', now());
    insert into identity.identity_providers (tenant_id, id, kind, name, status, configuration, creates_users, accepts_unverified_email, redirect_urls, created_by)
      values ('${t}', '${uuid(tenant, 250)}', 'OIDC', 'P', 'ACTIVE', '{}', false, false, '{}', '${ids.staff}');
    insert into identity.user_identities (tenant_id, id, provider_id, issuer, subject, user_id) values ('${t}', '${uuid(tenant, 241)}', '${uuid(tenant, 250)}', 'https://id.example', 's', '${ids.staff}');
    insert into identity.provider_logins (tenant_id, id, provider_id, issuer, redirect_url, code_challenge, expires_at)
      values ('${t}', '${uuid(tenant, 252)}', '${uuid(tenant, 250)}', 'https://id.example', 'https://app.example', 'c', now());
    insert into identity.logout_tokens (tenant_id, provider_id, token_hash, expires_at) values ('${t}', '${uuid(tenant, 250)}', 'h', now());
    insert into identity.domains (tenant_id, id, name, challenge, created_by) values ('${t}', '${uuid(tenant, 253)}', 'acme.example', 'c', '${ids.staff}');
    insert into identity.second_factors (tenant_id, id, user_id, kind, secret) values ('${t}', '${uuid(tenant, 65)}', '${ids.vendorUser}', 'TOTP', 'sealed');
    insert into identity.recovery_codes (tenant_id, id, user_id, code_hash) values ('${t}', '${uuid(tenant, 65)}', '${ids.vendorUser}', 'h');
    insert into identity.passkeys (tenant_id, id, user_id, name, credential_id, public_key, sign_count, transports, is_syncable, is_backed_up) values ('${t}', '${uuid(tenant, 66)}', '${ids.vendorUser}', 'n', 'c', 'k', 0, '{}', false, false);
    insert into identity.wrong_codes (tenant_id, user_id, code_count) values ('${t}', '${ids.vendorUser}', 1);
    insert into identity.gateway_reports (tenant_id, gateway_id, expires_at) values ('${t}', '${uuid(tenant, 67)}', now());
    insert into identity.session_connections (tenant_id, session_id, gateway_id, connection_count, connected_since, user_id)
      select tenant_id, id, '${uuid(tenant, 67)}', 1, now(), user_id from identity.sessions where tenant_id = '${t}' and id in ('${ids.session}', '${ids.staffSession}');
    insert into identity.used_challenges (tenant_id, user_id, challenge_hash, expires_at) values ('${t}', '${ids.vendorUser}', 'h', now());
    insert into identity.pending_logins (tenant_id, id, user_id, password_fingerprint, name_hash, address, expires_at) values ('${t}', '${uuid(tenant, 65)}', '${ids.vendorUser}', 'h', 'h', 'a', now());
    insert into identity.api_keys (tenant_id, id, user_id, name, secret_hash, hint, permissions, created_by) values ('${t}', '${uuid(tenant, 241)}', '${ids.staff}', 'k', 'h', 'h', '[]', '${ids.staff}');
    insert into identity.applications (tenant_id, id, key, name, created_by) values ('${t}', '${uuid(tenant, 254)}', 'a', 'A', '${ids.staff}');
    insert into identity.operation_manifests (tenant_id, id, application_id, environment, number, digest, document_count, created_by)
      values ('${t}', '${uuid(tenant, 255)}', '${uuid(tenant, 254)}', 'PROD', 1, 'd', 1, '${ids.staff}');
    insert into identity.stored_documents (tenant_id, id, manifest_id, document_id, kind, body)
      values ('${t}', '${uuid(tenant, 256)}', '${uuid(tenant, 255)}', 'd', 'QUERY', '{ me { id } }');
    insert into identity.unlisted_operations (tenant_id, id, client, name, kind, first_at, last_at)
      values ('${t}', '${uuid(tenant, 257)}', 'a', 'n', 'QUERY', now(), now());
    insert into app.mails (tenant_id, id, person_id, template, destination_hash, content) values ('${t}', '${uuid(tenant, 64)}', '${ids.vendorUser}', 'invitation', 'h', 'sealed');
    insert into app.idempotency_keys values ('${t}', '${ids.staff}', 'm', 'k', 'h'), ('${t}', '${ids.vendorUser}', 'm', 'k', 'h');
    insert into app.person_keys values ('${t}', '${ids.staff}', 'wrapped');
    insert into app.tenant_keys values ('${t}', 1, 'wrapped');
    insert into app.configurations (tenant_id, level, subject_id, version, document, author_id, message) values
      ('${t}', 'TENANT', '${t}', 1, '{}', '${ids.staff}', 'm'), ('${t}', 'TEAM', '${ids.team}', 1, '{}', '${ids.staff}', 'm');
    insert into app.calendar_changes (tenant_id, id, message, requested_by, created_at) values ('${t}', '${uuid(tenant, 98)}', 'm', '${ids.staff}', now());
    insert into app.counters values ('${t}', 'request', 1, 1);
    insert into app.field_uses (tenant_id, day, client_name, client_version, fields) values ('${t}', '2026-03-01', 'desk', '1', '{"Query.me": 1}');
    insert into app.usage (tenant_id, metric, window_start, slot, used) values ('${t}', 'users', '-infinity', 0, 3);
    insert into workflows.definitions (tenant_id, id, key, number, name, source, format, document, created_by) values ('${t}', '${ids.definition}', 'd', 1, 'D', 's', 'YAML', '{}', '${ids.staff}'), ('${t}', '${ids.otherDefinition}', 'e', 1, 'E', 's', 'YAML', '{}', '${ids.staff}');
    insert into requests.request_types (tenant_id, id, key, name, definition_key, number_prefix, submit_transition, cancel_transition, fields)
      values ('${t}', '${ids.type}', 'k', 'K', 'd', 'MR', 'submit', 'cancel', '[]');
    insert into requests.request_type_versions (tenant_id, type_id, version, terms) values ('${t}', '${ids.type}', 1, '{}');
    insert into workflows.routing_rules (tenant_id, id, route, name, position, roles, strategy, created_by, created_at, updated_at)
      values ('${t}', '${uuid(tenant, 71)}', 'r', 'R', 1, '{r}', 'EVERYBODY', '${ids.staff}', now(), now());
    insert into workflows.sla_calendars (tenant_id, key, created_at) values ('${t}', 'elapsed', now());
    insert into workflows.sla_policies (tenant_id, id, key, name, position, target, created_by, created_at, updated_at)
      values ('${t}', '${uuid(tenant, 79)}', 'p', 'P', 1, 'PT1H', '${ids.staff}', now(), now());
    insert into workflows.sla_policy_versions (tenant_id, policy_id, version, author_id, created_at) values ('${t}', '${uuid(tenant, 79)}', 1, '${ids.staff}', now());
    insert into workflows.sla_recomputations (tenant_id, id, cause, policy_id, created_at) values ('${t}', '${uuid(tenant, 80)}', 'POLICY_CHANGE', '${uuid(tenant, 79)}', now());
    insert into workflows.routing_turns values ('${t}', '${uuid(tenant, 71)}', '${ids.staff}');
    insert into workflows.schedules (tenant_id, id, name, definition_key, environment, data, owner_id, cron, time_zone, jitter_seconds, missed_runs, catch_up_seconds, overlap, queue_limit, max_failures, planned_since, created_by, created_at, updated_at)
      values ('${t}', '${uuid(tenant, 72)}', 'S', 'd', 'PROD', '{}', '${ids.staff}', '0 9 * * *', 'UTC', 0, 'SKIP', 60, 'ALLOW', 1, 5, now(), '${ids.staff}', now(), now());
    insert into workflows.schedule_runs (tenant_id, id, schedule_id, planned_at, kind, status, created_at) values ('${t}', '${uuid(tenant, 73)}', '${uuid(tenant, 72)}', now(), 'SCHEDULED', 'MISSED', now());
    insert into workflows.triggers (tenant_id, id, name, event_type, action, definition_key, user_id, created_by, created_at, updated_at)
      values ('${t}', '${uuid(tenant, 76)}', 'T', 'vendor.created', 'START', 'd', '${ids.staff}', '${ids.staff}', now(), now());
    insert into workflows.trigger_runs (tenant_id, id, trigger_id, event_id, event_type, outcome, created_at, updated_at)
      values ('${t}', '${uuid(tenant, 77)}', '${uuid(tenant, 76)}', '${uuid(tenant, 78)}', 'vendor.created', 'IGNORED', now(), now());
    insert into workflows.trigger_replays (tenant_id, id, trigger_id, trigger_version, from_at, to_at, start_position, end_position, position, created_by, created_at)
      values ('${t}', '${uuid(tenant, 376)}', '${uuid(tenant, 76)}', 1, now(), now(), 0, 0, 0, '${ids.staff}', now());
    insert into workflows.user_skills values ('${t}', '${ids.staff}', 's'), ('${t}', '${ids.vendorUser}', 's');
    insert into workflows.secrets (tenant_id, id, name, description, value, created_by) values ('${t}', '${uuid(tenant, 377)}', 's', '', 'v', '${ids.staff}');
    insert into workflows.model_providers (tenant_id, id, key, name, kind, base_url, created_by) values ('${t}', '${uuid(tenant, 379)}', 'm', 'M', 'OPENAI_COMPATIBLE', 'https://m.example', '${ids.staff}');
    insert into workflows.agents (tenant_id, id, key, name, provider_id, model, instructions, limits, created_by, author_id)
      values ('${t}', '${uuid(tenant, 380)}', 'a', 'A', '${uuid(tenant, 379)}', 'm', 'i', '{}', '${ids.staff}', '${ids.staff}');
    insert into workflows.definition_shares (tenant_id, id, side, partner_slug, definition_key, definition_name, mode, expires_at, sponsor_id)
      values ('${t}', '${uuid(tenant, 389)}', 'OWNER', 'p', 'd', 'D', 'COPY', now(), '${ids.staff}');
    insert into workflows.definition_share_uses (tenant_id, id, share_id, side, mode, partner_name, definition_number)
      values ('${t}', '${uuid(tenant, 390)}', '${uuid(tenant, 389)}', 'OWNER', 'COPY', 'P', 1);
    insert into workflows.security_profiles (tenant_id, id, key, name, description, rules, created_by) values ('${t}', '${uuid(tenant, 378)}', 'p', 'P', '', '{}', '${ids.staff}');
    insert into app.custom_field_schemas (tenant_id, id, kind, schema, indexed)
      values ('${t}', '${uuid(tenant, 81)}', 'BUILDING', '{}', '[{"name": "zone", "type": "TEXT", "isForVendors": true}]');
    insert into app.custom_field_schema_versions (tenant_id, schema_id, version, schema, author_id) values ('${t}', '${uuid(tenant, 81)}', 1, '{}', '${ids.staff}');
    insert into requests.buildings (tenant_id, id, code, name) values ('${t}', '${ids.building}', 'B1', 'B1'), ('${t}', '${ids.otherBuilding}', 'B2', 'B2');
    insert into requests.building_contacts (tenant_id, id, building_id, user_id, role) values ('${t}', '${uuid(tenant, 85)}', '${ids.building}', '${ids.staff}', 'Caretaker');
    insert into requests.building_users (tenant_id, building_id, user_id) values ('${t}', '${ids.building}', '${ids.staff}');
    insert into requests.asset_types (tenant_id, id, key, name) values ('${t}', '${uuid(tenant, 82)}', 'a', 'A');
    insert into requests.spaces (tenant_id, id, building_id, kind, code, name, position) values
      ('${t}', '${uuid(tenant, 83)}', '${ids.building}', 'FLOOR', 'F1', 'given', 1), ('${t}', '${uuid(tenant, 84)}', '${ids.otherBuilding}', 'FLOOR', 'F2', 'hidden', 1);
    insert into requests.assets (tenant_id, id, building_id, tag, name, type, inspection_due_on) values
      ('${t}', '${ids.asset}', '${ids.building}', 'A1', 'A', 'a', '2030-01-01'), ('${t}', '${ids.otherAsset}', '${ids.otherBuilding}', 'A2', 'A', 'a', '2030-01-01');
    insert into requests.asset_transfers (tenant_id, id, asset_id, from_building_id, to_building_id, actor_id) values
      ('${t}', '${uuid(tenant, 95)}', '${ids.asset}', '${ids.otherBuilding}', '${ids.building}', '${ids.staff}');
    insert into requests.request_form_links (tenant_id, id, asset_id, type_id, requests_per_hour, created_by, created_at, updated_at) values
      ('${t}', '${uuid(tenant, 88)}', '${ids.asset}', '${ids.type}', 30, '${ids.staff}', now(), now());
    insert into requests.inbound_mail_addresses (tenant_id, id, key, name, type_id, text_field, data, created_by, created_at, updated_at) values
      ('${t}', '${ids.mailAddress}', '0000000000000000', 'A', '${ids.type}', 'summary', '{}', '${ids.staff}', now(), now());
    insert into requests.meters (tenant_id, id, asset_id, name, unit, kind) values
      ('${t}', '${uuid(tenant, 91)}', '${ids.asset}', 'seen', 'h', 'CUMULATIVE'), ('${t}', '${uuid(tenant, 92)}', '${ids.otherAsset}', 'hidden', 'h', 'CUMULATIVE');
    insert into requests.meter_readings (tenant_id, id, meter_id, read_at, value, note, recorded_by, recorded_at) values
      ('${t}', '${uuid(tenant, 93)}', '${uuid(tenant, 91)}', now(), 1, 'seen', '${ids.staff}', now()),
      ('${t}', '${uuid(tenant, 94)}', '${uuid(tenant, 92)}', now(), 1, 'hidden', '${ids.staff}', now());
    insert into requests.maintenance_plans (tenant_id, id, name, type_id, data, cron, time_zone, missed_runs, catch_up_seconds, planned_since, owner_id, created_by, created_at, updated_at)
      values ('${t}', '${uuid(tenant, 95)}', 'P', (select id from requests.request_types where tenant_id = '${t}' limit 1), '{}', '0 9 * * *', 'UTC', 'SKIP', 60, now(), '${ids.staff}', '${ids.staff}', now(), now());
    insert into requests.maintenance_occurrences (tenant_id, id, plan_id, cause, planned_at, status, created_at)
      values ('${t}', '${uuid(tenant, 96)}', '${uuid(tenant, 95)}', 'CALENDAR', now(), 'MISSED', now());
    insert into app.files (tenant_id, id, name, size, type, sha256, status, is_attached, created_by, stored_at) values
      ('${t}', '${uuid(tenant, 66)}', 'shared.txt', 1, 'text/plain', 'h', 'STORED', true, '${ids.staff}', now()),
      ('${t}', '${uuid(tenant, 67)}', 'internal.txt', 1, 'text/plain', 'h', 'STORED', true, '${ids.staff}', now());
    insert into app.saved_views (tenant_id, id, list, name, visibility, owner_id, filter) values
      ('${t}', '${uuid(tenant, 82)}', 'REQUESTS', 'V', 'TENANT', '${ids.staff}', '{}'),
      ('${t}', '${uuid(tenant, 83)}', 'REQUESTS', 'V', 'PRIVATE', '${ids.vendorUser}', '{}');
    insert into app.exports (tenant_id, id, list, format, columns, file_id, created_by, session_id, due_at) values
      ('${t}', '${uuid(tenant, 84)}', 'REQUESTS', 'CSV', '{number}', '${uuid(tenant, 66)}', '${ids.staff}', '${uuid(tenant, 85)}', now()),
      ('${t}', '${uuid(tenant, 86)}', 'REQUESTS', 'CSV', '{number}', '${uuid(tenant, 66)}', '${ids.vendorUser}', '${uuid(tenant, 85)}', now());
    insert into audit.exports (tenant_id, id, format, after_sequence, after_hash, up_to_sequence, up_to_hash, sequence, file_id, created_by, session_id, due_at) values
      ('${t}', '${uuid(tenant, 84)}', 'CSV', 0, 'h', 1, 'h', 0, '${uuid(tenant, 66)}', '${ids.staff}', '${uuid(tenant, 85)}', now()),
      ('${t}', '${uuid(tenant, 86)}', 'CSV', 0, 'h', 1, 'h', 0, '${uuid(tenant, 66)}', '${ids.vendorUser}', '${uuid(tenant, 85)}', now());
    insert into app.imports (tenant_id, id, list, on_existing, file_id, created_by, session_id, due_at) values
      ('${t}', '${uuid(tenant, 101)}', 'ASSETS', 'SKIP', '${uuid(tenant, 66)}', '${ids.staff}', '${uuid(tenant, 85)}', now()),
      ('${t}', '${uuid(tenant, 102)}', 'ASSETS', 'SKIP', '${uuid(tenant, 66)}', '${ids.vendorUser}', '${uuid(tenant, 85)}', now());
    insert into app.import_problems (tenant_id, id, import_id, line, message, created_by) values
      ('${t}', '${uuid(tenant, 103)}', '${uuid(tenant, 101)}', 2, 'P', '${ids.staff}'),
      ('${t}', '${uuid(tenant, 104)}', '${uuid(tenant, 102)}', 2, 'P', '${ids.vendorUser}');
    insert into app.external_ids (tenant_id, list, external_id, object_id) values ('${t}', 'ASSETS', 'E-1', '${ids.asset}');
    insert into app.attachments (tenant_id, id, file_id, object_type, object_id, visibility, created_by) values
      ('${t}', '${uuid(tenant, 68)}', '${uuid(tenant, 66)}', 'building', '${ids.building}', 'SHARED', '${ids.staff}'),
      ('${t}', '${uuid(tenant, 69)}', '${uuid(tenant, 67)}', 'building', '${ids.building}', 'INTERNAL', '${ids.staff}'),
      ('${t}', '${uuid(tenant, 111)}', '${uuid(tenant, 66)}', 'instance', '${ids.given.instance}', 'SHARED', '${ids.staff}'),
      ('${t}', '${uuid(tenant, 112)}', '${uuid(tenant, 66)}', 'instance', '${ids.hidden.instance}', 'SHARED', '${ids.staff}'),
      ('${t}', '${uuid(tenant, 113)}', '${uuid(tenant, 66)}', 'task', '${ids.given.task}', 'SHARED', '${ids.staff}'),
      ('${t}', '${uuid(tenant, 114)}', '${uuid(tenant, 66)}', 'task', '${ids.hidden.task}', 'SHARED', '${ids.staff}');
    ${[ids.given, ids.hidden].map((set, n) => aboutOneRequest(ids, set, n)).join("\n")}
    insert into vendors.contracts (tenant_id, id, number, kind, status, vendor_id, owner_id, title, amount, currency, starts_on, signed_number, created_by) values
      ('${t}', '${uuid(tenant, 120)}', 'C-1', 'OTHER', 'ACTIVE', '${ids.vendor}', '${ids.staff}', 'Signed', 1, 'EUR', '2026-01-01', 1, '${ids.staff}'),
      ('${t}', '${uuid(tenant, 121)}', 'C-2', 'OTHER', 'DRAFT', '${ids.vendor}', '${ids.staff}', 'Draft', 1, 'EUR', '2026-01-01', null, '${ids.staff}'),
      ('${t}', '${uuid(tenant, 122)}', 'C-3', 'OTHER', 'ACTIVE', '${ids.otherVendor}', '${ids.staff}', 'Other', 1, 'EUR', '2026-01-01', 1, '${ids.staff}');
    insert into vendors.contract_versions (tenant_id, contract_id, number, vendor_id, status, content, hash, signed_at, created_by) values
      ('${t}', '${uuid(tenant, 120)}', 1, '${ids.vendor}', 'SIGNED', '{"title": "Signed"}', 'h', now(), '${ids.staff}'),
      ('${t}', '${uuid(tenant, 120)}', 2, '${ids.vendor}', 'DRAFT', '{"title": "Draft"}', null, null, '${ids.staff}'),
      ('${t}', '${uuid(tenant, 121)}', 1, '${ids.vendor}', 'DRAFT', '{"title": "Draft"}', null, null, '${ids.staff}'),
      ('${t}', '${uuid(tenant, 122)}', 1, '${ids.otherVendor}', 'SIGNED', '{"title": "Other"}', 'h', now(), '${ids.staff}');
    insert into vendors.documents (tenant_id, id, vendor_id, kind, title, created_by, created_at, updated_at) values
      ('${t}', '${uuid(tenant, 136)}', '${ids.vendor}', 'INSURANCE', 'Given', '${ids.staff}', now(), now()),
      ('${t}', '${uuid(tenant, 137)}', '${ids.otherVendor}', 'INSURANCE', 'Hidden', '${ids.staff}', now(), now());
    insert into audit.entries (tenant_id, id, action, entity_type, entity_id, actor_id, request_id)
      values ('${t}', '${uuid(tenant, 139)}', 'vendorDocument.accept', 'vendorDocument', '${uuid(tenant, 136)}', '${ids.staff}', 'r');
    insert into vendors.document_requirements (tenant_id, requirements, updated_by, updated_at) values ('${t}', '[]', '${ids.staff}', now());
    insert into vendors.contract_obligations (tenant_id, id, contract_id, title, party, due_on, anchor_on, created_by, created_at, updated_at)
      values ('${t}', '${uuid(tenant, 138)}', '${uuid(tenant, 120)}', 'O', 'VENDOR', '2026-01-01', '2026-01-01', '${ids.staff}', now(), now());
    insert into vendors.project_vendors (tenant_id, id, project_id, vendor_id, role, assigned_by, assigned_at) values
      ('${t}', '${uuid(tenant, 141)}', '${ids.given.project}', '${ids.vendor}', 'Paint', '${ids.staff}', now()),
      ('${t}', '${uuid(tenant, 142)}', '${ids.given.project}', '${ids.otherVendor}', 'Roof', '${ids.staff}', now());
    insert into vendors.project_plans (tenant_id, project_id) values ('${t}', '${ids.hidden.project}');
    insert into vendors.project_tasks (tenant_id, id, project_id, position, name, duration_minutes, assignee_vendor_id, created_by, created_at, updated_at) values
      ('${t}', '${uuid(tenant, 131)}', '${ids.hidden.project}', 1, 'given', 60, '${ids.vendor}', '${ids.staff}', now(), now()),
      ('${t}', '${uuid(tenant, 132)}', '${ids.hidden.project}', 2, 'hidden', 60, null, '${ids.staff}', now(), now());
    insert into vendors.project_task_reports (tenant_id, id, task_id, percent_complete, worked_minutes, reported_by, reported_at) values
      ('${t}', '${uuid(tenant, 133)}', '${uuid(tenant, 131)}', 10, 5, '${ids.staff}', now()), ('${t}', '${uuid(tenant, 134)}', '${uuid(tenant, 132)}', 10, 5, '${ids.staff}', now());
    insert into vendors.project_task_dependencies (tenant_id, id, project_id, predecessor_id, successor_id, kind, created_at, updated_at)
      values ('${t}', '${uuid(tenant, 135)}', '${ids.hidden.project}', '${uuid(tenant, 132)}', '${uuid(tenant, 131)}', 'FINISH_TO_START', now(), now());
    insert into vendors.milestones (tenant_id, id, project_id, name, due_on, owner_id, due_at, created_by)
      values ('${t}', '${uuid(tenant, 141)}', '${ids.given.project}', 'Opening', '2026-01-01', '${ids.staff}', now(), '${ids.staff}'),
        ('${t}', '${uuid(tenant, 142)}', '${ids.hidden.project}', 'Handover', '2026-01-01', '${ids.staff}', now(), '${ids.staff}');
    insert into vendors.milestone_tasks (tenant_id, milestone_id, task_id, project_id)
      values ('${t}', '${uuid(tenant, 142)}', '${uuid(tenant, 131)}', '${ids.hidden.project}'),
        ('${t}', '${uuid(tenant, 142)}', '${uuid(tenant, 132)}', '${ids.hidden.project}');
    insert into vendors.project_costs (tenant_id, id, project_id, spent_on, amount, currency, category, vendor_id, recorded_by, recorded_at)
      values ('${t}', '${uuid(tenant, 143)}', '${ids.given.project}', '2026-01-01', 1, 'EUR', 'OTHER', '${ids.vendor}', '${ids.staff}', now());
    insert into vendors.project_risks (tenant_id, id, project_id, title, probability, impact, created_by)
      values ('${t}', '${uuid(tenant, 144)}', '${ids.given.project}', 'Rain', 1, 1, '${ids.staff}');
    insert into vendors.project_decisions (tenant_id, id, project_id, title, decision, decided_on, decided_by, created_by)
      values ('${t}', '${uuid(tenant, 145)}', '${ids.given.project}', 'Floor', 'Stone', '2026-01-01', '${ids.staff}', '${ids.staff}');
    insert into vendors.project_templates (tenant_id, id, name, content, created_by) values ('${t}', '${uuid(tenant, 146)}', 'Renovation', '{}', '${ids.staff}');
    insert into app.object_access (tenant_id, object_id, vendor_id) values ('${t}', '${uuid(tenant, 131)}', '${ids.vendor}');
    insert into vendors.availability (tenant_id, vendor_id, max_open) values ('${t}', '${ids.vendor}', 9), ('${t}', '${ids.otherVendor}', 9);
    insert into vendors.absences (tenant_id, vendor_id, from_day, until_day) values
      ('${t}', '${ids.vendor}', '2020-01-01', '2020-01-02'), ('${t}', '${ids.otherVendor}', '2020-01-01', '2020-01-02');
    insert into vendors.scope_items (tenant_id, id, project_id, title, created_by) values ('${t}', '${uuid(tenant, 151)}', '${ids.given.project}', 'I', '${ids.staff}');
    insert into vendors.scope_changes (tenant_id, id, project_id, number, status, reason, proposal, impact, base_number, base_project_version, base_plan_version, instance_id, created_by)
      values ('${t}', '${uuid(tenant, 152)}', '${ids.given.project}', 1, 'STALE', 'R', '{}', '{}', 1, 1, 0, '${ids.given.instance}', '${ids.staff}');
    insert into vendors.scope_versions (tenant_id, id, project_id, number, content, hash, approved_by, approved_at)
      values ('${t}', '${uuid(tenant, 153)}', '${ids.given.project}', 1, '{}', 'h', '${ids.staff}', now());
    insert into vendors.project_baselines (tenant_id, id, project_id, number, name, plan_version, start_at, finish_at, work_minutes, created_by)
      values ('${t}', '${uuid(tenant, 154)}', '${ids.hidden.project}', 1, 'B', 1, now(), now(), 60, '${ids.staff}');
    insert into vendors.project_baseline_tasks (tenant_id, baseline_id, task_id, place, name, start_at, finish_at, work_minutes)
      values ('${t}', '${uuid(tenant, 154)}', '${uuid(tenant, 131)}', 1, 'T', now(), now(), 60);
    insert into vendors.work (tenant_id, id, vendor_id, request_id, instance_id, version, outcome, assigned_at, ended_at) values
      ('${t}', '${uuid(tenant, 127)}', '${ids.vendor}', '${ids.given.request}', '${ids.given.instance}', 1, 'COMPLETED', now(), now()),
      ('${t}', '${uuid(tenant, 128)}', '${ids.otherVendor}', '${ids.given.request}', '${ids.given.instance}', 2, 'REASSIGNED', now(), now());
    insert into vendors.registration_links (tenant_id, id, registrations_per_hour, created_by, created_at, updated_at) values
      ('${t}', '${uuid(tenant, 140)}', 30, '${ids.staff}', now(), now());
    insert into vendors.vendor_contacts (tenant_id, id, vendor_id, name, created_at, updated_at) values
      ('${t}', '${uuid(tenant, 145)}', '${ids.vendor}', 'given', now(), now()), ('${t}', '${uuid(tenant, 146)}', '${ids.otherVendor}', 'hidden', now(), now());
    insert into vendors.vendor_rates (tenant_id, vendor_id, position, unit, amount, currency) values
      ('${t}', '${ids.vendor}', 1, 'HOUR', 1, 'EUR'), ('${t}', '${ids.otherVendor}', 1, 'HOUR', 2, 'EUR');
    insert into vendors.vendor_service_areas (tenant_id, vendor_id, position, region) values
      ('${t}', '${ids.vendor}', 1, 'given'), ('${t}', '${ids.otherVendor}', 1, 'hidden');
    insert into requests.vendor_offers (tenant_id, id, request_id, vendor_id, request_number, title, category, offered_by, offered_at, expires_at) values
      ('${t}', '${uuid(tenant, 143)}', '${ids.given.request}', '${ids.vendor}', 'R-1', 'T', 'C', '${ids.staff}', now(), now() + interval '1 day'),
      ('${t}', '${uuid(tenant, 144)}', '${ids.given.request}', '${ids.otherVendor}', 'R-1', 'T', 'C', '${ids.staff}', now(), now() + interval '1 day');
    insert into vendors.ratings (tenant_id, id, vendor_id, request_id, rated_by, stars, created_at, updated_at) values
      ('${t}', '${uuid(tenant, 125)}', '${ids.vendor}', '${ids.given.request}', '${ids.staff}', 4, now(), now()),
      ('${t}', '${uuid(tenant, 126)}', '${ids.otherVendor}', '${ids.given.request}', '${ids.staff}', 5, now(), now());
    insert into events.integrations (tenant_id, id, key, name, connector, configuration, credentials, credential_names, created_by)
      values ('${t}', '${uuid(tenant, 190)}', 'crm', 'CRM', 'HTTP', '{}', 's', '{type}', '${ids.staff}');
    insert into events.integration_calls (tenant_id, id, integration_key, integration_id, action, input) values ('${t}', '${uuid(tenant, 191)}', 'crm', '${uuid(tenant, 190)}', 'request', 's');
    insert into events.integration_triggers (tenant_id, id, integration_id, name, trigger, configuration, interval_seconds, event_type, user_id, created_by)
      values ('${t}', '${uuid(tenant, 192)}', '${uuid(tenant, 190)}', 'Orders', 'newItems', '{}', 60, 'custom.order.paid', '${ids.staff}', '${ids.staff}');
    insert into events.position_heads values ('${t}', 2);
    insert into events.retention (tenant_id) values ('${t}');
    insert into events.consumer_cursors values ('${t}', 'notifications', 2);
    insert into events.webhooks (tenant_id, id, name, url, status_changed_at, secret, created_by, created_at, updated_at)
      values ('${t}', '${uuid(tenant, 301)}', 'W', 'https://example.com', now(), 'sealed', '${ids.staff}', now(), now());
    insert into events.webhook_states (tenant_id, webhook_id) values ('${t}', '${uuid(tenant, 301)}');
    insert into audit.streams (tenant_id, id, name, transport, url, access, sequence, head, created_by)
      values ('${t}', '${uuid(tenant, 305)}', 'S', 'HTTP', 'https://example.com', 'sealed', 0, 0, '${ids.staff}');
    insert into events.delivery_pauses (tenant_id, channel, reason, paused_by) values ('${t}', 'CALL', 'R', '${ids.staff}');
    insert into events.webhook_deliveries (tenant_id, id, webhook_id, message_id, event_type, subject_id, body, next_attempt_at)
      values ('${t}', '${uuid(tenant, 302)}', '${uuid(tenant, 301)}', 'm', 'webhook.test', '${uuid(tenant, 301)}', '{}', now());
    insert into events.replays (tenant_id, id, webhook_id, from_at, to_at, start_position, end_position, position, created_by)
      values ('${t}', '${uuid(tenant, 304)}', '${uuid(tenant, 301)}', now(), now(), 0, 0, 0, '${ids.staff}');
    insert into events.webhook_attempts (tenant_id, id, delivery_id, number, started_at, latency_ms, request_headers)
      values ('${t}', '${uuid(tenant, 303)}', '${uuid(tenant, 302)}', 1, now(), 1, '{}');
    insert into events.inbound_webhooks (tenant_id, id, name, scheme, secret, event_type, user_id, created_by, created_at, updated_at)
      values ('${t}', '${uuid(tenant, 311)}', 'I', 'GITHUB', 'sealed', 'custom.pushed', '${ids.staff}', '${ids.staff}', now(), now());
    insert into events.inbound_messages (tenant_id, id, webhook_id, message_id, content, size, received_at)
      values ('${t}', '${uuid(tenant, 312)}', '${uuid(tenant, 311)}', 'm', 'sealed', 2, now());
    insert into events.parked (tenant_id, consumer, event_id, position, attempts) select '${t}', 'notifications', p.event_id, p.position, 8 from events.positions p where p.tenant_id = '${t}' limit 1;
    insert into events.custom_types (tenant_id, id, name, description, payload_schema, type_version, created_by)
      values ('${t}', '${uuid(tenant, 190)}', 'custom.order.paid', 'D', '{}', 1, '${ids.staff}');
    insert into audit.notification_templates (tenant_id, id, kind, channel, locale) values ('${t}', '${t}', 'TASK_OPENED', 'EMAIL', 'en');
    insert into audit.notification_template_versions (tenant_id, template_id, number, subject, body, html, created_by)
      values ('${t}', '${t}', 1, 'S', 'B', 'H', '${ids.staff}');
    insert into audit.notification_rules (tenant_id, id, name, event_types, recipients, title, channels, owner_id, created_at, updated_at)
      values ('${t}', '${uuid(tenant, 195)}', 'N', '{building.created}', '[]', 'T', '{IN_APP}', '${ids.staff}', now(), now());
    insert into audit.notification_preferences (tenant_id, user_id, kind, channel, is_enabled) values
      ('${t}', '${ids.staff}', 'ALL', 'EMAIL', true), ('${t}', '${ids.vendorUser}', 'ALL', 'EMAIL', true);
    insert into audit.notification_deliveries (tenant_id, id, user_id, notification_id, event_id, kind, channel, status, created_at)
      select n.tenant_id, n.id, n.user_id, n.id, n.event_id, n.kind, 'EMAIL', 'SENT', now() from audit.notifications n where n.tenant_id = '${t}' limit 1;
    insert into audit.notification_destinations (tenant_id, id, user_id, channel, name, format, address, address_hash, host) values
      ('${t}', '${uuid(tenant, 196)}', '${ids.staff}', 'CHAT', 'D', 'SLACK', 'sealed', 'h', 'h'),
      ('${t}', '${uuid(tenant, 197)}', '${ids.vendorUser}', 'CHAT', 'D', 'SLACK', 'sealed', 'h', 'h');
    insert into audit.notification_destinations (tenant_id, id, team_id, channel, name, format, address, address_hash, host)
      select m.tenant_id, '${uuid(tenant, 189)}', m.id, 'CHAT', 'D', 'SLACK', 'sealed', 'h', 'h' from identity.teams m where m.tenant_id = '${t}' limit 1;
    insert into audit.notification_deliveries (tenant_id, id, team_id, event_id, kind, channel, destination_id, status, created_at, rule_id, title, body)
      select d.tenant_id, d.id, d.team_id, d.id, 'RULE', 'CHAT', d.id, 'SENT', now(), d.id, 'T', '' from audit.notification_destinations d where d.tenant_id = '${t}' and d.team_id is not null;
    insert into audit.text_messages (tenant_id, id, user_id, destination_id, address_hash, purpose) values
      ('${t}', '${uuid(tenant, 198)}', '${ids.staff}', '${uuid(tenant, 196)}', 'h', 'NOTIFICATION'),
      ('${t}', '${uuid(tenant, 199)}', '${ids.vendorUser}', '${uuid(tenant, 197)}', 'h', 'NOTIFICATION');
    insert into identity.legal_holds (tenant_id, id, object_type, object_id, reason, created_by, ended_at, ended_by) values
      ('${t}', '${uuid(tenant, 401)}', 'user', '${ids.staff}', 'R', '${ids.staff}', now(), '${ids.staff}');
    insert into identity.privacy_requests (tenant_id, id, kind, person_type, person_id, status, reason, requested_by, session_id, finished_at) values
      ('${t}', '${uuid(tenant, 402)}', 'EXPORT', 'user', '${ids.staff}', 'COMPLETED', 'R', '${ids.staff}', '${ids.staffSession}', now());
    insert into audit.mail_suppressions (tenant_id, user_id, address_hash, reason) values ('${t}', '${ids.staff}', 'h', 'R');
    insert into app.object_access (tenant_id, object_id, vendor_id)
      select '${t}'::uuid, o, '${ids.vendor}'::uuid from unnest(array['${ids.given.instance}', '${ids.given.request}', '${ids.given.project}', '${ids.building}', '${ids.asset}']::uuid[]) o
      union all select '${t}', '${ids.hidden.instance}', '${ids.otherVendor}';`;
  await sql.unsafe(script);
  await fillEmptyTables(sql, t);
  return ids;
}

/** Writes a deleted request and a deleted project, their instance, a task and a notification to the vendor's user. The vendor has access to them. */
export async function seedDeletedRequest(sql: Sql, tenant: number) {
  const ids = idsOf(tenant);
  const t = ids.tenant;
  const deleted = {
    instance: uuid(tenant, 301),
    request: uuid(tenant, 302),
    task: uuid(tenant, 303),
    notification: uuid(tenant, 304),
    project: uuid(tenant, 305),
  };
  await sql.unsafe(`
    insert into workflows.instances (tenant_id, id, definition_id, definition_key, state, data, version, owner_id, subject_type, subject_id, is_deleted, created_at, updated_at)
      values ('${t}', '${deleted.instance}', '${ids.definition}', 'd', 'open', '{}', 1, '${ids.staff}', 'request', '${deleted.request}', true, now(), now());
    insert into workflows.tasks (tenant_id, id, instance_id, state, rule, title, candidate_roles, is_deleted, created_at)
      values ('${t}', '${deleted.task}', '${deleted.instance}', 'open', 'r', 'T', '{r}', true, now());
    insert into requests.requests (tenant_id, id, number, type_id, instance_id, created_by, is_deleted, deleted_at, deleted_by, created_at, updated_at)
      values ('${t}', '${deleted.request}', 'MR-9', '${ids.type}', '${deleted.instance}', '${ids.staff}', true, now(), '${ids.staff}', now(), now());
    insert into vendors.projects (tenant_id, id, code, name, instance_id, created_by, is_deleted, deleted_at, deleted_by, created_at, updated_at)
      values ('${t}', '${deleted.project}', 'P9', 'P', '${deleted.instance}', '${ids.staff}', true, now(), '${ids.staff}', now(), now());
    insert into audit.notifications (tenant_id, id, user_id, event_id, kind, title, subject_type, subject_id, params, is_deleted, created_at)
      values ('${t}', '${deleted.notification}', '${ids.vendorUser}', '${ids.hidden.event}', 'REQUEST_TRANSITIONED', 'T', 'request', '${deleted.request}', '{}', true, now());
    insert into app.object_access (tenant_id, object_id, vendor_id)
      select '${t}'::uuid, o, '${ids.vendor}'::uuid from unnest(array['${deleted.instance}', '${deleted.request}', '${deleted.project}']::uuid[]) o;`);
  return deleted;
}

function aboutOneRequest(ids: ReturnType<typeof idsOf>, set: ReturnType<typeof idsOf>["given"], n: number): string {
  const t = ids.tenant;
  const projectInstance = set.project.replace(/^(.{8})-0000/, "$1-0001");
  const receiver = n === 0 ? ids.vendorUser : ids.staff;
  return `
    insert into workflows.instances (tenant_id, id, definition_id, definition_key, state, data, version, owner_id, created_at, updated_at)
      values ('${t}', '${set.instance}', '${ids.definition}', 'd', 'open', '{}', 1, '${ids.staff}', now(), now()),
             ('${t}', '${projectInstance}', '${ids.definition}', 'd', 'open', '{}', 1, '${ids.staff}', now(), now());
    insert into workflows.history (tenant_id, id, instance_id, version, kind, to_state, actor_id, at) values ('${t}', '${set.history}', '${set.instance}', 1, 'START', 'open', '${ids.staff}', now());
    insert into workflows.tasks (tenant_id, id, instance_id, state, rule, title, candidate_roles, created_at)
      values ('${t}', '${set.task}', '${set.instance}', 'open', 'r', 'T', '{r,own}', now());
    insert into workflows.incidents (tenant_id, id, instance_id, instance_version, kind, state, place, message, created_at)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-0002")}', '${set.instance}', 1, 'LOOP', 'open', 'states.open', 'M', now());
    insert into workflows.runs (tenant_id, id, instance_id, definition_id, state, instance_version, inputs, created_at)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-0020")}', '${set.instance}', '${ids.definition}', 'open', 1, '{}', now());
    insert into workflows.run_steps (tenant_id, run_id, step, id, status)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-0020")}', 's', '${set.task.replace(/^(.{8})-0000/, "$1-0021")}', 'READY');
    insert into workflows.run_attempts (tenant_id, run_id, step, is_compensation, attempt, status, finished_at)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-0020")}', 's', false, 1, 'FAILED', now());
    insert into workflows.run_words values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-0020")}', 'v');
    insert into workflows.run_logs (tenant_id, run_id, line, id, step, attempt, stream, text, at)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-0020")}', 1, '${set.task.replace(/^(.{8})-0000/, "$1-0022")}', 's', 1, 'stdout', 'L', now());
    insert into workflows.timers (tenant_id, id, instance_id, kind, name, state, due_at, armed_at_version, created_at)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-000b")}', '${set.instance}', 'STATE', 't', 'open', now(), 1, now());
    insert into workflows.step_waits (tenant_id, run_id, step, attempt, is_compensation)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-0020")}', 's', 1, false);
    insert into workflows.step_leases (tenant_id, token, run_id, step, attempt, is_compensation, taken_by, taken_at, ends_at)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-0023")}', '${set.task.replace(/^(.{8})-0000/, "$1-0020")}', 's', 1, false, '${ids.staff}', now(), now());
    insert into workflows.step_operations (tenant_id, id, run_id, step, lease_token, query, variables, idempotency_key)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-0025")}', '${set.task.replace(/^(.{8})-0000/, "$1-0020")}', 's', '${set.task}', 'q', '{}', 'k');
    insert into workflows.sla_clocks (tenant_id, id, instance_id, definition_key, rule, title, phase, basis, calendar_key, target_seconds, warn_seconds, consumed_seconds, entered_at, started_at, due_at, entries)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-0010")}', '${set.instance}', 'd', 'r', 'R', 'RUN', '0', 'elapsed', 60, '{}', 0, now(), now(), now(), 1);
    insert into workflows.sla_intervals (tenant_id, clock_id, position, instance_id, phase, cause, from_at, consumed_seconds, target_seconds, warn_seconds, calendar_key)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-0010")}', 1, '${set.instance}', 'RUN', 'START', now(), 0, 60, '{}', 'elapsed');
    insert into workflows.agent_sessions (tenant_id, id, run_id, step, is_compensation, depth, definition_id, agent_id, agent_key, agent_version, agent, prompt)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-0022")}', '${set.task.replace(/^(.{8})-0000/, "$1-0020")}', 's', false, 0, '${ids.definition}', '${set.task}', 'a', 1, '{}', 'P');
    insert into workflows.agent_calls (tenant_id, id, session_id, turn, agent_id, model, request_hash)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-0023")}', '${set.task.replace(/^(.{8})-0000/, "$1-0022")}', 1, '${set.task}', 'm', 'h');
    insert into workflows.agent_tool_calls (tenant_id, id, session_id, call_id, position, model_call_id, tool, arguments, status)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-0024")}', '${set.task.replace(/^(.{8})-0000/, "$1-0022")}', '${set.task.replace(/^(.{8})-0000/, "$1-0023")}', 0, 'c', 't', '{}', 'PENDING');
    insert into workflows.escalation_runs (tenant_id, id, instance_id, definition_key, chain, title, anchor, anchored_at, started_at)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-0011")}', '${set.instance}', 'd', 'c', 'C', 'STATE', now(), now());
    insert into workflows.escalations (tenant_id, id, run_id, instance_id, definition_key, chain, title, level, anchor, due_at, occurred_at, outcome)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-0012")}', '${set.task.replace(/^(.{8})-0000/, "$1-0011")}', '${set.instance}', 'd', 'c', 'C', 1, 'STATE', now(), now(), 'DONE');
    insert into workflows.instance_fields (tenant_id, instance_id, definition_key, field, text_value, created_at) values ('${t}', '${set.instance}', 'd', 'f', 'v', now());
    insert into workflows.instance_words values ('${t}', '${set.instance}', 'v');
    insert into app.search_words values ('${t}', 'request', '${set.request}', '${set.task}', 'PUBLIC', '${ids.vendor}', 'v'),
      ('${t}', 'request', '${set.request}', '${set.history}', 'PUBLIC', '${ids.otherVendor}', 'o'), ('${t}', 'request', '${set.request}', '${set.instance}', 'INTERNAL', null, 'i');
    insert into workflows.task_comments (tenant_id, id, task_id, instance_id, kind, author_id, text, created_at)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-0003")}', '${set.task}', '${set.instance}', 'COMMENT', '${ids.staff}', 'M', now());
    insert into workflows.task_links (tenant_id, id, task_id, user_id, email_hash, created_by, created_at, expires_at)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-0009")}', '${set.task}', '${ids.staff}', 'h', '${ids.staff}', now(), now());
    insert into workflows.absences (tenant_id, id, user_id, substitute_id, starts_at, ends_at, created_by, created_at, updated_at)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-0004")}', '${receiver}', '${ids.otherVendorUser}', now(), now() + interval '1 day', '${ids.staff}', now(), now());
    insert into workflows.bulk_operations (tenant_id, id, kind, params, total, created_by)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-0006")}', 'TRANSITION', '{}', 1, '${ids.staff}');
    insert into workflows.bulk_items (tenant_id, operation_id, position, instance_id, planned_version)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-0006")}', 1, '${set.instance}', 1);
    insert into workflows.statistics (tenant_id, team_id, span, starts_at, definition_id, environment, state, counts, ms)
      values ('${t}', '00000000-0000-0000-0000-000000000000', 0, now(), '${ids.definition}', 'PROD', 'open', '{"STARTED": 1}', 0) on conflict do nothing;
    insert into workflows.statistics_instances values ('${t}', '${set.instance}', 1, '${ids.definition}', null, 'open', 'RUNNING', false, now());
    insert into requests.requests (tenant_id, id, number, type_id, instance_id, building_id, created_by, created_at, updated_at)
      values ('${t}', '${set.request}', 'MR-${n}', '${ids.type}', '${set.instance}', '${ids.building}', '${ids.staff}', now(), now());
    insert into requests.comments (tenant_id, id, request_id, audience, author_id, text, created_at)
      values ('${t}', '${set.request.replace(/^(.{8})-0000/, "$1-0013")}', '${set.request}', 'PUBLIC', '${ids.staff}', 'T', now()),
             ('${t}', '${set.request.replace(/^(.{8})-0000/, "$1-0014")}', '${set.request}', 'INTERNAL', '${ids.staff}', 'T', now());
    insert into app.object_versions (tenant_id, object_id, until, image) values ('${t}', '${set.request}', now(), '{"number": "MR-0"}');
    insert into requests.reply_addresses (tenant_id, key, request_id, user_id, audience, vendor_id)
      values ('${t}', '${set.request.slice(-12)}0000', '${set.request}', '${ids.vendorUser}', 'PUBLIC', '${ids.vendor}');
    insert into requests.emailed_requests (tenant_id, request_id, address_id, user_id, email_hash)
      values ('${t}', '${set.request}', '${ids.mailAddress}', '${ids.vendorUser}', '${set.request}');
    insert into requests.former_instances (tenant_id, instance_id, request_id, type_id, actor_id, created_at, converted_at)
      values ('${t}', '${projectInstance}', '${set.request}', '${ids.type}', '${ids.staff}', now(), now());
    insert into requests.watchers (tenant_id, request_id, user_id, added_by, created_at)
      values ('${t}', '${set.request}', '${ids.staff}', '${ids.staff}', now()), ('${t}', '${set.request}', '${ids.vendorUser}', '${ids.staff}', now());
    insert into requests.request_editors (tenant_id, request_id, session_id, user_id, activity, is_internal, began_at, expires_at)
      values ('${t}', '${set.request}', '${ids.staff}', '${ids.staff}', 'CHANGING', false, now(), now()),
             ('${t}', '${set.request}', '${ids.vendorUser}', '${ids.vendorUser}', 'COMMENTING', false, now(), now());
    ${
      n === 0
        ? ""
        : `insert into requests.links (tenant_id, kind, from_id, to_id, created_by, created_at)
      values ('${t}', 'BLOCKS', '${ids.given.request}', '${ids.hidden.request}', '${ids.staff}', now());
    insert into requests.copies (tenant_id, id, kind, from_id, to_id, actor_id, created_at)
      values ('${t}', '${set.request.replace(/^(.{8})-0000/, "$1-0016")}', 'MERGE', '${ids.given.request}', '${ids.hidden.request}', '${ids.staff}', now());`
    }
    insert into requests.comment_versions (tenant_id, comment_id, version, text, author_id, replaced_at)
      values ('${t}', '${set.request.replace(/^(.{8})-0000/, "$1-0013")}', 1, 'PUBLIC', '${ids.staff}', now()),
             ('${t}', '${set.request.replace(/^(.{8})-0000/, "$1-0014")}', 1, 'INTERNAL', '${ids.staff}', now());
    insert into workflows.internal_comments (tenant_id, id, instance_id, version, state, author_id, text, created_at)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-0015")}', '${set.instance}', 1, 'open', '${ids.staff}', 'T', now());
    insert into vendors.projects (tenant_id, id, code, name, instance_id, created_by, created_at, updated_at) values ('${t}', '${set.project}', 'P${n}', 'P', '${projectInstance}', '${ids.staff}', now(), now());
    insert into vendors.project_members (tenant_id, project_id, user_id, role) values ('${t}', '${set.project}', '${ids.staff}', 'MEMBER');
    insert into events.log (tenant_id, id, type, type_version, subject_type, subject_id, subject_version, related, payload, actor_id, request_id, occurred_at)
      values ('${t}', '${set.event}', 'request.created', 1, 'request', '${set.request}', 1, '{"building": "${ids.building}", "instance": "${set.instance}"}', '{}', '${ids.staff}', 'r', now());
    insert into events.outbox (tenant_id, event_id) values ('${t}', '${set.event}');
    insert into events.positions values ('${t}', ${n + 1}, '${set.event}');
    insert into audit.entries (tenant_id, id, action, entity_type, entity_id, actor_id, request_id) values ('${t}', '${set.entry}', 'request.create', 'request', '${set.request}', '${ids.staff}', 'r');
    insert into audit.unsealed (tenant_id, entry_id) values ('${t}', '${set.entry}');
    insert into audit.seals values ('${t}', ${n + 1}, '${set.entry}', 'h', 'h');
    insert into audit.checkpoints values ('${t}', ${n + 1}, 'h', 's');
    insert into audit.verifications (tenant_id, id, total, created_by, status, finished_at)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-000a")}', 1, '${ids.staff}', 'FAILED', now());
    insert into audit.compliance_reports (tenant_id, id, kind, formats, period_from, period_to, time_zone, parameters, status, created_by, session_id, finished_at, due_at)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-000b")}', 'SLA', '{JSON}', now() - interval '1 day', now(), 'UTC', '{}', 'FAILED', '${ids.staff}', '${ids.staffSession}', now(), now() + interval '1 day');
    insert into audit.compliance_report_schedules (tenant_id, id, name, kind, formats, parameters, period_days, cron, time_zone, next_at, created_by, session_id)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-000c")}', 'S', 'SLA', '{JSON}', '{}', 30, '0 6 1 * *', 'UTC', now() + interval '1 day', '${ids.staff}', '${ids.staffSession}');
    insert into audit.compliance_report_files (tenant_id, report_id, position, format, file_id)
      values ('${t}', '${set.task.replace(/^(.{8})-0000/, "$1-000b")}', 0, 'JSON', '${ids.tenant.replace(/0{12}$/, n === 0 ? "000000000066" : "000000000067")}');
    insert into audit.verified_ends values ('${t}', 1, 's') on conflict do nothing;
    insert into audit.notifications (tenant_id, id, user_id, event_id, kind, title, subject_type, subject_id, params, created_at)
      values ('${t}', '${set.notification}', '${receiver}', '${set.event}', 'REQUEST_TRANSITIONED', 'T', 'request', '${set.request}', '{}', now());`;
}

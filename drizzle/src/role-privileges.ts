/**
 * What each login role may do: the single list. `migrate()` grants and revokes until the catalog equals it, and a test compares both.
 * A verb may name columns: `select(tenant_id,status)`. Nobody may change or delete history, events or audit entries.
 */

export type RoleKind = "app" | "worker" | "auth";
export type Privileges = Readonly<Record<string, readonly string[]>>;

const read = ["select"] as const;
const append = ["select", "insert"] as const;
const write = ["select", "insert", "update"] as const;
const own = ["select", "insert", "update", "delete"] as const;

/** Rows are taken off by `delete`; `for update skip locked` needs `update`. */
const queue = ["select", "update", "delete"] as const;

/** Serves one tenant at a time. */
const app: Privileges = {
  "app.object_access": ["select", "insert", "delete"],
  "app.idempotency_keys": own,
  "app.person_keys": write,
  "app.counters": write,
  "app.installation": append,
  "app.usage": write,
  "app.mails": write,
  "app.shared_configurations": append,
  "app.configurations": append,
  // Neither what kind of tenant it is, which makes a platform of it, nor whether its purge has begun.
  "identity.tenants": ["select", "insert", "update(name,status,plan,is_verified,version,updated_at,archived_at,purge_at)"],
  // The hashes are never read by weft_app; the columns that it filters by when it deletes are.
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
  "identity.refresh_tokens": write,
  "identity.one_time_tokens": write,
  // Not the columns of the content: what is published stays as it is.
  "workflows.definitions": ["select", "insert", "update(status,published_by,published_at,version,updated_at,tags,environments)", "delete"],
  "workflows.instances": write,
  "workflows.history": append,
  "workflows.tasks": write,
  // Written by a trigger of the tasks alone, as whoever writes the task.
  "workflows.task_candidates": ["select", "insert", "delete"],
  "workflows.incidents": ["select", "insert", "update(status,resolution,resolved_by,comment,resolved_at)"],
  "workflows.instance_fields": own,
  "workflows.instance_words": ["select", "insert", "delete"],
  "workflows.absences": own,
  "workflows.routing_rules": own,
  "workflows.routing_turns": write,
  "workflows.user_skills": ["select", "insert", "delete"],
  "workflows.task_remarks": append,
  "workflows.task_links": ["select", "insert", "update(used_at,revoked_at)"],
  // What is asked for stays as it was asked.
  "workflows.bulk_operations": ["select", "insert", "update(status,done,failed,message,version,updated_at,finished_at)"],
  "workflows.bulk_items": ["select", "insert", "update(status,code,message,result_version,kept,finished_at,attempts,unavailable)"],
  "workflows.instance_heads": read,
  "requests.request_types": write,
  "requests.requests": write,
  "requests.buildings": write,
  "requests.assets": write,
  "vendors.vendors": write,
  "vendors.projects": write,
  "events.log": append,
  "events.outbox": append,
  "events.positions": read,
  "events.position_heads": read,
  "events.consumer_cursors": write,
  "events.parked": write,
  "audit.entries": append,
  "audit.unsealed": append,
  "audit.seals": read,
  "audit.checkpoints": read,
  "audit.notifications": write,
  // Against what is verified, and by whom, stays as it was asked.
  "audit.verifications": [
    "select",
    "insert",
    "update(status,total,sequence,hash,checkpoint,is_valid,problem,unsealed,message,updated_at,finished_at)",
  ],
  "audit.verified_ends": write,
};

/**
 * Relay, sealer and cleaner: what they number, chain, announce and throw away, and nothing of the business. Handlers of events run as weft_app in the event's tenant.
 * What it may read across tenants is in `crossTenantPolicies`.
 */
const worker: Privileges = {
  "app.installation": read,
  // Tenant by tenant, by their age; what was asked and answered under a key is not for it to read.
  "app.idempotency_keys": ["select(tenant_id,created_at)", "delete"],
  // The same for the windows of what was used.
  "app.usage": ["select(tenant_id,window_start)", "delete"],
  // In which tenant one is due, what a destination got, and how old they are; what is in them it reads as weft_app, in the tenant.
  "app.mails": ["select(tenant_id,template,destination_hash,status,next_attempt_at,created_at,finished_at)", "delete"],
  // By their age, when they are over.
  "identity.one_time_tokens": ["select(tenant_id,created_at,used_at,revoked_at)", "delete"],
  "identity.tenants": ["select(tenant_id,status,clock_offset_ms,kind,purge_at)"],
  // In which tenant something is to be done; what it is it reads as weft_app, in the tenant.
  "workflows.bulk_operations": ["select(tenant_id,status,updated_at)"],
  // By the end of their time.
  "workflows.task_links": ["select(tenant_id,expires_at)", "delete"],
  // Forgets what is kept for undoing, by its age; what it is, is not for it to read.
  "workflows.bulk_items": ["select(tenant_id,has_kept,finished_at)", "update(kept)"],
  "events.log": read,
  "events.outbox": queue,
  "events.positions": append,
  "events.position_heads": write,
  "events.consumer_cursors": read,
  "events.parked": ["select(tenant_id,consumer,status)"],
  "audit.entries": read,
  "audit.unsealed": queue,
  "audit.seals": append,
  "audit.checkpoints": append,
  // In which tenant one is to be done; the rest it reads as weft_app, in the tenant.
  "audit.verifications": ["select(tenant_id,status,updated_at)"],
};

/** Finds a login, loads a viewer and the configuration and usage of tenants; reads only. */
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
};

export const rolePrivileges: Readonly<Record<RoleKind, Privileges>> = { app, worker, auth };

/** Permissive policies `using (true)` beside the tenant's: what a role may reach without a tenant. */
export const crossTenantPolicies: readonly { readonly role: RoleKind; readonly table: string; readonly command: "select" | "all" }[] = [
  { role: "worker", table: "identity.tenants", command: "select" },
  { role: "worker", table: "app.mails", command: "select" },
  { role: "worker", table: "workflows.bulk_operations", command: "select" },
  { role: "worker", table: "events.log", command: "select" },
  { role: "worker", table: "events.outbox", command: "all" },
  { role: "worker", table: "events.positions", command: "all" },
  { role: "worker", table: "events.position_heads", command: "all" },
  { role: "worker", table: "events.consumer_cursors", command: "select" },
  { role: "worker", table: "events.parked", command: "select" },
  { role: "worker", table: "audit.entries", command: "select" },
  { role: "worker", table: "audit.unsealed", command: "all" },
  { role: "worker", table: "audit.seals", command: "all" },
  { role: "worker", table: "audit.checkpoints", command: "all" },
  { role: "worker", table: "audit.verifications", command: "select" },
  ...Object.keys(auth).map((table) => ({ role: "auth" as const, table, command: "select" as const })),
];

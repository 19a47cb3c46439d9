/** Every permission, with its description. The API lists them, and roles consist of them. */
export const permissionCatalog = {
  "tenant.read": "View the tenant's own record.",
  "tenant.update": "Change the tenant's name and settings.",
  "user.read": "View users.",
  "user.create": "Create users.",
  "user.update": "Change users, their roles, and their status.",
  "user.provision":
    "Provision users and teams with SCIM: read all of them; create, change, and deactivate users who have no more rights than the account in use.",
  "role.read": "View roles and their permissions.",
  "role.update": "Create roles and change their permissions.",
  "identityProvider.read": "View identity providers and domains of the tenant.",
  "identityProvider.manage":
    "Create, change, and delete identity providers, with which users log in; verify domains, and name the users who can log in without them.",
  "apiKey.read": "View the API keys of all users.",
  "apiKey.manage": "Create service accounts; create, change, and rotate their API keys; revoke API keys of all users.",
  "team.read": "View teams and their members.",
  "team.update": "Create teams and change their members.",
  "definition.read": "View workflow definitions.",
  "definition.create": "Create and change workflow definitions.",
  "definition.publish": "Publish workflow definitions so that instances can start, and deprecate or retire them.",
  "workflow.read": "View workflow instances and their history.",
  "workflow.start": "Start workflow instances.",
  "workflow.fire": "Fire transitions, as far as the definition allows.",
  "workflow.cancel": "Cancel, suspend, and resume workflow instances, and roll them back to an earlier state.",
  "workflow.bulk": "Change many workflow instances at once. Each change also requires the permission for a single instance.",
  "workflow.migrate": "Migrate running workflow instances to another version of their definition.",
  "routing.read": "View assignment rules and skills.",
  "routing.update": "Change assignment rules and skills.",
  "schedule.read": "View schedules and their runs.",
  "schedule.manage": "Create, change, pause, and run schedules.",
  "trigger.read": "View triggers, what they did, and the events that they react to.",
  "trigger.manage": "Create, change, activate, and delete triggers, which act with the rights of the user who saved them.",
  "webhook.read": "View webhooks, and what was sent to them.",
  "webhook.manage": "Create, change, pause, and delete webhooks, which receive the events of the whole tenant.",
  "inboundWebhook.read": "View inbound webhooks and the status of their messages.",
  "inboundWebhook.manage":
    "Create, change, and delete inbound webhooks, which publish events in the name of the user who saved them; read and retry their messages.",
  "incident.read": "View incidents of workflow instances.",
  "incident.resolve": "Resolve incidents of workflow instances.",
  "sla.read": "View lists of SLA clocks, and their ledgers.",
  "sla.manage": "Pause and resume SLA clocks, and change SLA policies.",
  "task.read": "View tasks.",
  "task.claim": "Claim tasks.",
  "task.complete": "Complete tasks by firing one of their transitions.",
  "task.assign": "Assign tasks, set their due dates and priorities, view unassigned tasks, and record absences.",
  "request.read": "View requests.",
  "request.create": "Create requests.",
  "request.update": "Change the fields of requests.",
  "request.submit": "Submit requests.",
  "request.cancel": "Cancel requests.",
  "request.assign": "Assign requests to a user, a team, or a vendor.",
  "request.triage": "Set the priority, due date, tags, and watchers of requests.",
  "request.delete": "Delete ended requests, and restore them.",
  "request.comment": "Comment on requests, and edit your own comments.",
  "comment.delete": "Delete comments of other users on requests.",
  "requestType.read": "View request types.",
  "requestType.create": "Create request types.",
  "requestType.update": "Change, deactivate, and activate request types.",
  "building.read": "View buildings.",
  "building.create": "Create buildings.",
  "building.update": "Change buildings.",
  "building.delete": "Delete and restore buildings.",
  "asset.read": "View assets.",
  "asset.create": "Create assets.",
  "asset.update": "Change assets.",
  "asset.delete": "Delete assets, and restore them.",
  "assetType.update": "Create, change, deactivate, and activate asset types.",
  "meter.record": "Record and correct readings of meters.",
  "maintenancePlan.read": "View maintenance plans and their occurrences.",
  "maintenancePlan.create": "Create maintenance plans.",
  "maintenancePlan.update": "Change, pause, and resume maintenance plans; skip and shift occurrences.",
  "file.create": "Upload files, and attach them to objects that you can see.",
  "file.delete": "Delete attachments.",
  "view.share": "Share saved views with a team or the whole tenant, and change or delete shared views.",
  "vendor.read": "View vendors.",
  "vendor.create": "Create vendors.",
  "vendor.update": "Change vendors.",
  "vendor.deactivate": "Deactivate vendors.",
  "vendor.approve": "Suspend, block, and reinstate vendors.",
  "vendor.rate": "Rate the vendors that completed requests.",
  "vendorContact.update": "Add, change, and remove contacts of vendors.",
  "vendorDocument.read": "View documents of vendors, and which documents vendors must have.",
  "vendorDocument.create": "Add documents of vendors.",
  "vendorDocument.update": "Change and remove documents of vendors.",
  "vendorDocument.review": "Accept and reject documents of vendors, and set which documents vendors must have.",
  "vendorOffer.answer": "Accept and decline offers of requests. Only for users of the vendor.",
  "project.read": "View projects.",
  "project.create": "Create projects.",
  "project.update": "Change projects.",
  "project.delete": "Delete ended projects, and restore them.",
  "contract.read": "View contracts.",
  "contract.create": "Create contracts.",
  "contract.update": "Change and delete contracts, and record their obligations and costs.",
  "contract.sign": "Submit, renew, and terminate contracts.",
  "scope.read": "View scopes of projects and their changes.",
  "scope.update": "Create, change, and remove scope items; propose, refresh, and withdraw changes of approved scopes.",
  "scope.approve": "Approve the first version of a scope.",
  "projectTask.read": "View project tasks.",
  "projectTask.update": "Create, change, move, delete, and restore project tasks; change dependencies and plans.",
  "projectTask.report": "Report progress of project tasks.",
  "integration.read": "View integrations, their calls, and their triggers.",
  "integration.manage": "Create, change, check, and delete integrations and their triggers; make and retry calls.",
  "agent.read": "View agents, model providers, calls of tools, and what agents have used.",
  "agent.manage": "Create, change, and delete agents and model providers.",
  "step.take": "Take steps of automations as an external worker: read their inputs, write to their logs, and report their results.",
  "secret.read": "View names and descriptions of secrets. Values are never shown.",
  "secret.manage": "Create, change, and delete secrets that automations read.",
  "secret.use": "Publish definitions whose steps read secrets.",
  "securityProfile.read": "View security profiles.",
  "securityProfile.manage": "Create, change, and delete security profiles.",
  "definitionShare.read": "View definitions that are shared with other tenants, or that other tenants share.",
  "definitionShare.manage": "Share definitions with other tenants, accept and decline what they offer, and revoke shares.",
  "definitionShare.use": "Start and copy definitions that other tenants share.",
  "configuration.read": "View the configuration and the source of each value.",
  "configuration.update": "Change the configuration of the tenant and its teams.",
  "event.read": "View the log of events.",
  "event.publish": "Publish custom events.",
  "event.retry": "View parked events, retry them, and skip them.",
  "eventType.update": "Declare, change, and delete types of custom events.",
  "audit.read": "Read the audit log.",
  "audit.verify": "Verify the hash chain of the audit log.",
  "notification.read": "Read your own notifications.",
  "notification.manage":
    "Manage rules of notifications; view the deliveries of notifications, send them again, and lift suppressions of email addresses.",
  "clock.advance": "Advance the clock of a sandbox.",
  "platform.read": "View all tenants of the installation and its configuration. Only for users of the platform tenant.",
  "platform.update":
    "Create, change, suspend, archive, and restore tenants; set plans and shared configuration. Only for users of the platform tenant.",
  "platform.act": "Act inside a tenant for a limited time. Only for users of the platform tenant.",
} as const;

export type CatalogPermission = keyof typeof permissionCatalog;

/** A tenant's own permission, created with `createPermission`. Only the tenant's roles and definitions use it; no operation requires it. */
export type CustomPermission = `custom.${string}`;

export type Permission = CatalogPermission | CustomPermission;

/**
 * Returns whether the name is in the catalog or is a valid name of a custom permission. Only the database knows whether the custom permission exists.
 */
export const isPermission = (name: unknown): name is Permission =>
  typeof name === "string" && (Object.hasOwn(permissionCatalog, name) || isCustomPermission(name));

export const isCustomPermission = (name: string): name is CustomPermission => /^custom\.[a-z][A-Za-z0-9]{0,31}$/.test(name);

/**
 * Returns whether a permission is effective only in the platform tenant. In other tenants, nobody holds it (whatever a role contains), nobody can
 * grant it, and lists omit it.
 */
export const isPlatformPermission = (permission: Permission): boolean => permission.startsWith("platform.");

/** Permissions that roles of a customer's tenant can contain. */
export const customerPermissions: readonly CatalogPermission[] = (Object.keys(permissionCatalog) as CatalogPermission[]).filter(
  (permission) => !isPlatformPermission(permission),
);

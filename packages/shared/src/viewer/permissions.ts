/** Every permission there is, with what it allows; the API shows the list, roles are made of it. */
export const permissionCatalogue = {
  "tenant.read": "See the tenant's own record.",
  "tenant.update": "Change the tenant's name and settings.",
  "user.read": "See users.",
  "user.create": "Create users.",
  "user.update": "Change users, their roles and status.",
  "role.read": "See roles and what they permit.",
  "role.update": "Create roles and change what they permit.",
  "team.read": "See teams and their members.",
  "team.update": "Create teams and change their members.",
  "definition.read": "See workflow definitions.",
  "definition.create": "Write workflow definitions.",
  "definition.publish": "Publish workflow definitions, so that instances can start, and take them out of use.",
  "workflow.read": "See workflow instances with their history.",
  "workflow.start": "Start workflow instances.",
  "workflow.fire": "Fire transitions; which ones is the definition's matter.",
  "workflow.cancel": "Cancel, suspend and resume workflow instances, and take them back to an earlier state.",
  "workflow.bulk": "Do to many workflow instances at once what one may do to each of them.",
  "workflow.migrate": "Move running workflow instances to another version of their definition.",
  "routing.read": "See the rules by which work finds its people, and their skills.",
  "routing.update": "Change the rules by which work finds its people, and their skills.",
  "incident.read": "See why workflow instances cannot go on by themselves.",
  "incident.resolve": "Decide how workflow instances go on that cannot by themselves.",
  "task.read": "See tasks.",
  "task.claim": "Take a task for oneself.",
  "task.complete": "Complete a task by firing one of its transitions.",
  "task.assign": "Assign tasks to people, set their due dates and priorities, see tasks that nobody is offered, and say who is absent.",
  "request.read": "See requests.",
  "request.create": "Create requests.",
  "request.update": "Change the fields of a request.",
  "request.submit": "Send a request on its way.",
  "request.cancel": "Cancel a request.",
  "request.assign": "Assign a request to a user, a team or a vendor.",
  "requestType.read": "See request types.",
  "requestType.create": "Create request types.",
  "building.read": "See buildings.",
  "building.create": "Create buildings.",
  "building.update": "Change buildings.",
  "asset.read": "See assets.",
  "asset.create": "Create assets.",
  "asset.update": "Change assets.",
  "vendor.read": "See vendors.",
  "vendor.create": "Create vendors.",
  "vendor.update": "Change vendors.",
  "vendor.deactivate": "Deactivate vendors.",
  "project.read": "See projects.",
  "project.create": "Create projects.",
  "configuration.read": "See the configuration and where its values come from.",
  "configuration.update": "Change the tenant's and the teams' configuration.",
  "audit.read": "Read the audit log.",
  "audit.verify": "Verify the audit log's chain.",
  "notification.read": "Read one's own notifications.",
  "platform.read": "See all tenants of the installation and its configuration. Held only by users of the platform tenant.",
  "platform.update":
    "Make, change, suspend, archive and restore tenants, set plans and shared configuration. Held only by users of the platform tenant.",
  "platform.act": "Act inside a tenant for a limited time. Held only by users of the platform tenant.",
} as const;

export type CatalogPermission = keyof typeof permissionCatalogue;

/** A tenant's own, made by `createPermission`: only its roles and definitions know what it is for. No operation asks for it. */
export type CustomPermission = `custom.${string}`;

export type Permission = CatalogPermission | CustomPermission;

/** True for a name of the catalogue, and for one that a tenant may have made; whether it did, the database knows. */
export const isPermission = (name: unknown): name is Permission =>
  typeof name === "string" && (Object.hasOwn(permissionCatalogue, name) || isCustomPermission(name));

export const isCustomPermission = (name: string): name is CustomPermission => /^custom\.[a-z][A-Za-z0-9]{0,31}$/.test(name);

/** Counts only in the platform tenant: elsewhere nobody holds it, whatever a role says, nobody can grant it, and lists leave it out. */
export const isPlatformPermission = (permission: Permission): boolean => permission.startsWith("platform.");

/** What roles of a customer's tenant are made of. */
export const customerPermissions: readonly CatalogPermission[] = (Object.keys(permissionCatalogue) as CatalogPermission[]).filter(
  (permission) => !isPlatformPermission(permission),
);

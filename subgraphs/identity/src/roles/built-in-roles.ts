import { customerPermissions, masterDataPermissions, type Permission, type Scope } from "@weft/shared/viewer";
import type { Grant } from "../rights/grant.js";

/** A role that every tenant starts with. Its key is fixed, but tenants can change its grants. */
export interface BuiltInRole {
  readonly name: string;
  readonly description: string;
  readonly grants: readonly Grant[];
}

const all = customerPermissions;
// The lists below overlap, but a role contains each grant only once.
const grant = (scope: Scope, permissions: readonly Permission[]): Grant[] =>
  [...new Set(permissions)].map((permission) => ({ permission, scope }));
const of = (...resources: string[]): Permission[] => all.filter((permission) => resources.includes(permission.split(".")[0] ?? ""));

const ownNotifications = grant("OWN", ["notification.read"]);
/** Not part of reading everything: these logs show what happens to all objects. */
const logs: readonly Permission[] = ["audit.read", "event.read"];
/** Not part of it either: everybody reads only their own notifications, and webhooks, integrations and identity providers are for those who connect systems. */
const apart: readonly Permission[] = [
  "notification.read",
  "apiKey.read",
  "auditStream.read",
  "webhook.read",
  "inboundWebhook.read",
  "integration.read",
  "agent.read",
  "secret.read",
  "definitionShare.read",
  "identityProvider.read",
  "schema.read",
  "fieldUsage.read",
  "application.read",
  "complianceReport.read",
  "privacy.read",
];
const isRead = (permission: Permission): boolean => permission.endsWith(".read");
const reading = all.filter((permission) => isRead(permission) && !logs.includes(permission) && !apart.includes(permission));
const surroundings: Permission[] = [
  "definition.read",
  "requestType.read",
  ...masterDataPermissions.filter(isRead),
  "user.read",
  "team.read",
];

/** Grants to upload and attach files, and to delete the user's own attachments. */
const files = [...grant("TENANT", ["file.create"]), ...grant("OWN", ["file.delete"])];

/** Grants to view entire requests and decide on their tasks, shared by the departments of a lender or an owner. */
const specialist = [
  ...grant("TENANT", [
    ...surroundings,
    "request.read",
    "request.comment",
    "vendor.read",
    "workflow.read",
    "workflow.fire",
    "task.read",
    "task.claim",
    "task.complete",
  ]),
  // Projects that they manage or take part in.
  ...grant("ASSIGNED", ["project.read"]),
  ...files,
  ...ownNotifications,
];

/** Grants of the departments that approve contracts. */
const contracts = grant("TENANT", ["contract.read"]);

/** Roles of a new tenant by key, in display order. Existing tenants get a new permission by a migration that calls `app.grant_to_built_in_roles`. */
export const builtInRoles = {
  admin: {
    name: "Administrator",
    description: "Has all permissions in the tenant.",
    grants: [...grant("TENANT", all), ...ownNotifications],
  },
  workflow_manager: {
    name: "Workflow manager",
    description: "Designs workflows, approves, and monitors everything that runs.",
    grants: [
      ...grant("TENANT", [
        ...reading,
        ...of("definition", "workflow", "incident", "sla", "routing", "schedule", "trigger", "task", "request", "comment", "file"),
        ...of("meter", "maintenancePlan", "project", "projectTask", "scope", "contract", "vendorDocument"),
        "requestType.create",
        "requestType.update",
        "assetType.update",
        "vendor.approve",
        "vendor.rate",
        "view.share",
        "definitionShare.read",
        "definitionShare.use",
        ...logs,
      ]),
      ...ownNotifications,
    ],
  },
  operations: {
    name: "Operations",
    description: "Triages and assigns requests, and maintains buildings and assets.",
    grants: [
      ...grant("TENANT", [
        ...surroundings,
        ...of("request", "task"),
        ...masterDataPermissions,
        ...of("assetType", "meter", "maintenancePlan", "file", "projectTask"),
        "workflow.read",
        "workflow.fire",
        "workflow.bulk",
        "sla.read",
        "vendor.read",
        "vendorDocument.read",
        "project.read",
        "scope.read",
        "contract.read",
      ]),
      ...grant("TEAM", ["view.share"]),
      ...ownNotifications,
    ],
  },
  requester: {
    name: "Requester",
    description: "Creates requests and follows their own.",
    grants: [
      ...grant("OWN", [
        "request.read",
        "request.update",
        "request.submit",
        "request.cancel",
        "request.comment",
        "workflow.read",
        "workflow.fire",
        "task.read",
        "vendor.rate",
      ]),
      ...grant("ASSIGNED", ["project.read"]),
      ...grant("TENANT", ["request.create", "requestType.read", "building.read", "asset.read", "definition.read", "user.read"]),
      ...files,
      ...ownNotifications,
    ],
  },
  approver: {
    name: "Approver",
    description: "Reads everything except the audit trail, and approves tasks.",
    grants: [
      ...grant("TENANT", [...reading, "workflow.fire", "task.claim", "task.complete", "request.comment"]),
      ...files,
      ...ownNotifications,
    ],
  },
  underwriter: { name: "Underwriter", description: "Assesses risks of requests.", grants: specialist },
  credit_team: { name: "Credit team", description: "Checks the credit side of requests.", grants: [...specialist, ...contracts] },
  legal_team: { name: "Legal team", description: "Checks the legal side of requests.", grants: [...specialist, ...contracts] },
  technical_team: { name: "Technical team", description: "Checks the technical side of requests.", grants: specialist },
  viewer: {
    name: "Viewer",
    description: "Reads everything except the audit trail.",
    grants: [...grant("TENANT", reading), ...ownNotifications],
  },
  developer: {
    name: "Developer",
    description: "Writes and tests workflow definitions and agents.",
    grants: [
      ...grant("TENANT", [
        ...surroundings,
        ...of("definition", "eventType", "webhook", "agent"),
        "workflow.read",
        "workflow.start",
        "workflow.fire",
        "task.read",
      ]),
      ...grant("TENANT", ["event.read", "event.publish"]),
      ...grant("TENANT", of("inboundWebhook", "schema", "fieldUsage")),
      ...grant("TENANT", ["application.read", "application.push", "application.explore"]),
      ...ownNotifications,
    ],
  },
  operator: {
    name: "Operator",
    description: "Runs workflows: starts, changes, and cancels them.",
    // Migrating instances determines how they continue, as designing a workflow does.
    grants: [
      ...grant("TENANT", [
        ...surroundings,
        ...of("workflow", "incident", "sla", "task").filter((permission) => permission !== "workflow.migrate"),
        "agent.read",
      ]),
      ...files,
      ...ownNotifications,
    ],
  },
  vendor_user: {
    name: "Vendor user",
    description: "Works for a vendor: sees what is assigned to the vendor, and nothing else.",
    grants: [
      ...grant("ASSIGNED", ["request.read", "request.comment", "workflow.read", "workflow.fire", "task.read"]),
      ...grant("ASSIGNED", ["project.read", "projectTask.read", "projectTask.report"]),
      // Contacts of their own vendor.
      ...grant("ASSIGNED", ["vendorContact.update"]),
      ...grant("ASSIGNED", ["vendorDocument.read", "vendorDocument.create"]),
      // For users of a vendor, the database limits these to objects assigned to the vendor, the vendor itself and its users.
      ...grant("TENANT", [
        "requestType.read",
        "definition.read",
        "asset.read",
        "building.read",
        "vendor.read",
        "vendorOffer.answer",
        "contract.read",
        "user.read",
        "file.create",
      ]),
      ...ownNotifications,
    ],
  },
} as const satisfies Record<string, BuiltInRole>;

export type BuiltInRoleKey = keyof typeof builtInRoles;

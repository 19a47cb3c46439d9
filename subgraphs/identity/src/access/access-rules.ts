import { identity } from "@weft/drizzle";
import { BadUserInput, quote } from "@weft/shared/errors";
import { entityIdTypes, type IdType } from "@weft/shared/ids";
import { isCustomPermission, isPermission, type Permission, permissionCatalog } from "@weft/shared/viewer";
import { accessibleTypes, isOfVendor, objectAccessRules, type ObjectAccessRules, resourceOf, tenantWideTypes } from "@weft/platform/access";
import { eq, or, sql } from "drizzle-orm";
import { didYouMean } from "graphql/jsutils/didYouMean.js";
import { suggestionList } from "graphql/jsutils/suggestionList.js";
import { visibleUsers } from "../users/user-list.service.js";
import { nearOf } from "./near.js";
import type { Near } from "./near.js";

const { users } = identity;

/** Type of the objects that a permission applies to and its scopes select from. */
export interface ObjectType {
  readonly idType: IdType;
  /** Type name used in errors. */
  readonly typeName: string;
  /** Permission to read such objects, and so to know that they exist. */
  readonly read: Permission;
  readonly rules: ObjectAccessRules;
  /** Undefined if it can be any user. */
  readonly near: Near | undefined;
}

const userRules: ObjectAccessRules = {
  from: sql`${users}`,
  id: sql`${users.id}`,
  // The database hides team memberships from users of a vendor, whatever teams they are in.
  inScope: (viewer, permission) => visibleUsers(isOfVendor(viewer) ? { ...viewer, teamIds: [] } : viewer, permission),
  // They can see each other and change themselves.
  forVendor: ({ userId, vendorId }, permission) => {
    const self = eq(users.id, userId);
    return permission === "user.read" ? (or(self, eq(users.vendorId, vendorId)) ?? self) : self;
  },
};

/** Keyed by the first part of a permission's name. */
const typesOfResources: Readonly<Record<string, { readonly idType: IdType; readonly rules: ObjectAccessRules }>> = {
  user: { idType: "user", rules: userRules },
  ...Object.fromEntries(accessibleTypes.map((type) => [resourceOf(type), { idType: type, rules: objectAccessRules[type] }])),
};

/** Permissions to create something: there is no object yet. */
const makesNew = (permission: Permission): boolean => permission.endsWith(".create") || permission === "workflow.start";

/** @throws BadUserInput with a suggestion */
export function permissionOf(name: string): Permission {
  if (isPermission(name)) return name;
  const suggestion = name.length > 64 ? "" : didYouMean(suggestionList(name, Object.keys(permissionCatalog)));
  throw new BadUserInput([
    { path: "permission", message: `The permission ${quote(name)} does not exist. See the query permissions.${suggestion}` },
  ]);
}

/** @throws BadUserInput for a permission that does not apply to individual objects */
export function objectTypeOf(permission: Permission): ObjectType {
  const [resource = ""] = permission.split(".");
  const type = typesOfResources[resource];
  const [typeName] = Object.entries(entityIdTypes).find(([, idType]) => idType === type?.idType) ?? [];
  const read = `${resource}.read`;
  if (!type || typeName === undefined || !isPermission(read) || makesNew(permission))
    throw new BadUserInput([{ path: "objectId", message: `${permission} is not about objects. Omit objectId.` }]);
  return { ...type, typeName, read, near: nearOf[resource] };
}

/** Permissions that every operation requires in scope TENANT, so narrower scopes have no effect. A test compares this list with the rules. */
export const tenantWidePermissions: ReadonlySet<Permission> = new Set<Permission>([
  "tenant.update",
  "user.create",
  "user.provision",
  "role.update",
  "apiKey.read",
  "apiKey.manage",
  "application.read",
  "application.manage",
  "application.push",
  "application.explore",
  "privacy.read",
  "privacy.manage",
  "complianceReport.read",
  "complianceReport.create",
  "complianceReport.delete",
  "schema.read",
  "fieldUsage.read",
  "definition.create",
  "definition.publish",
  "routing.read",
  "routing.update",
  "schedule.read",
  "schedule.manage",
  "trigger.read",
  "trigger.manage",
  "auditStream.read",
  "auditStream.manage",
  "webhook.read",
  "webhook.manage",
  "identityProvider.read",
  "identityProvider.manage",
  "inboundWebhook.read",
  "inboundWebhook.manage",
  "integration.read",
  "integration.manage",
  "agent.read",
  "agent.manage",
  "step.take",
  "secret.read",
  "secret.manage",
  "secret.use",
  "securityProfile.read",
  "securityProfile.manage",
  "definitionShare.read",
  "definitionShare.manage",
  "definitionShare.use",
  "event.read",
  "event.publish",
  "event.retry",
  "eventType.update",
  "notification.manage",
  "clock.advance",
  ...tenantWideTypes.map((type) => `${type}.create` as const),
  "requestType.update",
  "assetType.update",
  "asset.delete",
  "request.delete",
  "vendor.create",
  "project.create",
  "project.delete",
  "contract.create",
  "platform.read",
  "platform.update",
  "platform.act",
]);

/** Permissions with which users of a vendor can change what the vendor was given. The database rejects all other changes, regardless of roles. */
const changesOfVendors: ReadonlySet<Permission> = new Set<Permission>([
  "user.update",
  "workflow.fire",
  "workflow.cancel",
  "task.claim",
  "task.complete",
  "request.update",
  "request.submit",
  "request.cancel",
  "request.assign",
  "request.comment",
]);

/** Returns whether users of a vendor can use the permission on any object. */
export const isForVendors = (permission: Permission): boolean =>
  // Custom permissions are required only by definitions, also of users of a vendor.
  /\.(read|verify)$/.test(permission) || changesOfVendors.has(permission) || isCustomPermission(permission);

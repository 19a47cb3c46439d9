import { identity } from "@weft/drizzle";
import {
  BadUserInput,
  entityIdTypes,
  isCustomPermission,
  isOfVendor,
  isPermission,
  objectAccessRules,
  permissionCatalogue,
  quote,
} from "@weft/shared";
import type { IdType, ObjectAccessRules, Permission } from "@weft/shared";
import { eq, or, sql } from "drizzle-orm";
import { didYouMean } from "graphql/jsutils/didYouMean.js";
import { suggestionList } from "graphql/jsutils/suggestionList.js";
import { visibleUsers } from "../users/user-list.service.js";
import { nearOf } from "./near.js";
import type { Near } from "./near.js";

const { users } = identity;

/** What a permission is about: the objects that its scopes choose among. */
export interface ObjectType {
  readonly idType: IdType;
  /** As errors name it. */
  readonly typeName: string;
  /** Who reads such an object knows that there is one. */
  readonly read: Permission;
  readonly rules: ObjectAccessRules;
  /** Undefined: it may be anybody. */
  readonly near: Near | undefined;
}

const userRules: ObjectAccessRules = {
  from: sql`${users}`,
  id: sql`${users.id}`,
  // Who is in a team the database hides from a vendor's user, of whatever teams he is.
  inScope: (viewer, permission) => visibleUsers(isOfVendor(viewer) ? { ...viewer, teamIds: [] } : viewer, permission),
  // They see one another, and change themselves.
  forVendor: ({ userId, vendorId }, permission) => {
    const self = eq(users.id, userId);
    return permission === "user.read" ? (or(self, eq(users.vendorId, vendorId)) ?? self) : self;
  },
};

/** By the first part of a permission's name. */
const typesOfResources: Readonly<Record<string, { readonly idType: IdType; readonly rules: ObjectAccessRules }>> = {
  user: { idType: "user", rules: userRules },
  definition: { idType: "definition", rules: objectAccessRules.definition },
  workflow: { idType: "instance", rules: objectAccessRules.instance },
  task: { idType: "task", rules: objectAccessRules.task },
  request: { idType: "request", rules: objectAccessRules.request },
  requestType: { idType: "requestType", rules: objectAccessRules.requestType },
  building: { idType: "building", rules: objectAccessRules.building },
  asset: { idType: "asset", rules: objectAccessRules.asset },
  vendor: { idType: "vendor", rules: objectAccessRules.vendor },
  project: { idType: "project", rules: objectAccessRules.project },
};

/** Those that make something new: there is no object yet. */
const makesNew = (permission: Permission): boolean => permission.endsWith(".create") || permission === "workflow.start";

/** @throws BadUserInput with a suggestion */
export function permissionOf(name: string): Permission {
  if (isPermission(name)) return name;
  const suggestion = name.length > 64 ? "" : didYouMean(suggestionList(name, Object.keys(permissionCatalogue)));
  throw new BadUserInput([{ path: "permission", message: `${quote(name)} is no permission: see the query permissions.${suggestion}` }]);
}

/** @throws BadUserInput for a permission that is not about single objects that could be named */
export function objectTypeOf(permission: Permission): ObjectType {
  const [resource = ""] = permission.split(".");
  const type = typesOfResources[resource];
  const [typeName] = Object.entries(entityIdTypes).find(([, idType]) => idType === type?.idType) ?? [];
  const read = `${resource}.read`;
  if (!type || typeName === undefined || !isPermission(read) || makesNew(permission))
    throw new BadUserInput([{ path: "objectId", message: `${permission} is explained without an object: leave objectId out.` }]);
  return { ...type, typeName, read, near: nearOf[resource] };
}

/** Asked for in scope TENANT by every operation: there a narrower scope opens nothing. A test holds it against the rules. */
export const tenantWidePermissions: ReadonlySet<Permission> = new Set<Permission>([
  "tenant.update",
  "user.create",
  "role.update",
  "definition.create",
  "definition.publish",
  "requestType.create",
  "routing.read",
  "routing.update",
  "building.create",
  "asset.create",
  "vendor.create",
  "project.create",
  "platform.read",
  "platform.update",
  "platform.act",
]);

/** What the database lets a vendor's user change, of what the vendor was given; all else it refuses, whatever roles somebody gave. */
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
]);

/** Whether a vendor's user can use the permission on anything at all. */
export const isForVendors = (permission: Permission): boolean =>
  // What a tenant has made itself, definitions alone ask for, of vendors' people too.
  /\.(read|verify)$/.test(permission) || changesOfVendors.has(permission) || isCustomPermission(permission);

import type { Aggregate } from "../aggregates/aggregate.js";
import { aggregates, entriesOf, type Entries } from "../aggregates/entries.js";

/** Order in which the API lists permissions, by the first part of their names. Others follow in the order of the aggregates. */
const resources = `
  tenant user role identityProvider apiKey team definition workflow routing schedule trigger webhook inboundWebhook incident sla task
  request comment requestType building asset assetType meter maintenancePlan file view vendor vendorContact vendorDocument vendorOffer
  project contract scope projectTask integration agent step secret securityProfile definitionShare configuration event eventType audit
  notification schema fieldUsage clock platform`
  .trim()
  .split(/\s+/);

const placeOf = (permission: string): number => {
  const place = resources.indexOf(permission.slice(0, permission.indexOf(".")));
  return place === -1 ? resources.length : place;
};

/** Every permission, with its description. The API lists them, and roles consist of them. */
export const permissionCatalog = Object.fromEntries(
  Object.entries(entriesOf("permissions")).toSorted(([a], [b]) => placeOf(a) - placeOf(b)),
) as Entries<"permissions">;

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

const ofMasterData: ReadonlySet<string> = new Set(
  aggregates.flatMap(({ isMasterData, permissions = {} }: Aggregate) => (isMasterData ? Object.keys(permissions) : [])),
);

/** Permissions for the aggregates that are master data. */
export const masterDataPermissions = customerPermissions.filter((permission) => ofMasterData.has(permission));

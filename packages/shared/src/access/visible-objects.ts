import { requests as requestTables, vendors as vendorTables, workflows } from "@weft/drizzle";
import { and, eq, sql } from "drizzle-orm";
import type { AnyColumn, SQL } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import { givenToVendor } from "../object-access/object-access.js";
import type { Permission } from "../viewer/permissions.js";
import type { Viewer } from "../viewer/viewer.js";
import { visibleInstances } from "../viewer/visible.js";
import { visibleTasks } from "./visible-tasks.js";

const { assets, buildings, requests, requestTypes } = requestTables;
const { projects, vendors } = vendorTables;
const { definitions, instanceHeads, instances, tasks } = workflows;

/**
 * Access to the objects of a type: the predicates that its stores put into their statements and that access explanations use. They depend only on the
 * viewer and not on the transaction, so they can be evaluated for any user.
 */
export interface ObjectAccessRules {
  /** Tables whose columns the predicates use. */
  readonly from: SQL;
  readonly id: SQL;
  /** Selects the objects that the scopes of a permission reach. */
  readonly inScope: (viewer: Viewer, permission: Permission) => SQL;
  /**
   * Restricts these objects for a vendor's user. The table's policy has the same condition for the transaction's own user. The lists of some types
   * repeat it so that an index can be used.
   */
  readonly forVendor: (viewer: OfVendor, permission: Permission) => SQL;
  /** True if objects have no owner, assignee or team, so that only scope TENANT reaches them. */
  readonly isTenantWide?: true;
}

type OfVendor = Viewer & { readonly vendorId: string };

/**
 * The condition of the policies `app.vendor_sees(…)`: the vendor was given the objects with these IDs (all of them if a statement joins several
 * tables).
 */
const given =
  (...ids: readonly AnyColumn[]): ObjectAccessRules["forVendor"] =>
  ({ vendorId }) =>
    and(...ids.map((id) => givenToVendor(id, vendorId))) ?? sql`false`;

/** The condition of the policy `true`. */
const everything = (): SQL => sql`true`;

/** Rules for a table whose objects only scope TENANT reaches. */
const tenantWide = (table: PgTable & { readonly id: AnyColumn }, forVendor = given(table.id)) =>
  ({
    from: sql`${table}`,
    id: sql`${table.id}`,
    inScope: (viewer: Viewer, permission: Permission) => visibleInstances(viewer, permission, {}),
    forVendor,
    isTenantWide: true as const,
  }) satisfies ObjectAccessRules;

const inInstance = (table: typeof requests | typeof projects): ObjectAccessRules => ({
  from: sql`${table} join ${instanceHeads} on ${eq(instanceHeads.tenantId, table.tenantId)} and ${eq(instanceHeads.id, table.instanceId)}`,
  id: sql`${table.id}`,
  inScope: (viewer, permission) => visibleInstances(viewer, permission, instanceHeads),
  forVendor: given(table.id, table.instanceId),
});

/** Rules for the types of objects that have permissions. Identity adds its own. */
export const objectAccessRules = {
  request: inInstance(requests),
  instance: {
    from: sql`${instances}`,
    id: sql`${instances.id}`,
    inScope: (viewer, permission) => visibleInstances(viewer, permission, instances),
    forVendor: given(instances.id),
  },
  task: {
    from: sql`${tasks} join ${instances} on ${eq(instances.tenantId, tasks.tenantId)} and ${eq(instances.id, tasks.instanceId)}`,
    id: sql`${tasks.id}`,
    inScope: visibleTasks,
    forVendor: given(tasks.instanceId),
  },
  definition: {
    from: sql`${definitions}`,
    id: sql`${definitions.id}`,
    inScope: (viewer, permission) => visibleInstances(viewer, permission, { ownerId: definitions.createdBy }),
    // The definitions of the instances that the vendor was given, as in the policy `app.vendor_sees_definition(id)`.
    forVendor: ({ vendorId }) => sql`${definitions.id} = any(array(select i.definition_id from app.object_access a
  join workflows.instances i on i.tenant_id = a.tenant_id and i.id = a.object_id where a.tenant_id = app.tenant() and a.vendor_id = ${vendorId}))`,
  },
  requestType: tenantWide(requestTypes, everything),
  building: tenantWide(buildings),
  asset: tenantWide(assets),
  // All vendors in scope TENANT, the user's own vendor in scope ASSIGNED.
  vendor: {
    from: sql`${vendors}`,
    id: sql`${vendors.id}`,
    inScope: (viewer, permission) => visibleInstances(viewer, permission, { assigneeVendorId: vendors.id }),
    forVendor: ({ vendorId }) => eq(vendors.id, vendorId),
  },
  // A project is visible if its instance is.
  project: inInstance(projects),
} as const satisfies Record<string, ObjectAccessRules>;

export type AccessibleType = keyof typeof objectAccessRules;

type TenantWideType = {
  [T in AccessibleType]: (typeof objectAccessRules)[T] extends { readonly isTenantWide: true } ? T : never;
}[AccessibleType];

export const accessibleTypes = Object.keys(objectAccessRules) as AccessibleType[];

/** Types whose objects only scope TENANT reaches. */
export const tenantWideTypes = accessibleTypes.filter((type): type is TenantWideType => "isTenantWide" in objectAccessRules[type]);

/** Returns the first part of a type's permission names: `building` of `building.read`. */
export const resourceOf = (type: AccessibleType): string => (type === "instance" ? "workflow" : type);

/** Returns the permission to read objects of a type. */
export const readPermissionOf = (type: AccessibleType): Permission => (type === "instance" ? "workflow.read" : `${type}.read`);

/** Returns the predicate for the store of an aggregate: the objects that the scopes reach. Row-level security restricts vendors' users further. */
export const visibleObjects = (type: AccessibleType, viewer: Viewer, permission: Permission): SQL =>
  objectAccessRules[type].inScope(viewer, permission);

/**
 * Like `visibleObjects`, for types of which a vendor's user sees few objects among many. The condition that repeats the policy allows an index to be
 * used.
 */
export function visibleObjectsByIndex(type: AccessibleType, viewer: Viewer, permission: Permission): SQL | undefined {
  const { inScope, forVendor }: ObjectAccessRules = objectAccessRules[type];
  return and(inScope(viewer, permission), isOfVendor(viewer) ? forVendor(viewer, permission) : undefined);
}

/** Returns whether the viewer works for a vendor. */
export const isOfVendor = (viewer: Viewer): viewer is OfVendor => viewer.vendorId !== null;

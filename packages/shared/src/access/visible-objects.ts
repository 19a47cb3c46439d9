import { requests as requestTables, vendors as vendorTables, workflows } from "@weft/drizzle";
import { and, eq, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { givenToVendor } from "../object-access/object-access.js";
import type { Permission } from "../viewer/permissions.js";
import type { Viewer } from "../viewer/viewer.js";
import { visibleInstances } from "../viewer/visible.js";
import { visibleTasks } from "./visible-tasks.js";

const { assets, buildings, requests, requestTypes } = requestTables;
const { projects, vendors } = vendorTables;
const { definitions, instanceHeads, instances, tasks } = workflows;

/**
 * Who reaches the objects of a type: what its stores put into their statements, and what explains access reads. Predicates take all from the
 * viewer and nothing from the transaction, so that they answer for anybody.
 */
export interface ObjectAccessRules {
  /** Of which the predicates read columns. */
  readonly from: SQL;
  readonly id: SQL;
  /** The objects that the scopes of a permission reach. */
  readonly inScope: (viewer: Viewer, permission: Permission) => SQL;
  /**
   * Of those, what is left to a vendor's user. The policy of the table says it too, for the transaction's own user; the lists of some types repeat it, to
   * go through an index.
   */
  readonly forVendor: (viewer: Viewer & { readonly vendorId: string }, permission: Permission) => SQL;
}

const both = (a: SQL, b: SQL): SQL => sql`(${a} and ${b})`;
const everything = sql`true`;

/** The types of objects that permissions are about; identity adds its own. */
export const objectAccessRules = {
  request: {
    from: sql`${requests} join ${instanceHeads} on ${eq(instanceHeads.tenantId, requests.tenantId)} and ${eq(instanceHeads.id, requests.instanceId)}`,
    id: sql`${requests.id}`,
    inScope: (viewer, permission) => visibleInstances(viewer, permission, instanceHeads),
    forVendor: ({ vendorId }) => both(givenToVendor(requests.id, vendorId), givenToVendor(requests.instanceId, vendorId)),
  },
  instance: {
    from: sql`${instances}`,
    id: sql`${instances.id}`,
    inScope: (viewer, permission) => visibleInstances(viewer, permission, instances),
    forVendor: ({ vendorId }) => givenToVendor(instances.id, vendorId),
  },
  task: {
    from: sql`${tasks} join ${instances} on ${eq(instances.tenantId, tasks.tenantId)} and ${eq(instances.id, tasks.instanceId)}`,
    id: sql`${tasks.id}`,
    inScope: visibleTasks,
    forVendor: ({ vendorId }) => givenToVendor(tasks.instanceId, vendorId),
  },
  definition: {
    from: sql`${definitions}`,
    id: sql`${definitions.id}`,
    inScope: (viewer, permission) => visibleInstances(viewer, permission, { ownerId: definitions.createdBy }),
    // Those that the vendor's work runs on.
    forVendor: ({ vendorId }) => sql`${definitions.id} = any(array(select i.definition_id from app.object_access a
  join workflows.instances i on i.tenant_id = a.tenant_id and i.id = a.object_id where a.tenant_id = app.tenant() and a.vendor_id = ${vendorId}))`,
  },
  requestType: {
    from: sql`${requestTypes}`,
    id: sql`${requestTypes.id}`,
    inScope: (viewer, permission) => visibleInstances(viewer, permission, {}),
    forVendor: () => everything,
  },
  building: {
    from: sql`${buildings}`,
    id: sql`${buildings.id}`,
    inScope: (viewer, permission) => visibleInstances(viewer, permission, {}),
    forVendor: ({ vendorId }) => givenToVendor(buildings.id, vendorId),
  },
  asset: {
    from: sql`${assets}`,
    id: sql`${assets.id}`,
    inScope: (viewer, permission) => visibleInstances(viewer, permission, {}),
    forVendor: ({ vendorId }) => givenToVendor(assets.id, vendorId),
  },
  // All vendors in scope TENANT, one's own in scope ASSIGNED.
  vendor: {
    from: sql`${vendors}`,
    id: sql`${vendors.id}`,
    inScope: (viewer, permission) => visibleInstances(viewer, permission, { assigneeVendorId: vendors.id }),
    forVendor: ({ vendorId }) => eq(vendors.id, vendorId),
  },
  // As far as one reaches the project's instance.
  project: {
    from: sql`${projects} join ${instanceHeads} on ${eq(instanceHeads.tenantId, projects.tenantId)} and ${eq(instanceHeads.id, projects.instanceId)}`,
    id: sql`${projects.id}`,
    inScope: (viewer, permission) => visibleInstances(viewer, permission, instanceHeads),
    forVendor: ({ vendorId }) => both(givenToVendor(projects.id, vendorId), givenToVendor(projects.instanceId, vendorId)),
  },
} as const satisfies Record<string, ObjectAccessRules>;

export type AccessibleType = keyof typeof objectAccessRules;

/** The predicate of an aggregate's store: what the scopes reach. Vendor users are narrowed by row-level security. */
export const visibleObjects = (type: AccessibleType, viewer: Viewer, permission: Permission): SQL =>
  objectAccessRules[type].inScope(viewer, permission);

/** The same for types of which vendor users see few among many: the condition beside the policy goes through an index. */
export function visibleObjectsByIndex(type: AccessibleType, viewer: Viewer, permission: Permission): SQL | undefined {
  const { inScope, forVendor }: ObjectAccessRules = objectAccessRules[type];
  return and(inScope(viewer, permission), isOfVendor(viewer) ? forVendor(viewer, permission) : undefined);
}

/** True for somebody who works for a vendor. */
export const isOfVendor = (viewer: Viewer): viewer is Viewer & { readonly vendorId: string } => viewer.vendorId !== null;

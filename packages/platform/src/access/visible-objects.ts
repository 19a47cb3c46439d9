import { type AccessColumns, inScope, visibleInstances, withinScopes } from "../rights/visible.js";
import { requests as requestTables, tables, vendorDocuments, vendors as vendorTables, workflows } from "@weft/drizzle";
import { and, eq, getTableColumns, isNull, or, sql } from "drizzle-orm";
import type { AnyColumn, SQL } from "drizzle-orm";
import { getTableConfig } from "drizzle-orm/pg-core";
import { type Entries, entriesOf, type TenantWideAccess } from "@weft/shared/aggregates";
import { objectTypes } from "@weft/shared/ids";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { givenToVendor } from "../object-access/object-access.js";
import { visibleTasks } from "./visible-tasks.js";

const { requests } = requestTables;
const { contracts, projectMembers, projects, projectVendors, vendors } = vendorTables;
const { documents } = vendorDocuments;
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
  /** True if objects have no owner, assignee or team, so that only scope TENANT reaches them, and scope BUILDING those in a building. */
  readonly isTenantWide?: true;
  /** Building of a tenant-wide object, if it is in one. */
  readonly buildingId?: AnyColumn | undefined;
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

type TenantWideType = keyof Entries<"tenantWide">;

/** Rules for a type whose objects have no owner, assignee, or team. Deleted objects are invisible. */
function tenantWide(type: TenantWideType, { building, vendorsSee }: TenantWideAccess) {
  const table = tables.find((each) => nameOf(each) === objectTypes[type].table);
  const columns: Partial<Record<string, AnyColumn>> = table === undefined ? {} : getTableColumns(table);
  const { id, deletedAt } = columns;
  if (id === undefined) throw new Error(`The table ${objectTypes[type].table} of the type ${type} does not exist or has no id.`);
  const buildingId = building && columns[building];
  if (building !== undefined && buildingId === undefined)
    throw new Error(`The table ${objectTypes[type].table} of the type ${type} has no column ${building}.`);
  return {
    from: sql`${table}`,
    id: sql`${id}`,
    inScope: (viewer: Viewer, permission: Permission) => {
      const reached = visibleInstances(viewer, permission, buildingId ? { buildingId } : {});
      return deletedAt === undefined ? reached : sql`(${reached} and ${isNull(deletedAt)})`;
    },
    forVendor: vendorsSee === undefined ? given(id) : () => (vendorsSee === "all" ? sql`true` : sql`false`),
    isTenantWide: true as const,
    buildingId,
  } satisfies ObjectAccessRules;
}

const nameOf = (table: (typeof tables)[number]): string => {
  const { schema, name } = getTableConfig(table);
  return `${schema}.${name}`;
};

const tenantWideRules = Object.fromEntries(
  Object.entries(entriesOf("tenantWide")).map(([type, access]) => [type, tenantWide(type as TenantWideType, access)]),
) as { readonly [T in TenantWideType]: ReturnType<typeof tenantWide> };

/** Columns that decide who reaches a request. The building is read from the request itself, whose indexes begin with it. */
export const requestAccess: AccessColumns = {
  ownerId: instanceHeads.ownerId,
  teamId: instanceHeads.teamId,
  assigneeUserId: instanceHeads.assigneeUserId,
  assigneeTeamId: instanceHeads.assigneeTeamId,
  assigneeVendorId: instanceHeads.assigneeVendorId,
  buildingId: requests.buildingId,
};

/** Rules for a table whose rows belong to an instance. */
const inInstance = (table: typeof requests | typeof projects, columns: AccessColumns): ObjectAccessRules => ({
  from: sql`${table} join ${instanceHeads} on ${eq(instanceHeads.tenantId, table.tenantId)} and ${eq(instanceHeads.id, table.instanceId)}`,
  id: sql`${table.id}`,
  inScope: (viewer, permission) => visibleInstances(viewer, permission, columns),
  forVendor: given(table.id, table.instanceId),
});

const visibleProjects: ObjectAccessRules["inScope"] = (viewer, permission) =>
  withinScopes(viewer, permission, (scope) => {
    const reached = inScope(scope, viewer, instanceHeads);
    if (scope !== "ASSIGNED") return reached;
    const isMember = sql`exists (select from ${projectMembers}
      where ${and(eq(projectMembers.tenantId, projects.tenantId), eq(projectMembers.projectId, projects.id), eq(projectMembers.userId, viewer.userId))})`;
    return or(reached, eq(projects.managerId, viewer.userId), isMember, isOfVendor(viewer) ? takesPart(viewer) : undefined);
  });

const takesPart = ({ vendorId }: OfVendor): SQL => sql`exists (select from ${projectVendors}
  where ${and(eq(projectVendors.tenantId, projects.tenantId), eq(projectVendors.projectId, projects.id), eq(projectVendors.vendorId, vendorId), isNull(projectVendors.endedAt))})`;

const instanceAccess: AccessColumns = {
  ownerId: instances.ownerId,
  teamId: instances.teamId,
  assigneeUserId: instances.assigneeUserId,
  assigneeTeamId: instances.assigneeTeamId,
  assigneeVendorId: instances.assigneeVendorId,
  subjectId: instances.subjectId,
};

/** Rules for the types of objects that have permissions. Identity adds its own. */
export const objectAccessRules = {
  request: inInstance(requests, requestAccess),
  instance: {
    from: sql`${instances}`,
    id: sql`${instances.id}`,
    inScope: (viewer, permission) => visibleInstances(viewer, permission, instanceAccess),
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
  join workflows.instances i on i.tenant_id = a.tenant_id and i.id = a.object_id where a.tenant_id = app.tenant() and a.vendor_id = ${vendorId}
   and (i.subject_type is distinct from 'project' or i.assignee_vendor_id = ${vendorId})))`,
  },
  ...tenantWideRules,
  // All vendors in scope TENANT, the user's own vendor in scope ASSIGNED.
  vendor: {
    from: sql`${vendors}`,
    id: sql`${vendors.id}`,
    inScope: (viewer, permission) => visibleInstances(viewer, permission, { assigneeVendorId: vendors.id }),
    forVendor: ({ vendorId }) => eq(vendors.id, vendorId),
  },
  // The owner's contracts in scope OWN. Users of a vendor see their vendor's contracts once a version is signed.
  contract: {
    from: sql`${contracts}`,
    id: sql`${contracts.id}`,
    inScope: (viewer, permission) =>
      sql`(${visibleInstances(viewer, permission, { ownerId: contracts.ownerId, assigneeVendorId: contracts.vendorId })} and ${isNull(contracts.deletedAt)})`,
    forVendor: ({ vendorId }) => sql`${contracts.vendorId} = ${vendorId} and ${contracts.signedNumber} > 0`,
  },
  // All documents in scope TENANT, those of the user's own vendor in scope ASSIGNED.
  vendorDocument: {
    from: sql`${documents}`,
    id: sql`${documents.id}`,
    inScope: (viewer, permission) =>
      sql`(${visibleInstances(viewer, permission, { assigneeVendorId: documents.vendorId })} and ${isNull(documents.deletedAt)})`,
    forVendor: ({ vendorId }) => eq(documents.vendorId, vendorId),
  },
  // A project is visible if its instance is. Scope ASSIGNED also reaches those that the viewer manages, or that the viewer or the vendor takes part in.
  project: { ...inInstance(projects, instanceHeads), inScope: visibleProjects },
} as const satisfies Record<string, ObjectAccessRules>;

export type AccessibleType = keyof typeof objectAccessRules;

export const accessibleTypes = Object.keys(objectAccessRules) as AccessibleType[];

/** Types whose objects have no owner, assignee, or team. Of the narrower scopes, at most BUILDING reaches them. */
export const tenantWideTypes = Object.keys(tenantWideRules) as TenantWideType[];

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

/** As `visibleObjects("instance", …)`, for lists and counts of workflows: for users of a few buildings, it reads only the workflows of these. */
export const visibleInstanceList = (viewer: Viewer, permission: Permission): SQL =>
  visibleInstances(viewer, permission, { ...instanceAccess, listedSubjectId: instances.subjectId });

/** Returns whether the viewer works for a vendor. */
export const isOfVendor = (viewer: Viewer): viewer is OfVendor => viewer.vendorId !== null;

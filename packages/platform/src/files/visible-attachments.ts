import { files as tables } from "@weft/drizzle";
import { and, eq, not, or, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { isOfVendor, objectAccessRules, readPermissionOf } from "../access/visible-objects.js";
import type { AccessibleType, ObjectAccessRules } from "../access/visible-objects.js";
import { isOnlyAsked } from "../access/visible-tasks.js";
import { type Permission, scopesOf, type Viewer } from "@weft/shared/viewer";

const { attachments } = tables;

/** Types of objects to which files can be attached. */
export const attachableTypes = [
  "request",
  "building",
  "asset",
  "maintenancePlan",
  "instance",
  "task",
  "contract",
  "vendorDocument",
] as const satisfies readonly AccessibleType[];
export type AttachableType = (typeof attachableTypes)[number];

/**
 * Attachments that the viewer can see: those of objects that the viewer can see. Internal ones are hidden from those who see the object only because it
 * is their own, such as requesters, and, by row-level security, from users of vendors. Uploaders see what they attached.
 */
export function visibleAttachments(viewer: Viewer): SQL | undefined {
  return or(...attachableTypes.map((type) => and(eq(attachments.objectType, type), ofObject(type, viewer))));
}

function ofObject(type: AttachableType, viewer: Viewer): SQL | undefined {
  const permission = readPermissionOf(type);
  if (scopesOf(viewer, permission).length === 0) return sql`false`;
  const isShownAnyway = or(eq(attachments.visibility, "SHARED"), eq(attachments.createdBy, viewer.userId));
  const { from, id, inScope }: ObjectAccessRules = objectAccessRules[type];
  const isSeen = sql`exists (select from ${from} where ${id} = ${attachments.objectId} and ${inScope(viewer, permission)})`;
  return and(isSeen, or(isShownAnyway, isInsider(type, viewer, sql`${attachments.objectId}`)));
}

/** The viewer without scope OWN: what is left is seen because of the viewer's work, not because it is about the viewer. */
function asInsider(viewer: Viewer, permission: Permission): Viewer {
  const scopes = scopesOf(viewer, permission).filter((scope) => scope !== "OWN");
  return { ...viewer, permissions: { ...viewer.permissions, [permission]: scopes } };
}

/** Condition: the viewer sees the object because of the viewer's work, and can therefore see and add internal attachments. */
export const isInsiderOf = (type: AttachableType, viewer: Viewer, objectId: string): SQL => isInsider(type, viewer, sql`${objectId}::uuid`);

function isInsider(type: AttachableType, viewer: Viewer, objectId: SQL): SQL {
  if (isOfVendor(viewer)) return sql`false`;
  const permission = readPermissionOf(type);
  const { from, id, inScope }: ObjectAccessRules = objectAccessRules[type];
  // A question about a task shows the task, but not what is internal to those who work on it.
  const works =
    type === "task"
      ? and(inScope(asInsider(viewer, permission), permission), not(isOnlyAsked(viewer)))
      : inScope(asInsider(viewer, permission), permission);
  return sql`exists (select from ${from} where ${id} = ${objectId} and ${works})`;
}

/** Condition: the viewer can see the object. */
export function isVisibleObject(type: AttachableType, viewer: Viewer, objectId: string): SQL {
  const permission = readPermissionOf(type);
  const { from, id, inScope }: ObjectAccessRules = objectAccessRules[type];
  return sql`exists (select from ${from} where ${id} = ${objectId}::uuid and ${inScope(viewer, permission)})`;
}

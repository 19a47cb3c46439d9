/** Which users can know of an event: those who can read the object that it is about, at this moment. */
import type { RequiredAccess } from "@weft/drizzle";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import { hasPermission, isPermission, type Permission, reachesAll, type Viewer } from "@weft/shared/viewer";
import { type AccessibleType, accessibleTypes, objectsSeenBy, seenBy, seenKey, type SeenObject } from "@weft/platform/access";
import type { Tx } from "@weft/platform/db";
import { isInternal } from "./candidates.js";

export interface Demand {
  /** Objects that the user can read, all of them. */
  readonly objects: readonly SeenObject[];
  /** A further permission. If there are no objects, the user must hold it in the whole tenant. Null: none is needed. */
  readonly permission: Permission | null;
}

const isAccessible = (type: string): type is AccessibleType => (accessibleTypes as readonly string[]).includes(type);

/** Permissions to read objects that belong to others, or that have no owner. Events about objects of further types are for readers of the event log. */
const readPermissions: Readonly<Record<string, Permission>> = {
  user: "user.read",
  team: "team.read",
  role: "role.read",
  schedule: "schedule.read",
  routingRule: "routing.read",
  slaPolicy: "sla.read",
  incident: "incident.read",
  absence: "task.assign",
  meter: "asset.read",
  space: "building.read",
  contractObligation: "contract.read",
  vendorContact: "vendor.read",
  vendorOffer: "request.read",
  projectTask: "projectTask.read",
  taskDependency: "projectTask.read",
  projectBaseline: "projectTask.read",
  projectVendor: "project.read",
  milestone: "project.read",
  scopeItem: "scope.read",
  scopeVersion: "scope.read",
  scopeChange: "scope.read",
};

/** Events of workflows that contain parts of the data, which belongs to the workflow itself. */
const ofData: readonly string[] = ["workflow.emitted", "workflow.data_changed"];

/** Returns what a user must be able to read to know of the event. */
export function demandOf(event: EventEnvelope): Demand {
  const { type, subjectType, subjectId, related } = event;
  // A request has one workflow, and its users see what happens to it. Other objects have any workflows, which their users need not see.
  if (subjectType === "instance" && related["request"] !== undefined && !ofData.includes(type))
    return { objects: [{ type: "request", id: related["request"] }], permission: null };
  if (isAccessible(subjectType))
    return { objects: [{ type: subjectType, id: subjectId, isInternal: isInternal(event) }], permission: null };
  // The organization itself publishes it, about nothing that anybody could be unable to see.
  if (type === "custom.published" && subjectType === "eventType") return { objects: [], permission: null };
  const objects = Object.entries(related).flatMap(([of, id]) => (isAccessible(of) ? [{ type: of, id }] : []));
  const permission = readPermissions[subjectType] ?? "event.read";
  return { objects, permission };
}

/** Returns whether a user holds the permission. Events without objects, and those for readers of the event log, are for users of the organization only. */
function holds(viewer: Viewer, { objects, permission }: Demand): boolean {
  const isInLog = objects.length === 0 || permission === "event.read";
  if (isInLog) return viewer.vendorId === null && (permission === null || reachesAll(viewer, permission));
  return permission === null || hasPermission(viewer, permission);
}

/** Returns those of the users who can know of the event. Users of a vendor can only if their vendor was given its object. */
export async function whoCanKnow(tx: Tx, event: EventEnvelope, viewers: readonly Viewer[]): Promise<ReadonlySet<string>> {
  const demand = demandOf(event);
  let left = viewers.filter((viewer) => holds(viewer, demand));
  for (const object of demand.objects) {
    if (left.length === 0) break;
    const seen = await seenBy(tx, left, object);
    left = left.filter(({ userId }) => seen.has(userId));
  }
  return new Set(left.map(({ userId }) => userId));
}

/** Returns a stored demand. Null if it references what this version does not know. */
export function storedDemand({ objects, permission }: RequiredAccess): Demand | null {
  const known = objects.flatMap(({ type, ...object }) => (isAccessible(type) ? [{ type, ...object }] : []));
  if (known.length < objects.length || (permission !== null && !isPermission(permission))) return null;
  return { objects: known, permission };
}

/** Returns which of the demands a user meets now, in their order, by the rule of `whoCanKnow`. One statement at most. */
export async function meets(tx: Tx, viewer: Viewer, demands: readonly Demand[]): Promise<boolean[]> {
  const seen = await objectsSeenBy(
    tx,
    viewer,
    demands.flatMap(({ objects }) => objects),
  );
  return demands.map((demand) => holds(viewer, demand) && demand.objects.every((object) => seen.has(seenKey(object))));
}

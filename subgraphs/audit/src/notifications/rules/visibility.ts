/** Which users can know of an event: those who can read the object that it is about, at this moment. */
import {
  accessibleTypes,
  type AccessibleType,
  type EventEnvelope,
  hasPermission,
  type Permission,
  reachesAll,
  seenBy,
  type SeenObject,
  type Tx,
  type Viewer,
} from "@weft/shared";
import { isInternal } from "./candidates.js";

interface Demand {
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

/** Business objects, by which users see what happens to their workflow. */
const businessTypes = ["request", "project", "vendor", "asset", "contract"] as const;

/** Events of workflows that contain parts of the data, which belongs to the workflow itself. */
const ofData: readonly string[] = ["workflow.emitted", "workflow.data_changed"];

function demandOf(event: EventEnvelope): Demand {
  const { type, subjectType, subjectId, related } = event;
  if (subjectType === "instance" && !ofData.includes(type)) {
    const business = businessTypes.find((one) => related[one] !== undefined);
    const id = business === undefined ? undefined : related[business];
    if (business !== undefined && id !== undefined) return { objects: [{ type: business, id }], permission: null };
  }
  if (isAccessible(subjectType))
    return { objects: [{ type: subjectType, id: subjectId, isInternal: isInternal(event) }], permission: null };
  // The organization itself publishes it, about nothing that anybody could be unable to see.
  if (type === "custom.published" && subjectType === "eventType") return { objects: [], permission: null };
  const objects = Object.entries(related).flatMap(([of, id]) => (isAccessible(of) ? [{ type: of, id }] : []));
  const permission = readPermissions[subjectType] ?? "event.read";
  return { objects, permission };
}

/** Returns those of the users who can know of the event. Users of a vendor can only if their vendor was given its object. */
export async function whoCanKnow(tx: Tx, event: EventEnvelope, viewers: readonly Viewer[]): Promise<ReadonlySet<string>> {
  const { objects, permission } = demandOf(event);
  const isPublicIn = (viewer: Viewer): boolean => viewer.vendorId === null && (permission === null || reachesAll(viewer, permission));
  const isLogReader = permission === "event.read";
  let left = viewers.filter((viewer) =>
    objects.length === 0 || isLogReader ? isPublicIn(viewer) : permission === null || hasPermission(viewer, permission),
  );
  for (const object of objects) {
    if (left.length === 0) break;
    const seen = await seenBy(tx, left, object);
    left = left.filter(({ userId }) => seen.has(userId));
  }
  return new Set(left.map(({ userId }) => userId));
}

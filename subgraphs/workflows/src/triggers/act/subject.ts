import type { InstanceSubject } from "@weft/engine";
import { isBusinessType } from "@weft/shared/aggregates";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import type { EventSubject } from "./act.store.js";

/** Returns the objects of an event through which its instances are found. */
export function subjectOf({ subjectType, subjectId, related }: Pick<EventEnvelope, "subjectType" | "subjectId" | "related">): EventSubject {
  const instanceId = subjectType === "instance" ? subjectId : (related["instance"] ?? null);
  if (instanceId !== null) return { instanceId, businessId: null };
  // What happens to a meter happens to its asset.
  if (subjectType === "meter") return { instanceId, businessId: related["asset"] ?? null };
  return { instanceId, businessId: isBusinessType(subjectType) ? subjectId : null };
}

type Subject = Exclude<InstanceSubject, { readonly type: "request" }>;

const startable = [
  "asset",
  "building",
  "project",
  "vendor",
  "contract",
  "milestone",
  "scopeChange",
] as const satisfies readonly Subject["type"][];

/**
 * Returns the business object that an instance which is started for an event is about: the subject of the event, or for events of instances, tasks and
 * meters the object that these are about. Undefined if there is none, if the event is the deletion of the object, and for requests, whose only workflow is
 * the one that they were created with.
 */
export function startedFor({
  type: eventType,
  subjectType,
  subjectId,
  related,
}: Pick<EventEnvelope, "type" | "subjectType" | "subjectId" | "related">): Subject | undefined {
  const own = startable.find((type) => type === subjectType);
  if (own !== undefined) return eventType === `${own}.deleted` ? undefined : { type: own, id: subjectId };
  const isAbout = subjectType === "meter" || subjectType === "instance" || related["instance"] !== undefined;
  if (!isAbout || subjectType === "request" || related["request"] !== undefined) return undefined;
  for (const type of startable) {
    const id = related[type];
    if (id !== undefined) return { type, id };
  }
  return undefined;
}

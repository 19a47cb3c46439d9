import { eventTypes, type EventEnvelope, type EventType } from "@weft/shared";
import type { EventSubject } from "./act.store.js";

/** Business objects whose workflow an instance can be. */
const businessTypes: readonly string[] = ["request", "project", "vendor", "asset", "contract", "scopeChange", "milestone"];

/** Returns the objects of an event through which its instances are found. */
export function subjectOf({ subjectType, subjectId, related }: Pick<EventEnvelope, "subjectType" | "subjectId" | "related">): EventSubject {
  const instanceId = subjectType === "instance" ? subjectId : (related["instance"] ?? null);
  if (instanceId !== null) return { instanceId, businessId: null };
  // What happens to a meter happens to its asset.
  if (subjectType === "meter") return { instanceId, businessId: related["asset"] ?? null };
  return { instanceId, businessId: businessTypes.includes(subjectType) ? subjectId : null };
}

/** Returns whether events of the type concern instances. */
export function concernsInstances(type: EventType): boolean {
  const { subject, related } = eventTypes[type];
  return subject === "instance" || related.some((one) => one === "instance") || subject === "meter" || businessTypes.includes(subject);
}

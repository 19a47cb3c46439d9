import { businessTypes, type EventEnvelope } from "@weft/shared";
import type { EventSubject } from "./act.store.js";

/** Returns the objects of an event through which its instances are found. */
export function subjectOf({ subjectType, subjectId, related }: Pick<EventEnvelope, "subjectType" | "subjectId" | "related">): EventSubject {
  const instanceId = subjectType === "instance" ? subjectId : (related["instance"] ?? null);
  if (instanceId !== null) return { instanceId, businessId: null };
  // What happens to a meter happens to its asset.
  if (subjectType === "meter") return { instanceId, businessId: related["asset"] ?? null };
  return { instanceId, businessId: businessTypes.includes(subjectType) ? subjectId : null };
}

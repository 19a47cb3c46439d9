import { isBusinessType } from "../aggregates/business-types.js";
import { eventTypes, type EventType } from "./registry.js";

/** Returns whether events of the type concern instances. */
export function concernsInstances(type: EventType): boolean {
  const { subject, related, isAboutAny = false } = eventTypes[type];
  return (
    isAboutAny || subject === "instance" || related.some((one) => one === "instance") || subject === "meter" || isBusinessType(subject)
  );
}

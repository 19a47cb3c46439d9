import { eventTypes, type EventType } from "./registry.js";

/** Business objects whose workflow an instance can be. */
export const businessTypes: readonly string[] = [
  "request",
  "project",
  "vendor",
  "asset",
  "building",
  "contract",
  "scopeChange",
  "milestone",
];

/** Returns whether events of the type concern instances. */
export function concernsInstances(type: EventType): boolean {
  const { subject, related, isAboutAny = false } = eventTypes[type];
  return (
    isAboutAny ||
    subject === "instance" ||
    related.some((one) => one === "instance") ||
    subject === "meter" ||
    businessTypes.includes(subject)
  );
}

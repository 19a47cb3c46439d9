import type { EventEnvelope } from "./envelope.js";
import type { EventType } from "./registry.js";

/** Types of events by which an instance can end, or be closed. */
export const endingTypes = [
  "workflow.started",
  "workflow.transitioned",
  "workflow.cancelled",
  "workflow.voted",
  "workflow.child_ended",
  "workflow.rolled_back",
  "workflow.incident_resolved",
  "workflow.migrated",
] as const satisfies readonly EventType[];

const ended: ReadonlySet<unknown> = new Set(["COMPLETED", "CANCELLED"]);

/** Returns whether the event, of one of these types, ended its instance or the work of it, which can be reopened. */
export const isEnding = ({ payload }: Pick<EventEnvelope, "payload">): boolean =>
  payload["isClosed"] === true || ended.has(payload["status"]);

import type { z } from "zod";
import { automationEvents } from "./automation-events.js";
import { bulkEvents } from "./bulk-events.js";
import { businessEvents } from "./business-events.js";
import { customEvents } from "./custom-events.js";
import { escalationEvents } from "./escalation-events.js";
import { identityEvents } from "./identity-events.js";
import { agentEvents } from "./agent-events.js";
import { integrationEvents } from "./integration-events.js";
import { routingEvents } from "./routing-events.js";
import { maintenanceEvents } from "./maintenance-events.js";
import { runEvents } from "./run-events.js";
import { scheduleEvents } from "./schedule-events.js";
import { triggerEvents } from "./trigger-events.js";
import { inboundEvents } from "./inbound-events.js";
import { sharingEvents } from "./sharing-events.js";
import { slaEvents } from "./sla-events.js";
import { webhookEvents } from "./webhook-events.js";
import { workflowEvents } from "./workflow-events.js";

/**
 * Every event type of Weft. Unknown types do not compile, and a payload that does not match its schema is rejected before it is written. Workflow
 * events are written by the engine, the others by the service that makes the change.
 */
export const eventTypes = {
  ...workflowEvents,
  ...bulkEvents,
  ...agentEvents,
  ...automationEvents,
  ...integrationEvents,
  ...routingEvents,
  ...maintenanceEvents,
  ...runEvents,
  ...scheduleEvents,
  ...triggerEvents,
  ...webhookEvents,
  ...inboundEvents,
  ...sharingEvents,
  ...slaEvents,
  ...escalationEvents,
  ...businessEvents,
  ...identityEvents,
  ...customEvents,
};

type EventRegistry = typeof eventTypes;

/** The name of an event type. */
export type EventType = keyof EventRegistry;

/** The payload of an event type, according to its schema. */
export type EventPayload<T extends EventType> = z.infer<EventRegistry[T]["payload"]>;

/** Returns whether the registry contains an event type of that name. */
export function isEventType(type: string): type is EventType {
  return Object.hasOwn(eventTypes, type);
}

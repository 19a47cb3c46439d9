import type { EventEnvelope } from "../events/catalog/envelope.js";
import type { EventType } from "../events/catalog/registry.js";
import { parseAnyId } from "../ids/type-ids.js";

/** Events that can concern a subscription, evaluated before anything is executed for it. */
export interface LiveField {
  readonly eventTypes: readonly EventType[];
  /**
   * Set if a payload shows the present and not the event: then events are answered at most once in this time, an answer stands for all events before it,
   * and an unchanged answer is not sent again.
   */
  readonly everyMs?: number;
  /** @param args of the subscription as the client sent them; IDs are TypeIDs */
  matches(event: EventEnvelope, args: Readonly<Record<string, unknown>>): boolean;
}

/** Every subscription field of Weft. Add the fields declared with `liveField` here; the gateway reads this list. */
export const liveFields = {
  workflowTransitioned: {
    eventTypes: [
      "workflow.transitioned",
      "workflow.cancelled",
      "workflow.suspended",
      "workflow.resumed",
      "workflow.rolled_back",
      "workflow.incident_opened",
      "workflow.incident_resolved",
    ],
    matches: ({ subjectId, payload }, { instanceId, definitionKey }) =>
      isGivenId(instanceId, subjectId) &&
      (definitionKey === undefined || definitionKey === null || payload["definitionKey"] === definitionKey),
  },
  requestChanged: {
    // Creation, changes and assignment have events of the request itself. The corresponding workflow events are excluded, so that nothing is reported
    // twice.
    eventTypes: [
      "request.created",
      "request.updated",
      "request.assigned",
      "workflow.transitioned",
      "workflow.cancelled",
      "workflow.suspended",
      "workflow.resumed",
      "workflow.rolled_back",
      "workflow.incident_opened",
      "workflow.incident_resolved",
    ],
    matches: ({ subjectType, subjectId, related }, { id }) => {
      const requestId = subjectType === "request" ? subjectId : related["request"];
      return requestId !== undefined && isGivenId(id, requestId);
    },
  },
  taskChanged: {
    eventTypes: [
      "task.opened",
      "task.claimed",
      "task.released",
      "task.assigned",
      "task.updated",
      "task.commented",
      "task.completed",
      "task.closed",
    ],
    matches: () => true,
  },
  incidentChanged: {
    eventTypes: ["workflow.incident_opened", "workflow.incident_resolved"],
    matches: ({ subjectId }, { instanceId }) => isGivenId(instanceId, subjectId),
  },
  slaChanged: {
    eventTypes: ["sla.warning", "sla.breached", "sla.paused", "sla.resumed", "sla.changed", "sla.met", "sla.missed"],
    matches: ({ subjectId, payload }, { instanceId, definitionKey }) =>
      isGivenId(instanceId, subjectId) &&
      (definitionKey === undefined || definitionKey === null || payload["definitionKey"] === definitionKey),
  },
  escalationOccurred: {
    eventTypes: ["escalation.occurred"],
    matches: ({ subjectId, payload }, { instanceId, definitionKey }) =>
      isGivenId(instanceId, subjectId) &&
      (definitionKey === undefined || definitionKey === null || payload["definitionKey"] === definitionKey),
  },
  bulkOperationChanged: {
    eventTypes: ["bulkOperation.changed"],
    matches: ({ subjectId }, { id }) => isGivenId(id, subjectId),
  },
  configurationChanged: { eventTypes: ["configuration.changed"], matches: () => true },
  dashboard: {
    eventTypes: [
      "workflow.started",
      "workflow.transitioned",
      "workflow.cancelled",
      "workflow.suspended",
      "workflow.resumed",
      "workflow.rolled_back",
      "workflow.assigned",
      "workflow.migrated",
      "workflow.incident_opened",
      "workflow.incident_resolved",
      "task.opened",
      "task.claimed",
      "task.released",
      "task.assigned",
      "task.updated",
      "task.overdue",
      "task.completed",
      "task.closed",
    ],
    everyMs: 1_000,
    // Events of tasks do not name the definition.
    matches: ({ payload }, { definitionKey }) =>
      definitionKey === undefined ||
      definitionKey === null ||
      payload["definitionKey"] === undefined ||
      payload["definitionKey"] === definitionKey,
  },
  notificationReceived: { eventTypes: ["notification.created"], matches: () => true },
} as const satisfies Record<string, LiveField>;

export type LiveFieldName = keyof typeof liveFields;

/** Absent arguments match everything. */
const isGivenId = (given: unknown, uuid: string): boolean => given === undefined || given === null || parseAnyId(given)?.uuid === uuid;

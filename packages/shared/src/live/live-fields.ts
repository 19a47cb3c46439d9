import type { EventEnvelope } from "../events/envelope.js";
import type { EventType } from "../events/registry.js";
import { parseAnyId } from "../ids/type-ids.js";

/** Which events can concern a subscription, told before anything is executed for it. */
export interface LiveField {
  readonly eventTypes: readonly EventType[];
  /** @param args of the subscription as the client gave them; ids are TypeIDs */
  matches(event: EventEnvelope, args: Readonly<Record<string, unknown>>): boolean;
}

/** Every subscription field of Weft. Who declares one with `liveField` adds it here; the gateway reads it from here. */
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
    // Creation, changes and assignment have events of the request itself; of the workflow only its moves are taken, so that nothing is told twice.
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
      "task.remarked",
      "task.completed",
      "task.closed",
    ],
    matches: () => true,
  },
  incidentChanged: {
    eventTypes: ["workflow.incident_opened", "workflow.incident_resolved"],
    matches: ({ subjectId }, { instanceId }) => isGivenId(instanceId, subjectId),
  },
  bulkOperationChanged: {
    eventTypes: ["bulkOperation.changed"],
    matches: ({ subjectId }, { id }) => isGivenId(id, subjectId),
  },
  configurationChanged: { eventTypes: ["configuration.changed"], matches: () => true },
  notificationReceived: { eventTypes: ["notification.created"], matches: () => true },
} as const satisfies Record<string, LiveField>;

export type LiveFieldName = keyof typeof liveFields;

/** Absent arguments match everything. */
const isGivenId = (given: unknown, uuid: string): boolean => given === undefined || given === null || parseAnyId(given)?.uuid === uuid;

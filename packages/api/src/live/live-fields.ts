import { ANY_SUBJECT, type EventEnvelope, type EventType, type SignalType } from "@weft/shared/event-catalog";
import { parseAnyId } from "@weft/shared/ids";
import { asksFor } from "../filters/asks-for.js";

/**
 * What a subscription follows: the events of the tenant, or its sealed audit entries, which are in the order of the chain. Both give each item a position, in
 * order and without gaps.
 */
export type LiveLog = "events" | "auditTrail";

/** Events that can concern a subscription, evaluated before anything is executed for it. */
export interface LiveField {
  /** Default: `events`. */
  readonly log?: LiveLog;
  /** Of the tenant's events. Empty for other logs, each item of which can concern the field. */
  readonly eventTypes: readonly EventType[];
  /**
   * Signals that can concern it, as events do. Signals are in no log, so a subscription begins with the present, and a payload stands for all signals before
   * it. Requires `everyMs`.
   */
  readonly signals?: readonly SignalType[];
  /**
   * Set if a payload shows the present and not the event: then events are answered at most once in this time, an answer stands for all events before it,
   * and an unchanged answer is not sent again.
   */
  readonly everyMs?: number;
  /** Whether the answer with these arguments depends on the user, although all selected fields are declared with `@ViewerIndependent`. */
  readonly isPersonal?: (args: Readonly<Record<string, unknown>>) => boolean;
  /** Set if an event concerns one user only: it is then executed for no other. */
  readonly isFor?: (event: EventEnvelope, userId: string) => boolean;
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
      "request.converted",
      "request.merged",
      "request.split",
      "request.restored",
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
  requestListChanged: {
    // Every event after which a request can match another filter, or be visible to others. `workflow.assigned` stands for `request.assigned`: it names
    // the previous assignee.
    eventTypes: [
      "request.created",
      "request.updated",
      "request.converted",
      "request.merged",
      "request.split",
      "request.deleted",
      "request.restored",
      "request.commented",
      "request.comment_edited",
      "request.comment_deleted",
      "workflow.assigned",
      "workflow.transitioned",
      "workflow.cancelled",
      "workflow.suspended",
      "workflow.resumed",
      "workflow.rolled_back",
      "workflow.voted",
      "workflow.child_ended",
      "workflow.migrated",
      "workflow.data_changed",
      "workflow.incident_opened",
      "workflow.incident_resolved",
      "sla.warning",
      "sla.breached",
      "sla.paused",
      "sla.resumed",
      "sla.changed",
      "sla.met",
      "sla.missed",
    ],
    // The words of a search depend on the user's language, and views are shared with some users.
    isPersonal: ({ filter, viewId }) => isGiven(viewId) || asksFor("search", filter),
    matches: ({ type, subjectType, related }, { filter, viewId }) => {
      if (subjectType !== "request" && related["request"] === undefined) return false;
      // Only the search reads comments. The filter of a view is not known here.
      return !type.startsWith("request.comment") || isGiven(viewId) || asksFor("search", filter);
    },
  },
  requestCommentChanged: {
    eventTypes: ["request.commented", "request.comment_edited", "request.comment_deleted"],
    matches: ({ subjectId }, { requestId }) => isGivenId(requestId, subjectId),
  },
  requestEditors: {
    eventTypes: [],
    signals: ["request.editors_changed"],
    everyMs: 200,
    matches: ({ subjectId }, { id }) => subjectId === ANY_SUBJECT || isGivenId(id, subjectId),
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
  runUpdated: {
    eventTypes: ["run.started", "run.progressed", "run.paused", "run.resumed", "run.succeeded", "run.failed", "run.cancelled"],
    matches: ({ payload }, { runId }) => isGivenId(runId, String(payload["runId"])),
  },
  runLogs: {
    eventTypes: ["run.logged"],
    matches: ({ payload }, { runId }) => isGivenId(runId, String(payload["runId"])),
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
  auditEntrySealed: { log: "auditTrail", eventTypes: [], matches: () => true },
  notificationReceived: { eventTypes: ["notification.created"], matches: () => true },
  unreadNotificationCountChanged: {
    eventTypes: ["notification.created", "notification.read", "notification.archived", "notification.all_read"],
    everyMs: 1_000,
    isFor: ({ payload }, userId) => payload["userId"] === userId,
    matches: () => true,
  },
} as const satisfies Record<string, LiveField>;

export type LiveFieldName = keyof typeof liveFields;

const isGiven = (argument: unknown): boolean => argument !== undefined && argument !== null;

/** Absent arguments match everything. */
const isGivenId = (given: unknown, uuid: string): boolean => given === undefined || given === null || parseAnyId(given)?.uuid === uuid;

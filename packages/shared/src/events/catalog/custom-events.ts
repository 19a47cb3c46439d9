import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";

const ofEventType = {
  subject: "eventType",
  version: 1,
  related: [],
  visibility: "subject",
  payload: z.strictObject({ name: z.string(), typeVersion: z.int().positive() }),
} as const;

const ofParkedEvent = {
  subject: "parkedEvent",
  version: 1,
  related: [],
  visibility: "internal",
  payload: z.strictObject({ consumer: z.string(), eventId: z.uuid() }),
} as const;

const ofNotificationRule = {
  subject: "notificationRule",
  version: 1,
  related: [],
  visibility: "subject",
  payload: z.strictObject({ name: z.string(), eventTypes: z.array(z.string()) }),
} as const;

/** Events that tenants declare and publish, their types, rules of notifications, and events that a consumer could not handle. */
export const customEvents = byType(
  defineEvent({ ...ofEventType, type: "eventType.created" }),
  defineEvent({ ...ofEventType, type: "eventType.updated" }),
  defineEvent({ ...ofEventType, type: "eventType.deleted" }),
  /** `name` is the name that the tenant has declared, and `version` the version of its payload. */
  defineEvent({
    type: "custom.published",
    subject: "eventType",
    isAboutAny: true,
    version: 1,
    related: [],
    visibility: "subject",
    payload: z.strictObject({ name: z.string(), version: z.int().positive(), payload: z.record(z.string(), z.json()) }),
  }),
  defineEvent({ ...ofNotificationRule, type: "notificationRule.created" }),
  defineEvent({ ...ofNotificationRule, type: "notificationRule.updated" }),
  defineEvent({ ...ofNotificationRule, type: "notificationRule.deleted" }),
  defineEvent({ ...ofParkedEvent, type: "parkedEvent.retried" }),
  defineEvent({ ...ofParkedEvent, type: "parkedEvent.skipped" }),
);

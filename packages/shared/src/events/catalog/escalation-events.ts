import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";
import { people } from "./payloads.js";

const id = z.uuid();

/** Events of escalations. */
export const escalationEvents = byType(
  /** A level of an escalation was due: it was done, was skipped, or failed. */
  defineEvent({
    type: "escalation.occurred",
    version: 1,
    subject: "instance",
    related: ["request", "project", "vendor", "asset", "building", "contract", "scopeChange", "milestone", "task"],
    visibility: "subject",
    payload: z.strictObject({
      escalationId: id,
      instanceId: id,
      definitionKey: z.string(),
      /** Name of the escalation in the definition. */
      chain: z.string(),
      title: z.string(),
      /** Number of the level, starting at 1. */
      level: z.int().positive(),
      outcome: z.enum(["DONE", "SKIPPED", "FAILED"]),
      dueAt: z.string(),
      /** Title of the task, or of the definition and its state. */
      about: z.string(),
      taskId: id.nullable(),
      /** Who is notified. */
      notified: people,
    }),
  }),
);

import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";

const trigger = { subject: "trigger", version: 1, related: [], visibility: "subject" } as const;
const about = z.strictObject({ eventType: z.string() });

/** Events of the triggers that react to other events. */
export const triggerEvents = byType(
  defineEvent({ ...trigger, type: "trigger.created", payload: about }),
  defineEvent({ ...trigger, type: "trigger.updated", payload: about }),
  defineEvent({ ...trigger, type: "trigger.activated", payload: about }),
  defineEvent({
    ...trigger,
    type: "trigger.deactivated",
    payload: z.strictObject({
      eventType: z.string(),
      name: z.string(),
      /** ID of the user on whose behalf the trigger acts. */
      userId: z.uuid(),
      /** Null if a user deactivated it. LOOP: the trigger caused itself. */
      reason: z.enum(["LOOP"]).nullable(),
    }),
  }),
  defineEvent({ ...trigger, type: "trigger.deleted", payload: about }),
);

import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

const about = z.strictObject({ eventType: z.string() });

export const trigger = {
  types: {
    trigger: { prefix: "trg", typeName: "Trigger", table: "workflows.triggers", role: "entity", changes: "CONFIGURATION" },
    triggerRun: { prefix: "trr", table: "workflows.trigger_runs", role: "record" },
    triggerReplay: { prefix: "trp", table: "workflows.trigger_replays", role: "record" },
  },
  permissions: {
    "trigger.read": "View triggers, what they did, and the events that they react to.",
    "trigger.manage": "Create, change, activate, and delete triggers, which act with the rights of the user who saved them.",
  },
  events: {
    "trigger.created": { visibility: "subject", payload: about },
    "trigger.updated": { visibility: "subject", payload: about },
    "trigger.activated": { visibility: "subject", payload: about },
    "trigger.deactivated": {
      visibility: "subject",
      payload: z.strictObject({
        eventType: z.string(),
        name: z.string(),
        /** ID of the user on whose behalf the trigger acts. */
        userId: z.uuid(),
        /** Null if a user deactivated it. LOOP: the trigger caused itself. */
        reason: z.enum(["LOOP"]).nullable(),
      }),
    },
    "trigger.deleted": { visibility: "subject", payload: about },
  },
} as const satisfies Aggregate;

import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";

const rule = { subject: "routingRule", version: 1, related: [], visibility: "subject" } as const;
const about = z.strictObject({ route: z.string() });

/** Events of the rules that assign work. */
export const routingEvents = byType(
  defineEvent({ ...rule, type: "routingRule.created", payload: about }),
  defineEvent({ ...rule, type: "routingRule.updated", payload: about }),
  defineEvent({ ...rule, type: "routingRule.deleted", payload: about }),
);

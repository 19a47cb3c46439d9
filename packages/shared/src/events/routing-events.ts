import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";

const rule = { subject: "routingRule", version: 1, related: [], visibility: "subject" } as const;
const about = z.strictObject({ route: z.string() });

/** By which rules work finds its people. */
export const routingEvents = byType(
  defineEvent({ ...rule, type: "routingRule.created", payload: about }),
  defineEvent({ ...rule, type: "routingRule.updated", payload: about }),
  defineEvent({ ...rule, type: "routingRule.deleted", payload: about }),
);

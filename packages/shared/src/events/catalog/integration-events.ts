import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";
import { changed, none } from "./payloads.js";

const integration = { subject: "integration", version: 1, related: [], visibility: "internal" } as const;
const trigger = { subject: "integrationTrigger", version: 1, related: [], visibility: "internal" } as const;
const about = z.strictObject({ key: z.string() });

/** Events of integrations, their calls and their triggers. */
export const integrationEvents = byType(
  defineEvent({ ...integration, type: "integration.created", payload: about }),
  defineEvent({ ...integration, type: "integration.updated", payload: z.strictObject({ key: z.string(), changed: z.array(z.string()) }) }),
  defineEvent({ ...integration, type: "integration.deleted", payload: about }),
  defineEvent({ ...trigger, type: "integrationTrigger.created", payload: none }),
  defineEvent({ ...trigger, type: "integrationTrigger.updated", payload: changed }),
  defineEvent({ ...trigger, type: "integrationTrigger.deleted", payload: none }),
  /** A call that a workflow made has ended. */
  defineEvent({
    type: "integrationCall.ended",
    subject: "integrationCall",
    version: 1,
    related: ["instance"],
    visibility: "internal",
    payload: z.strictObject({ status: z.enum(["DONE", "FAILED", "UNKNOWN", "DEAD", "EXPIRED"]) }),
  }),
);

import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";

const agent = { subject: "agent", version: 1, related: [], visibility: "internal" } as const;
const provider = { subject: "modelProvider", version: 1, related: [], visibility: "internal" } as const;
const about = z.strictObject({ key: z.string() });
const changedOf = z.strictObject({ key: z.string(), changed: z.array(z.string()) });

/** Events of agents, their providers, and decisions about calls of their tools. */
export const agentEvents = byType(
  defineEvent({ ...provider, type: "modelProvider.created", payload: about }),
  defineEvent({ ...provider, type: "modelProvider.updated", payload: changedOf }),
  defineEvent({ ...provider, type: "modelProvider.deleted", payload: about }),
  defineEvent({ ...agent, type: "agent.created", payload: about }),
  defineEvent({ ...agent, type: "agent.updated", payload: changedOf }),
  defineEvent({ ...agent, type: "agent.deleted", payload: about }),
  /** Somebody has decided whether an agent may call a tool. */
  defineEvent({
    type: "agentToolCall.decided",
    subject: "agentToolCall",
    version: 1,
    related: [],
    visibility: "internal",
    payload: z.strictObject({ tool: z.string(), isApproved: z.boolean() }),
  }),
);

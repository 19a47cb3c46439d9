import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

const about = z.strictObject({ key: z.string() });
const changedOf = z.strictObject({ key: z.string(), changed: z.array(z.string()) });

export const agent = {
  types: {
    agent: { prefix: "agt", table: "workflows.agents", role: "subject", changes: "CONFIGURATION" },
    agentCall: { prefix: "agc", table: "workflows.agent_calls", role: "record" },
  },
  permissions: {
    "agent.read": "View agents, model providers, calls of tools, and what agents have used.",
    "agent.manage": "Create, change, and delete agents and model providers.",
  },
  events: {
    "agent.created": { visibility: "internal", payload: about },
    "agent.updated": { visibility: "internal", payload: changedOf },
    "agent.deleted": { visibility: "internal", payload: about },
  },
} as const satisfies Aggregate;

import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

export const agentToolCall = {
  types: { agentToolCall: { prefix: "atc", table: "workflows.agent_tool_calls", role: "subject" } },
  events: {
    /** Somebody has decided whether an agent may call a tool. */
    "agentToolCall.decided": { visibility: "internal", payload: z.strictObject({ tool: z.string(), isApproved: z.boolean() }) },
  },
} as const satisfies Aggregate;

import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

export const integrationCall = {
  types: { integrationCall: { prefix: "icl", table: "events.integration_calls", role: "subject" } },
  events: {
    /** A call that a workflow made has ended. */
    "integrationCall.ended": {
      related: ["instance"],
      visibility: "internal",
      payload: z.strictObject({ status: z.enum(["DONE", "FAILED", "UNKNOWN", "DEAD", "EXPIRED"]) }),
    },
  },
} as const satisfies Aggregate;

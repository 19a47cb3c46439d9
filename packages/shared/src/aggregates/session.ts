import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

export const session = {
  types: {
    session: { prefix: "ses", typeName: "Session", table: "identity.sessions", role: "subject" },
    passkey: { prefix: "psk", table: "identity.passkeys", role: "record" },
  },
  events: {
    "session.created": { related: ["user"], visibility: "internal", payload: z.strictObject({ sessionId: z.uuid(), userId: z.uuid() }) },
    "session.ended": {
      related: ["user"],
      visibility: "internal",
      payload: z.strictObject({ sessionId: z.uuid(), userId: z.uuid(), reason: z.string() }),
    },
    /** A refresh token was presented a second time, and its session was ended. */
    "session.refresh_reused": {
      related: ["user"],
      visibility: "internal",
      payload: z.strictObject({ sessionId: z.uuid(), userId: z.uuid() }),
    },
  },
} as const satisfies Aggregate;

import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";

/** Progress of what is done to many instances at once. */
export const bulkEvents = byType(
  defineEvent({
    type: "bulkOperation.changed",
    version: 1,
    subject: "bulkOperation",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ status: z.string(), total: z.int(), done: z.int(), failed: z.int() }),
  }),
);

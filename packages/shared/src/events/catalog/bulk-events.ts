import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";

/** Events of bulk operations: their progress, and their end once. */
export const bulkEvents = byType(
  defineEvent({
    type: "bulkOperation.changed",
    version: 1,
    subject: "bulkOperation",
    related: [],
    visibility: "subject",
    payload: z.strictObject({ status: z.string(), total: z.int(), done: z.int(), failed: z.int() }),
  }),
  defineEvent({
    type: "bulkOperation.ended",
    version: 1,
    subject: "bulkOperation",
    related: [],
    visibility: "subject",
    payload: z.strictObject({
      kind: z.enum(["TRANSITION", "MIGRATION", "UNDO", "CANCEL_RUNS", "RESUME_RUNS", "RETRY_RUNS"]),
      status: z.enum(["COMPLETED", "CANCELLED", "FAILED"]),
      transition: z.string().nullable(),
      /** ID of the user who started the operation. */
      createdBy: z.uuid(),
      total: z.int(),
      done: z.int(),
      /** Number of instances that the rules rejected. */
      refused: z.int(),
      /** Number of instances that failed because of an internal error. */
      failed: z.int(),
      /** Number of instances that were not processed, because the operation had ended. */
      left: z.int(),
    }),
  }),
);

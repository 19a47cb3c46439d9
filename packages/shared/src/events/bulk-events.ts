import { z } from "zod";
import { byType, defineEvent } from "./define-event.js";

/** What is done to many instances at once: its progress, and once its end. */
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
      kind: z.enum(["TRANSITION", "MIGRATION", "UNDO"]),
      status: z.enum(["COMPLETED", "CANCELLED", "FAILED"]),
      transition: z.string().nullable(),
      /** Who began it. */
      createdBy: z.uuid(),
      total: z.int(),
      done: z.int(),
      /** The rules said no. */
      refused: z.int(),
      /** A fault of ours. */
      failed: z.int(),
      /** It ended before their turn. */
      left: z.int(),
    }),
  }),
);

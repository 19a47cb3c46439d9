import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

export const bulkOperation = {
  types: { bulkOperation: { prefix: "blk", typeName: "BulkOperation", table: "workflows.bulk_operations", role: "entity" } },
  events: {
    "bulkOperation.changed": {
      visibility: "subject",
      payload: z.strictObject({ status: z.string(), total: z.int(), done: z.int(), failed: z.int() }),
    },
    "bulkOperation.ended": {
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
    },
  },
} as const satisfies Aggregate;

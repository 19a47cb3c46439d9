import type { QueueWorker } from "@weft/platform/queues";
import type { Services } from "@weft/platform/services";
import { cancelOneRun, resumeOneRun, retryOneRun } from "./automation/bulk/bulk-runs.service.js";
import { runBulkOperations, type Performers } from "./bulk/run/bulk-runner.js";
import { BulkKind } from "./bulk/bulk.type.js";
import { fireOne } from "./bulk/fire-many.service.js";
import { migrateOne, undoOne } from "./migration/migrate-instances.service.js";

const performers: Performers = {
  [BulkKind.TRANSITION]: { permission: "workflow.bulk", perform: fireOne },
  [BulkKind.MIGRATION]: { permission: "workflow.migrate", perform: migrateOne },
  [BulkKind.UNDO]: { permission: "workflow.migrate", perform: undoOne },
  [BulkKind.CANCEL_RUNS]: { permission: "workflow.bulk", perform: cancelOneRun },
  [BulkKind.RESUME_RUNS]: { permission: "workflow.bulk", perform: resumeOneRun },
  [BulkKind.RETRY_RUNS]: { permission: "workflow.bulk", perform: retryOneRun },
};

/** Processes bulk operations. Part of a worker. */
export function startBulkRunner({
  databases,
  pubsub,
  keyring,
  log,
}: Pick<Services, "databases" | "pubsub" | "keyring" | "log">): Promise<QueueWorker> {
  return runBulkOperations({ databases, pubsub, keyring, log, performers });
}

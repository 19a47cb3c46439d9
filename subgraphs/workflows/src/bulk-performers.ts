import type { Services } from "@weft/shared";
import { runBulkOperations, type BulkRunner, type Performers } from "./bulk/run/bulk-runner.js";
import { BulkKind } from "./bulk/bulk.type.js";
import { fireOne } from "./bulk/fire-many.service.js";
import { migrateOne, undoOne } from "./migration/migrate-instances.service.js";

const performers: Performers = {
  [BulkKind.TRANSITION]: { permission: "workflow.bulk", perform: fireOne },
  [BulkKind.MIGRATION]: { permission: "workflow.migrate", perform: migrateOne },
  [BulkKind.UNDO]: { permission: "workflow.migrate", perform: undoOne },
};

/** Processes bulk operations. Part of a worker. */
export function startBulkRunner({
  databases,
  pubsub,
  keyring,
  log,
}: Pick<Services, "databases" | "pubsub" | "keyring" | "log">): Promise<BulkRunner> {
  return runBulkOperations({ databases, pubsub, keyring, log, performers });
}

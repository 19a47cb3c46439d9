import { findNextDeadline, noticeOverdueTasks } from "@weft/engine";
import { asTenant } from "@weft/platform/db";
import { metaOfWork, wakeRelay } from "@weft/platform/events";
import type { Services } from "@weft/platform/services";
import type { DueSource } from "../due-work/due-source.js";
import { findTenantsWithOverdueTasks } from "./overdue-tasks.store.js";

/** The deadlines of tasks, as a source of due work: each is noticed once. */
export function overdueTasks({ databases, pubsub, keyring, log }: Pick<Services, "databases" | "pubsub" | "keyring" | "log">): DueSource {
  return {
    name: "overdue tasks",
    find: findTenantsWithOverdueTasks,
    next: findNextDeadline,
    run: async (tenantId, limit, signal) => {
      if (signal.aborted) return 0;
      const meta = metaOfWork("timers", tenantId, keyring);
      const noticed = await asTenant(databases.app, { tenantId }, "write", (tx) => noticeOverdueTasks(tx, meta, limit));
      if (noticed > 0) wakeRelay(pubsub, log);
      return noticed;
    },
  };
}

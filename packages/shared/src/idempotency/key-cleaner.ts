import { asTenant } from "../db/as-tenant.js";
import type { Databases } from "../db/database.js";
import { pause } from "../leadership/lead.js";
import type { LeadershipLog } from "../leadership/lead.js";
import { deleteExpiredKeys, findTenantIds } from "./expired-keys.store.js";

/** How long a key answers again; `docs/api.md` promises it. */
const KEPT_HOURS = 48;
const EVERY_MS = 3_600_000;
/** A fresh start has better things to do. */
const FIRST_AFTER_MS = 60_000;
/** Rows of one transaction: so that none holds locks for long. */
const BATCH = 1_000;

export interface KeyCleaner {
  /** Ends after the batch at work. */
  stop(): Promise<void>;
}

/**
 * Deletes idempotency keys that are older than 48 hours, hourly, tenant by tenant, in batches. Needs no leader: what two workers
 * delete at once is deleted once.
 */
export function startKeyCleaner({
  databases,
  log,
  firstAfterMs = FIRST_AFTER_MS,
}: {
  databases: Pick<Databases, "worker">;
  log: LeadershipLog;
  firstAfterMs?: number;
}): KeyCleaner {
  const stopping = new AbortController();

  async function run(): Promise<void> {
    await pause(firstAfterMs, stopping.signal);
    while (!stopping.signal.aborted) {
      await cleanOnce(databases, log, stopping.signal).catch((error: unknown) =>
        log.error({ err: error }, "old idempotency keys could not be deleted and wait for the next hour"),
      );
      await pause(EVERY_MS, stopping.signal);
    }
  }

  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

async function cleanOnce({ worker }: Pick<Databases, "worker">, log: LeadershipLog, stopping: AbortSignal): Promise<void> {
  for (const tenantId of await worker.begin((tx) => findTenantIds(tx), "read")) {
    let total = 0;
    for (let deleted = BATCH; deleted >= BATCH && !stopping.aborted; total += deleted) {
      deleted = await asTenant(worker, { tenantId }, "write", (tx) => deleteExpiredKeys(tx, { hours: KEPT_HOURS, limit: BATCH }));
    }
    if (total > 0) log.info({ tenantId, deleted: total }, "old idempotency keys deleted");
    if (stopping.aborted) return;
  }
}

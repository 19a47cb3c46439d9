import { once } from "node:events";
import { ShareUsed } from "@weft/shared/errors";
import { channels } from "@weft/shared/event-catalog";
import { type CheckpointSigner, verifyChain } from "@weft/platform/audit";
import { Computing } from "@weft/platform/computing";
import { alone, asTenant, type Databases } from "@weft/platform/db";
import { lead, pause } from "@weft/platform/leadership";
import type { Logger } from "@weft/platform/logging";
import type { PubSub } from "@weft/platform/pubsub";
import { type QueueWorker, startQueueWorker } from "@weft/platform/queues";
import {
  findRunning,
  findTenantsToVerify,
  putBehind,
  recordFailure,
  recordPlace,
  recordResult,
  rememberVerifiedEnd,
  type VerificationRow,
} from "./verification.store.js";

/** Entries per turn of a tenant. Progress is recorded after each turn. */
const TURN_ENTRIES = 2_000;
/** Number of consecutive failed turns after which a verification fails. */
const MAX_FAILURES = 5;
/** Time after a failed turn until the tenant's next one. */
const RETRY_MS = 5_000;

interface VerificationRunnerOptions {
  readonly databases: Pick<Databases, "app" | "worker">;
  readonly pubsub: PubSub;
  readonly signer: CheckpointSigner;
  readonly log: Pick<Logger, "info" | "error">;
}

/** Failed turns. */
interface Failures {
  /** Number of consecutive ones, by the ID of the verification. */
  readonly counts: Map<string, number>;
  /** When the tenant of a failed one has its next turn, by the ID of the tenant. A time of `performance.now()`. */
  readonly retryAt: Map<string, number>;
}

/**
 * Verifies complete audit trails, in one process at a time. Tenants with a requested verification take turns. The progress is recorded after each turn,
 * so if a worker stops, only one turn must be repeated.
 */
export function startVerificationRunner(options: VerificationRunnerOptions): QueueWorker {
  const { databases, pubsub, log } = options;
  const failures: Failures = { counts: new Map(), retryAt: new Map() };
  const leadership = lead({
    database: databases.worker,
    name: "audit-verifications",
    log,
    work: async (term) => {
      const worker = await startQueueWorker({
        name: "auditVerifications",
        channel: channels.auditVerifications,
        concurrency: 1,
        databases,
        pubsub,
        log,
        findTenants: findTenantsToVerify,
        handle: (tenantId) => takeTurn(options, tenantId, failures),
      });
      if (!term.aborted) await once(term, "abort");
      await worker.stop();
    },
  });
  return {
    // Also those that another process verifies.
    idle: async () => {
      const forever = new AbortController().signal;
      while ((await findTenantsToVerify(alone(databases.worker))).length > 0) await pause(10, forever);
    },
    stop: () => leadership.stop(),
  };
}

/** Verifies the next entries of a tenant, unless its last turn has just failed. */
async function takeTurn(
  { databases, signer, log }: VerificationRunnerOptions,
  tenantId: string,
  failures: Failures,
): Promise<"nothing" | "done"> {
  if ((failures.retryAt.get(tenantId) ?? 0) > performance.now()) return "nothing";
  let row: VerificationRow | null = null;
  try {
    row = await asTenant(databases.app, { tenantId }, "read", (tx) => findRunning(tx));
    if (!row) return "nothing";
    await verifySome({ databases, signer }, row);
    failures.counts.delete(row.id);
    failures.retryAt.delete(tenantId);
    return "done";
  } catch (error) {
    failures.retryAt.set(tenantId, performance.now() + RETRY_MS);
    log.error({ err: error, tenantId, verification: row?.id }, "a verification of an audit trail stopped and will be retried");
    // Waiting for the tenant's own work is not a failure.
    if (row && !(error instanceof ShareUsed)) await countFailure({ databases, log }, row, failures);
    return "nothing";
  }
}

/**
 * Counts a failure only if it can be recorded. So an unavailable database, which is not a fault of the verification, does not end it. A statement
 * that times out every time, which looks the same from here, does end it.
 */
async function countFailure(
  { databases, log }: Pick<VerificationRunnerOptions, "databases" | "log">,
  row: VerificationRow,
  { counts, retryAt }: Failures,
): Promise<void> {
  const { tenantId, id, sequence } = row;
  const failed = (counts.get(id) ?? 0) + 1;
  const message = `It failed ${failed} times at entry ${sequence + 1}. See the worker's log for the reason.`;
  try {
    await asTenant(databases.app, { tenantId }, "write", (tx) =>
      failed < MAX_FAILURES ? putBehind(tx, row) : recordFailure(tx, row, message),
    );
  } catch (error) {
    return log.error({ err: error, tenantId, verification: id }, "the failure of a verification could not be recorded");
  }
  if (failed < MAX_FAILURES) return void counts.set(id, failed);
  counts.delete(id);
  // The tenant's next verification begins at once.
  retryAt.delete(tenantId);
}

/** Continues a verification from its recorded position. */
async function verifySome(
  { databases: { app }, signer }: Pick<VerificationRunnerOptions, "databases" | "signer">,
  row: VerificationRow,
): Promise<void> {
  const { tenantId, sequence, hash, checkpoint, knownCheckpoint } = row;
  const report = await asTenant(app, { tenantId }, "read", (tx) =>
    verifyChain(tx, tenantId, {
      signer,
      knownCheckpoint,
      from: hash === null ? null : { sequence, hash, checkpoint },
      isPartOfWhole: true,
      maxEntries: TURN_ENTRIES,
      // In the background, so that users of the tenant do not wait for it.
      computing: Computing.inBackground(tenantId),
    }),
  );
  const { isComplete, isValid, firstProblem, unsealed, total, place, head } = report;
  await asTenant(app, { tenantId }, "write", async (tx) => {
    if (!isComplete) return void (await recordPlace(tx, row, { ...place, total }));
    const isRecorded = await recordResult(tx, row, place, { isValid, problem: firstProblem, unsealed, total });
    if (isRecorded && head) await rememberVerifiedEnd(tx, { sequence: head.sequence, checkpoint: head.signature });
  });
}

import {
  Alarm,
  asTenant,
  channels,
  type CheckpointSigner,
  Computing,
  type Databases,
  lead,
  type Logger,
  pause,
  type PubSub,
  ShareUsed,
  verifyChain,
} from "@weft/shared";
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

/** Signals make the runner fast; polling makes it reliable. */
const POLL_MS = 5_000;
/** Entries per turn of a tenant. Progress is recorded after each turn. */
const TURN_ENTRIES = 2_000;
/** Number of consecutive failed turns after which a verification fails. */
const MAX_FAILURES = 5;

export interface VerificationRunner {
  /** Resolves when no verification is running. For tests and for draining. */
  idle(): Promise<void>;
  /** Stops after the current turn. */
  stop(): Promise<void>;
}

interface VerificationRunnerOptions {
  readonly databases: Pick<Databases, "app" | "worker">;
  readonly pubsub: PubSub;
  readonly signer: CheckpointSigner;
  readonly log: Pick<Logger, "info" | "error">;
}

/**
 * Verifies complete audit trails. Tenants with a requested verification take turns. The progress is recorded after each turn, so if a worker stops,
 * only one turn must be repeated.
 */
export async function startVerificationRunner({ databases, pubsub, signer, log }: VerificationRunnerOptions): Promise<VerificationRunner> {
  const alarm = new Alarm();
  const failures = new Map<string, number>();
  const unsubscribe = await pubsub.subscribe(channels.auditVerifications, () => alarm.ring());
  const findTenants = (): Promise<string[]> => databases.worker.begin((tx) => findTenantsToVerify(tx), "read");

  /** Runs one turn per tenant. Returns whether any verification made progress, so that the next round should start immediately. */
  async function round(term: AbortSignal): Promise<boolean> {
    let hasAdvanced = false;
    for (const tenantId of await findTenants()) {
      if (term.aborted) return false;
      hasAdvanced = (await takeTurn(tenantId)) || hasAdvanced;
    }
    return hasAdvanced;
  }

  /** Errors affect only this tenant. The others still have their turns. */
  async function takeTurn(tenantId: string): Promise<boolean> {
    let row: VerificationRow | null = null;
    try {
      row = await asTenant(databases.app, { tenantId }, "read", (tx) => findRunning(tx));
      if (!row) return false;
      await verifySome({ databases, signer }, row);
      failures.delete(row.id);
      return true;
    } catch (error) {
      log.error({ err: error, tenantId, verification: row?.id }, "a verification of an audit trail stopped and will be retried");
      // Waiting for the tenant's own work is not a failure.
      if (row && !(error instanceof ShareUsed)) await countFailure(row);
      return false;
    }
  }

  /**
   * Counts a failure only if it can be recorded. So an unavailable database, which is not a fault of the verification, does not end it. A statement
   * that times out every time, which looks the same from here, does end it.
   */
  async function countFailure(row: VerificationRow): Promise<void> {
    const { tenantId, id, sequence } = row;
    const failed = (failures.get(id) ?? 0) + 1;
    const message = `It failed ${failed} times at entry ${sequence + 1}. See the worker's log for the reason.`;
    try {
      await asTenant(databases.app, { tenantId }, "write", (tx) =>
        failed < MAX_FAILURES ? putBehind(tx, row) : recordFailure(tx, row, message),
      );
    } catch (error) {
      return log.error({ err: error, tenantId, verification: id }, "the failure of a verification could not be recorded");
    }
    if (failed < MAX_FAILURES) failures.set(id, failed);
    else failures.delete(id);
  }

  const leadership = lead({
    database: databases.worker,
    name: "audit-verifications",
    log,
    work: async (term) => {
      while (!term.aborted) {
        const hasMore = await round(term).catch((error: unknown) => {
          log.error({ err: error }, "verifications of audit trails stopped and will be retried");
          return false;
        });
        if (!hasMore) await alarm.wait(POLL_MS, term);
      }
    },
  });

  return {
    idle: async () => {
      const forever = new AbortController().signal;
      while ((await findTenants()).length > 0) {
        alarm.ring();
        await pause(10, forever);
      }
    },
    stop: async () => {
      await leadership.stop();
      await unsubscribe();
    },
  };
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

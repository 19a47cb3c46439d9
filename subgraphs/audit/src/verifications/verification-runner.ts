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

/** Signals make it fast; this makes it sure. */
const POLL_MS = 5_000;
/** Entries of a tenant's turn, after which its progress is recorded. */
const TURN_ENTRIES = 2_000;
/** Turns of a verification that may fail one after the other before it is given up. */
const MAX_FAILURES = 5;

export interface VerificationRunner {
  /** Resolves when no verification is running. For tests and for draining. */
  idle(): Promise<void>;
  /** Ends after the turn at work. */
  stop(): Promise<void>;
}

interface VerificationRunnerOptions {
  readonly databases: Pick<Databases, "app" | "worker">;
  readonly pubsub: PubSub;
  readonly signer: CheckpointSigner;
  readonly log: Pick<Logger, "info" | "error">;
}

/**
 * Verifies whole audit trails: a turn for each tenant that has asked for it, one after the other. After each turn it is written down how far it came, so that a
 * worker that stops costs a turn.
 */
export async function startVerificationRunner({ databases, pubsub, signer, log }: VerificationRunnerOptions): Promise<VerificationRunner> {
  const alarm = new Alarm();
  const failures = new Map<string, number>();
  const unsubscribe = await pubsub.subscribe(channels.auditVerifications, () => alarm.ring());
  const findTenants = (): Promise<string[]> => databases.worker.begin((tx) => findTenantsToVerify(tx), "read");

  /** Whether it is worth going on at once: some tenant came further. */
  async function round(term: AbortSignal): Promise<boolean> {
    let hasAdvanced = false;
    for (const tenantId of await findTenants()) {
      if (term.aborted) return false;
      hasAdvanced = (await takeTurn(tenantId)) || hasAdvanced;
    }
    return hasAdvanced;
  }

  /** Whatever goes wrong in it is this tenant's: the others have their turns all the same. */
  async function takeTurn(tenantId: string): Promise<boolean> {
    let row: VerificationRow | null = null;
    try {
      row = await asTenant(databases.app, { tenantId }, "read", (tx) => findRunning(tx));
      if (!row) return false;
      await verifySome({ databases, signer }, row);
      failures.delete(row.id);
      return true;
    } catch (error) {
      log.error({ err: error, tenantId, verification: row?.id }, "a verification of an audit trail stopped and is tried again");
      // To wait for the tenant's own work is no failure.
      if (row && !(error instanceof ShareUsed)) await countFailure(row);
      return false;
    }
  }

  /**
   * A failure counts once it could be written down. So a database that is away, which is no fault of the verification, does not end it; and a statement that runs into its
   * timeout each time, which looks the same from here, does.
   */
  async function countFailure(row: VerificationRow): Promise<void> {
    const { tenantId, id, sequence } = row;
    const failed = (failures.get(id) ?? 0) + 1;
    const message = `It failed ${failed} times at entry ${sequence + 1}; the log of the worker says why.`;
    try {
      await asTenant(databases.app, { tenantId }, "write", (tx) =>
        failed < MAX_FAILURES ? putBehind(tx, row) : recordFailure(tx, row, message),
      );
    } catch (error) {
      return log.error({ err: error, tenantId, verification: id }, "the failure of a verification could not be written down");
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
          log.error({ err: error }, "verifications of audit trails stopped and are tried again");
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

/** Goes on where the verification stands. */
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
      // In turns of its own: people of the tenant do not wait for it.
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

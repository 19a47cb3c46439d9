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
  ServiceUnavailable,
  verifyChain,
} from "@weft/shared";
import {
  findRunning,
  findTenantsToVerify,
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
/** Turns that may fail one after the other. */
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

  async function round(term: AbortSignal): Promise<boolean> {
    const tenants = await findTenants();
    for (const tenantId of tenants) {
      if (term.aborted) return false;
      await takeTurn(tenantId);
    }
    return tenants.length > 0;
  }

  async function takeTurn(tenantId: string): Promise<void> {
    const row = await asTenant(databases.app, { tenantId }, "read", (tx) => findRunning(tx));
    if (!row) return;
    try {
      await verifySome({ databases, signer }, row);
      failures.delete(row.id);
    } catch (error) {
      // Without the database there is nothing to do for the others either.
      if (error instanceof ServiceUnavailable) throw error;
      const failed = (failures.get(row.id) ?? 0) + 1;
      failures.set(row.id, failed);
      log.error({ err: error, tenantId, verification: row.id }, "a verification of an audit trail stopped");
      if (failed < MAX_FAILURES) return;
      failures.delete(row.id);
      const message = `It failed ${failed} times at entry ${row.sequence + 1}; the log of the worker says why.`;
      await asTenant(databases.app, { tenantId }, "write", (tx) => recordFailure(tx, row, message));
    }
  }

  const leadership = lead({
    database: databases.worker,
    name: "audit-verifications",
    log,
    work: async (term) => {
      while (!term.aborted) {
        const hasMore = await round(term).catch((error: unknown) => {
          if (!(error instanceof ServiceUnavailable))
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

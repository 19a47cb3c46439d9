import { alone } from "../db/alone.js";
import { asTenant } from "../db/as-tenant.js";
import type { Databases } from "../db/database.js";
import { isTimeout } from "../db/errors.js";
import { ServiceUnavailable } from "@weft/shared/errors";
import { channels, type PositionHead } from "@weft/shared/event-catalog";
import { Alarm } from "../leadership/alarm.js";
import { lead, pause } from "../leadership/lead.js";
import { RetryLog } from "../leadership/retry-log.js";
import type { LeadershipLog } from "../leadership/lead.js";
import type { PubSub } from "../pubsub/pubsub.js";
import { CheckpointLog } from "./checkpoint-log.js";
import type { CheckpointSigner } from "./checkpoint.js";
import { sealBatch } from "./seal.js";
import { findTenantsToSeal } from "./seal.store.js";

/** Approximate interval at which each tenant's entries are sealed. The entries of an interval share a checkpoint. */
const INTERVAL_MS = 1_000;

/** Log of the sealer. Compatible with pino. */
export interface SealerLog extends LeadershipLog {
  debug(facts: object, message: string): void;
}

/** Takes the newest signed head of a tenant elsewhere. It must not throw. */
export interface HeadReceiver {
  add(tenantId: string, head: { readonly sequence: number; readonly signature: string }): void;
}

export interface Sealer {
  /** Seals waiting entries immediately. */
  signal(): void;
  /** Resolves when every entry is sealed. For tests and for draining. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Chains audit entries in `audit.seals` and signs the heads. One sealer of the installation is active; a second one would wait at the chain's lock
 * and never fork the chain. Signed heads are also written to the log, so that they are kept outside the database, and given to `publisher`. `pubsub`
 * carries the new sequences to the gateways, whose feeds also poll.
 */
export function startSealer({
  databases,
  signer,
  log,
  pubsub,
  publisher,
}: {
  databases: Pick<Databases, "worker">;
  signer: CheckpointSigner;
  log: SealerLog;
  pubsub: Pick<PubSub, "publish">;
  publisher?: HeadReceiver | undefined;
}): Sealer {
  const alarm = new Alarm();
  const checkpoints = new CheckpointLog(log);
  const retries = new RetryLog(log);
  let isAtWork = false;

  const leadership = lead({
    database: databases.worker,
    name: "sealer",
    log,
    work: async (term) => {
      while (!term.aborted) {
        try {
          isAtWork = true;
          await sealRound(term);
          retries.worked("round");
        } catch (error) {
          retries.failed("round", error, {}, "the audit sealer failed and will retry");
          await pause(INTERVAL_MS, term);
        } finally {
          isAtWork = false;
        }
        checkpoints.tell();
        await alarm.wait(INTERVAL_MS, term);
      }
      checkpoints.tellAll();
    },
  });

  async function sealRound(term: AbortSignal): Promise<void> {
    for (const tenantId of await findTenantsToSeal(alone(databases.worker))) {
      if (term.aborted) return;
      try {
        await sealTenant(tenantId);
        retries.worked(tenantId);
      } catch (error) {
        // Without the database, nothing can be done for the other tenants. A fault in one tenant's rows, or a lock on them, affects only that tenant.
        if (error instanceof ServiceUnavailable && !isTimeout(error)) throw error;
        retries.failed(tenantId, error, { tenantId }, "a tenant's audit entries could not be sealed; retrying in the next round");
      }
    }
  }

  async function sealTenant(tenantId: string): Promise<void> {
    const batch = await asTenant(databases.worker, { tenantId }, "write", (tx) => sealBatch(tx, tenantId, { signer }));
    if (batch) {
      log.debug({ tenantId, sealed: batch.sealed, checkpoint: batch.signature }, "audit entries sealed");
      checkpoints.add(tenantId, batch.signature);
      publisher?.add(tenantId, batch);
      announce(channels.auditHeads, JSON.stringify([{ tenantId, position: batch.sequence } satisfies PositionHead]));
      if (batch.isStreamed) announce(channels.dueWork, "");
    }
    // The rest of a long queue is sealed in the next round without delay, after the other tenants.
    if (batch?.isFull) alarm.ring();
  }

  function announce(channel: string, message: string): void {
    pubsub.publish(channel, message).catch((error: unknown) => log.debug({ err: error }, "sealed audit entries could not be announced"));
  }

  return {
    signal: () => alarm.ring(),
    idle: async () => {
      const forever = new AbortController().signal;
      while (isAtWork || (await findTenantsToSeal(alone(databases.worker))).length > 0) {
        // Not while it works: its rounds would follow each other without a pause, and on a busy machine idle would always find it at work.
        if (!isAtWork) alarm.ring();
        await pause(5, forever);
      }
    },
    stop: () => leadership.stop(),
  };
}

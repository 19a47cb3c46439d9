import { isUuid } from "@weft/shared/ids";
import type { PubSub } from "@weft/platform/pubsub";

export interface TenantTurnsOptions {
  readonly pubsub: PubSub;
  /** Its messages are UUIDs of tenants with work. */
  readonly channel: string;
  /** Tenants that have turns at the same time. */
  readonly max: number;
  /** Does some work of the tenant. Returns whether there can be more. */
  readonly turn: (tenantId: string) => Promise<boolean>;
  readonly onError: (error: unknown, tenantId: string) => void;
}

export interface TenantTurns {
  /** Stops after the current turns. */
  stop(): Promise<void>;
}

/** Gives tenants with work turns, one after the other. The work is rows in the database, so a lost message only delays it: whoever waits asks again. */
export async function startTenantTurns({ pubsub, channel, max, turn, onError }: TenantTurnsOptions): Promise<TenantTurns> {
  /** In the order of their turns. */
  const waiting = new Set<string>();
  const working = new Map<string, Promise<void>>();
  let isStopping = false;
  const unsubscribe = await pubsub.subscribe(channel, (tenantId) => {
    if (!isUuid(tenantId)) return;
    waiting.add(tenantId);
    startWaiting();
  });

  function startWaiting(): void {
    for (const tenantId of waiting) {
      if (isStopping || working.size >= max) return;
      if (working.has(tenantId)) continue;
      waiting.delete(tenantId);
      working.set(tenantId, work(tenantId));
    }
  }

  async function work(tenantId: string): Promise<void> {
    try {
      // There can be more. The other tenants come first.
      if (await turn(tenantId)) waiting.add(tenantId);
    } catch (error) {
      // Whoever waits asks again.
      onError(error, tenantId);
    } finally {
      working.delete(tenantId);
      startWaiting();
    }
  }

  return {
    stop: async () => {
      isStopping = true;
      await unsubscribe();
      await Promise.allSettled(working.values());
    },
  };
}

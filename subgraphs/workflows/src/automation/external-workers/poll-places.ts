import { channels } from "@weft/shared/event-catalog";
import type { Config } from "@weft/platform/config";
import { pause } from "@weft/platform/leadership";
import type { PubSub } from "@weft/platform/pubsub";

/** Time after which what is offered is looked at again: retries become due without a message, and messages can be lost. */
const LOOK_AGAIN_MS = 1_000;

/** Calls that wait in this process, by tenant. */
const waiting = new Map<string, number>();
let total = 0;

/**
 * Occupies a place for a call that waits, if the tenant has one. Calls that wait occupy the gateway, too, where a tenant runs a few operations at once.
 * They take a quarter of its share at most, so that people of the tenant do not wait for its workers.
 * @returns how to leave it; null: there is none
 */
export function enterPoll(tenantId: string, { operationsInFlight, operationsInFlightPerTenant }: Config["limits"]): (() => void) | null {
  const own = waiting.get(tenantId) ?? 0;
  const isFull = (count: number, limit: number): boolean => count >= Math.max(1, Math.floor(limit / 4));
  if (isFull(own, operationsInFlightPerTenant) || isFull(total, operationsInFlight)) return null;
  waiting.set(tenantId, own + 1);
  total++;
  return () => {
    const left = (waiting.get(tenantId) ?? 1) - 1;
    if (left > 0) waiting.set(tenantId, left);
    else waiting.delete(tenantId);
    total--;
  };
}

export type Offers = {
  /** Resolves when steps may have been offered since the last call, or after the time. */
  next(maxMs: number): Promise<void>;
  end(): Promise<void>;
};

/** Listens for steps that are offered in the tenant. */
export async function listenForOffers(pubsub: PubSub, tenantId: string, signal: AbortSignal | undefined): Promise<Offers> {
  let ring = new AbortController();
  const unsubscribe = await pubsub.subscribe(channels.offeredSteps, (message) => {
    if (message === tenantId) ring.abort();
  });
  return {
    next: async (maxMs) => {
      await pause(Math.min(maxMs, LOOK_AGAIN_MS), signal ? AbortSignal.any([signal, ring.signal]) : ring.signal);
      ring = new AbortController();
    },
    end: unsubscribe,
  };
}

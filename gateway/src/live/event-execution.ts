import type { EventEnvelope, Viewer } from "@weft/shared";
import { FairSemaphore, newId } from "@weft/shared";
import { LRUCache } from "lru-cache";
import type { Executor, OperationResult } from "../executor.js";
import type { Mirror } from "./mirror.js";

/** Whether a refusal says nothing of the event: the same query is answered a moment later. */
export const isPassing = (code: unknown): boolean => code === "SERVICE_UNAVAILABLE" || code === "RATE_LIMITED";

/** Who subscribed, from where: the context of the queries that answer the events. */
export interface Subscriber {
  readonly viewer: Viewer;
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** Runs a mirror query for an event (its cursor), or without one as a check of rights. */
export type ExecuteMirror = (
  mirror: Mirror,
  subscriber: Subscriber,
  at: { event: EventEnvelope; cursor: string } | null,
) => Promise<OperationResult>;

export interface EventExecutionOptions {
  readonly executor: Pick<Executor, "execute">;
  readonly timeoutMs: number;
  /** Queries at once, over all sockets. */
  readonly width?: number;
}

/**
 * Executes mirror queries, few at a time. Equal operations of one session under the same rights run once per event, however many sockets
 * have them open; between people nothing is shared, because any field may vary by who asks.
 */
export function createEventExecution({ executor, timeoutMs, width = 16 }: EventExecutionOptions): ExecuteMirror {
  // A burst of events must not take every database connection, nor the thousand subscriptions of one tenant, or its slow ones, make all the others late.
  const places = new FairSemaphore({ size: width, perKey: () => Math.ceil(width / 2), refusal: ({ reason }) => new Error(reason) });
  const recent = new LRUCache<string, Promise<OperationResult>>({ max: 1_000, ttl: 5_000 });

  const run = (
    mirror: Mirror,
    { viewer, address, userAgent }: Subscriber,
    at: { event: EventEnvelope; cursor: string } | null,
  ): Promise<OperationResult> =>
    places.run(viewer.tenantId, () =>
      executor.execute(
        { query: mirror.query, variables: { ...mirror.variables, [mirror.atVariable]: at?.cursor ?? null } },
        { viewer, requestId: newId(), address, userAgent, traceId: at?.event.traceId ?? null, signal: AbortSignal.timeout(timeoutMs) },
      ),
    );

  return (mirror, subscriber, at) => {
    if (!at) return run(mirror, subscriber, null);
    const { sessionId, rightsVersion } = subscriber.viewer;
    const key = JSON.stringify([at.event.id, sessionId, rightsVersion, mirror.query, mirror.variables]);
    const running = recent.get(key);
    if (running) return running;
    const result = run(mirror, subscriber, at);
    recent.set(key, result);
    result.then(
      // What failed for a moment must not be what the next try gets.
      ({ errors }) => errors?.some(({ extensions }) => isPassing(extensions?.["code"])) && recent.delete(key),
      () => recent.delete(key),
    );
    return result;
  };
}

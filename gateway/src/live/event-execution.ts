import type { EventEnvelope, Viewer } from "@weft/shared";
import { FairSemaphore, newId } from "@weft/shared";
import { LRUCache } from "lru-cache";
import type { Executor, OperationResult } from "../executor.js";
import { withEnding } from "./ending.js";
import type { Ending } from "./ending.js";
import type { Mirror } from "./mirror.js";

/** Whether a refusal says nothing of the event: the same query is answered a moment later. */
export const isPassing = (code: unknown): boolean => code === "SERVICE_UNAVAILABLE" || code === "RATE_LIMITED";

/** Who subscribed, from where: the context of the queries that answer the events. */
export interface Subscriber {
  readonly viewer: Viewer;
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** Runs a mirror query for an event (its cursor), or without one, until its socket closes, as a check of rights. */
export type ExecuteMirror = (mirror: Mirror, subscriber: Subscriber, at: AtEvent | Ending) => Promise<OperationResult>;

interface AtEvent {
  readonly event: EventEnvelope;
  readonly cursor: string;
}

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
  const fewAtOnce = (): FairSemaphore =>
    new FairSemaphore({ size: width, perKey: () => Math.ceil(width / 2), refusal: ({ reason }) => new Error(reason) });
  // Checks wait until their new texts are planned: no event shall wait for that with them.
  const [events, checks] = [fewAtOnce(), fewAtOnce()];
  const recent = new LRUCache<string, Promise<OperationResult>>({ max: 1_000, ttl: 5_000 });

  const run = (
    { query, variables, atVariable }: Mirror,
    { viewer, address, userAgent }: Subscriber,
    { at, ...ending }: Ending & { at?: AtEvent },
  ): Promise<OperationResult> =>
    executor.execute(
      { query, variables: { ...variables, [atVariable]: at?.cursor ?? null } },
      { viewer, requestId: newId(), address, userAgent, traceId: at?.event.traceId ?? null, ...ending },
    );

  return (mirror, subscriber, at) => {
    const { tenantId } = subscriber.viewer;
    if (!("event" in at)) return checks.run(tenantId, () => run(mirror, subscriber, at), { signal: at.signal });
    const { sessionId, rightsVersion } = subscriber.viewer;
    const key = JSON.stringify([at.event.id, sessionId, rightsVersion, mirror.query, mirror.variables]);
    const running = recent.get(key);
    if (running) return running;
    // Other sockets share it: the close of one does not end it.
    const result = events.run(tenantId, () => withEnding({ timeoutMs }, (ending) => run(mirror, subscriber, { ...ending, at })));
    recent.set(key, result);
    result.then(
      // What failed for a moment must not be what the next try gets.
      ({ errors }) => errors?.some(({ extensions }) => isPassing(extensions?.["code"])) && recent.delete(key),
      () => recent.delete(key),
    );
    return result;
  };
}

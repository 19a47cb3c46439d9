import type { EventEnvelope } from "@weft/shared/event-catalog";
import { newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { requiredPosition, textOfPosition } from "@weft/platform/consistency";
import { FairSemaphore } from "@weft/platform/fairness";
import type { Executor, OperationResult } from "../../executor.js";
import { withEnding } from "./ending.js";
import type { Ending } from "./ending.js";
import type { Mirror } from "./mirror.js";

/** Whether a refusal is temporary and not caused by the event, so that the same query can succeed a moment later. */
export const isPassing = (code: unknown): boolean => code === "SERVICE_UNAVAILABLE" || code === "RATE_LIMITED";

/** The subscriber and its origin: the context of the queries that answer the events. */
export interface Subscriber {
  readonly viewer: Viewer;
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** Runs a mirror query for an event (its cursor) or, without an event, as a check of rights that ends when the socket closes. */
export type ExecuteMirror = (mirror: Mirror, subscriber: Subscriber, at: AtEvent | Ending) => Promise<OperationResult>;

interface AtEvent {
  readonly event: EventEnvelope;
  readonly cursor: string;
}

export interface EventExecutionOptions {
  readonly timeoutMs: number;
  /** Called with each execution for an event. */
  readonly onEvent: () => void;
  /** Maximum number of concurrent queries, over all sockets. */
  readonly width?: number;
}

/**
 * Executes a few mirror queries at a time, over any executor. Subscriptions share the executions of events (`SharedAnswer`).
 */
export function createEventExecution({
  timeoutMs,
  onEvent,
  width = 16,
}: EventExecutionOptions): (executor: Pick<Executor, "execute">) => ExecuteMirror {
  // A burst of events must not use every database connection. One tenant with a thousand subscriptions, or slow ones, must not delay all other
  // tenants.
  const fewAtOnce = (): FairSemaphore =>
    new FairSemaphore({ size: width, perKey: () => Math.ceil(width / 2), refusal: ({ reason }) => new Error(reason) });
  // Checks wait until their new texts are planned. Events must not wait for that, so they have a separate limit.
  const [events, checks] = [fewAtOnce(), fewAtOnce()];

  const run = (
    executor: Pick<Executor, "execute">,
    { query, variables, atVariable }: Mirror,
    { viewer, address, userAgent }: Subscriber,
    { at, ...ending }: Ending & { at?: AtEvent },
  ): Promise<OperationResult> => {
    // The newest position of any token: subscriptions with and without tokens share answers.
    const required = requiredPosition(viewer.tenantId);
    const minPosition = required && textOfPosition(required);
    return executor.execute(
      { query, variables: { ...variables, [atVariable]: at?.cursor ?? null }, isInternal: true },
      { viewer, requestId: newId(), address, userAgent, traceId: at?.event.traceId ?? null, ...ending, minPosition },
    );
  };

  return (executor) => (mirror, subscriber, at) => {
    const { tenantId } = subscriber.viewer;
    if (!("event" in at)) return checks.run(tenantId, () => run(executor, mirror, subscriber, at), { signal: at.signal });
    onEvent();
    // Other sockets can share this execution, so it does not end when one of them closes.
    return events.run(tenantId, () => withEnding({ timeoutMs }, (ending) => run(executor, mirror, subscriber, { ...ending, at })));
  };
}

import { Abandoned, newId, ServiceUnavailable } from "@weft/shared";
import type { CallContext } from "@weft/shared";

/** What an operation carries through the gateway: who asks, under which request id, and until when an answer is wanted. */
export interface OperationContext extends CallContext {
  /** Aborts at the deadline of the request, or when the client has gone. */
  readonly signal: AbortSignal;
  /** When the signal aborts because it took too long, on the clock of `performance.now()`. */
  readonly deadline?: number;
}

/** Why the signal aborts before the deadline. */
export class ClientGone extends Error {
  constructor() {
    super("The client has gone.");
  }
}

/** What a call is that was given up: nobody's fault where the client has gone, and that of `service` where it was late. */
export const givenUp = (service: string, { signal }: Pick<OperationContext, "signal">, error: unknown): ServiceUnavailable =>
  signal.reason instanceof ClientGone ? new Abandoned(error) : new ServiceUnavailable(service, error);

/** Left of an operation's time for its answer, when it has waited for as long as it can: an eighth of what is left, at least. */
const reserveMs = 500;

/** How long an operation can wait for something and still be answered in time. */
export function remainingMsOf({ deadline = Infinity }: Pick<OperationContext, "deadline">): number {
  const ms = deadline - performance.now();
  return Math.max(0, ms - Math.max(reserveMs, ms === Infinity ? 0 : ms / 8));
}

/** The part that a subgraph gets. */
export function callContextOf(context: OperationContext): CallContext {
  const { viewer, requestId, address, userAgent, traceId, livePosition, deadline } = context;
  const remainingMs = deadline === undefined ? undefined : Math.max(0, Math.round(deadline - performance.now()));
  return { viewer, requestId, address, userAgent, traceId, operationId: operationIdOf(context), remainingMs, livePosition };
}

const operationIds = new WeakMap<OperationContext, string>();

/** A client chooses the id of its request, and can choose the same one again: budgets go by one that it cannot choose. */
function operationIdOf(context: OperationContext): string {
  const known = operationIds.get(context);
  if (known !== undefined) return known;
  const made = newId();
  operationIds.set(context, made);
  return made;
}

import type { CallContext } from "@weft/shared";

/** What an operation carries through the gateway: who asks, under which request id, and until when an answer is wanted. */
export interface OperationContext extends CallContext {
  /** Aborts at the deadline of the request, or when the client has gone. */
  readonly signal: AbortSignal;
}

/** The part that a subgraph gets. */
export function callContextOf({ viewer, requestId, address, userAgent, traceId }: OperationContext): CallContext {
  return { viewer, requestId, address, userAgent, traceId };
}

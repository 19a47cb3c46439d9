import { newId } from "@weft/shared";
import type { CallContext } from "@weft/shared";

/** What an operation carries through the gateway: who asks, under which request id, and until when an answer is wanted. */
export interface OperationContext extends CallContext {
  /** Aborts at the deadline of the request, or when the client has gone. */
  readonly signal: AbortSignal;
}

/** The part that a subgraph gets. */
export function callContextOf(context: OperationContext): CallContext {
  const { viewer, requestId, address, userAgent, traceId, livePosition } = context;
  return { viewer, requestId, address, userAgent, traceId, operationId: operationIdOf(context), livePosition };
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

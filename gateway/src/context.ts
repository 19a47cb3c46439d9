import { Abandoned, ServiceUnavailable } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import type { CallContext } from "@weft/shared/viewer";
import type { Client } from "./field-usage/client.js";
import type { CountedRequest } from "./limits/addresses/counted-requests.js";
import type { CostReport } from "./limits/rates/cost-report.js";
import type { Quota } from "./limits/rates/quota.js";

/** What an operation carries through the gateway: the caller, the request ID, and the deadline for the response. */
export interface OperationContext extends CallContext {
  /** Aborts at the deadline of the request, or when the client disconnects. */
  readonly signal: AbortSignal;
  /** Time at which the signal aborts because of the deadline, on the clock of `performance.now()`. */
  readonly deadline?: number;
  /** The program that sends the operation. Absent: nobody counts what it uses. */
  readonly client?: Client;
  /** Told which rates the operation counts against, and what is used of them, also if one of them is exceeded. */
  readonly onQuotas?: (quotas: readonly Quota[]) => void;
  /** What a request without a login has taken from the limits of its address, which gets it back for a login. */
  readonly counted?: CountedRequest;
  /** Told what the operation costs, also if it is refused for that. Set if the client asks for it. */
  readonly onCost?: (cost: CostReport) => void;
  /** Set if the operation is only validated and planned: no subgraph is called. */
  readonly isRehearsal?: true;
}

/** Why the signal aborts before the deadline. */
export class ClientGone extends Error {
  constructor() {
    super("The client disconnected.");
  }
}

/** The error for an abandoned call: nobody is at fault if the client disconnected, and `service` is if it was late. */
export const givenUp = (service: string, { signal }: Pick<OperationContext, "signal">, error: unknown): ServiceUnavailable =>
  signal.reason instanceof ClientGone ? new Abandoned(error) : new ServiceUnavailable(service, error);

/** Time reserved for answering after the longest possible wait: at least an eighth of the time left. */
const reserveMs = 500;

/** How long an operation can wait for something and still be answered in time. */
export function remainingMsOf({ deadline = Infinity }: Pick<OperationContext, "deadline">): number {
  const ms = deadline - performance.now();
  return Math.max(0, ms - Math.max(reserveMs, ms === Infinity ? 0 : ms / 8));
}

/** The part that is sent to subgraphs. */
export function callContextOf(context: OperationContext): CallContext {
  const { viewer, requestId, address, userAgent, client, traceId, livePosition, minPosition, causeId, rateQuotas, deadline } = context;
  const remainingMs = deadline === undefined ? undefined : Math.max(0, Math.round(deadline - performance.now()));
  return {
    viewer,
    requestId,
    address,
    userAgent,
    ...(client !== undefined && client.name !== "" && { client }),
    traceId,
    operationId: operationIdOf(context),
    remainingMs,
    livePosition,
    minPosition,
    causeId,
    rateQuotas,
  };
}

const operationIds = new WeakMap<OperationContext, string>();

/** Clients choose the ID of a request and can reuse it. Budgets therefore use an ID that clients cannot choose. */
function operationIdOf(context: OperationContext): string {
  const known = operationIds.get(context);
  if (known !== undefined) return known;
  const made = newId();
  operationIds.set(context, made);
  return made;
}

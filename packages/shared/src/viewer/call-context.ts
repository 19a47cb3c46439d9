import type { RateQuota } from "./rate-quota.js";
import type { Viewer } from "./viewer.js";

/** A program that sends operations, as it names itself. */
export interface CallClient {
  readonly name: string;
  readonly version: string;
}

/** Data that the gateway sends to a subgraph with each call: signed over HTTP, as an object in process. */
export interface CallContext {
  /** Null if nobody is logged in. */
  readonly viewer: Viewer | null;
  readonly requestId: string;
  /** The client's address, as the gateway saw it. */
  readonly address: string | null;
  readonly userAgent: string | null;
  /** The program that sent the operation. Absent if it did not name itself. */
  readonly client?: CallClient | undefined;
  readonly traceId: string | null;
  /** ID of the client's operation, assigned by the gateway. The calls of an operation share budgets. If omitted, the call is its own operation. */
  readonly operationId?: string | undefined;
  /** Milliseconds until the gateway abandons the call. */
  readonly remainingMs?: number | undefined;
  /** Position of the tenant's last event before the operation read anything. Only set if the operation requests it (`liveCursor`). */
  readonly livePosition?: number | undefined;
  /** Position of the database that caches must not be older than. Only set if the client sent a consistency token. */
  readonly minPosition?: string | undefined;
  /** The rates that the operation counts against, with what is used of them. Only set if the operation requests them (`limits`). */
  readonly rateQuotas?: readonly RateQuota[] | undefined;
  /** UUID of the event that caused the operation: that of a run's step. Never from a client. Absent if a user caused it. */
  readonly causeId?: string | undefined;
}

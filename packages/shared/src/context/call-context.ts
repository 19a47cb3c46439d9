import type { Viewer } from "../viewer/viewer.js";

/** What the gateway tells a subgraph with each call: signed over HTTP, as an object in process. */
export interface CallContext {
  /** null when nobody is logged in. */
  readonly viewer: Viewer | null;
  readonly requestId: string;
  /** The client's address, as the gateway saw it. */
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly traceId: string | null;
  /** The client's operation, made up by the gateway: its calls share budgets. Absent: the call is an operation by itself. */
  readonly operationId?: string | undefined;
  /** Milliseconds until the gateway gives the call up. */
  readonly remainingMs?: number | undefined;
  /** The tenant's last event before anything of the operation was read; only where the operation asks for it (`liveCursor`). */
  readonly livePosition?: number | undefined;
}

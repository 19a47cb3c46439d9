import type { PersonKeyring } from "../privacy/keyring.js";

/** Who writes, on whose behalf and under which request: goes into every history row, event and audit entry. */
export interface WriteMeta {
  /** UUID */
  readonly tenantId: string;
  /** UUID of the user who acts. */
  readonly actorId: string;
  /** UUID of the user for whom the actor acts; null when for himself. */
  readonly onBehalfOf: string | null;
  readonly requestId: string;
  /** UUID; null for background work. */
  readonly sessionId: string | null;
  /** The client's network address; null for background work. */
  readonly address: string | null;
  readonly traceId: string | null;
  /** Seals personal values. One per process. */
  readonly keyring: PersonKeyring;
}

import type { PersonKeyring } from "../privacy/keyring.js";

/** Acting user, represented user and request of a write. Part of every history row, event and audit entry. */
export interface WriteMeta {
  /** UUID */
  readonly tenantId: string;
  /** UUID of the acting user. */
  readonly actorId: string;
  /** UUID of the user on whose behalf the actor acts. Null if the actor acts for themselves. */
  readonly onBehalfOf: string | null;
  readonly requestId: string;
  /** UUID. Null for background work. */
  readonly sessionId: string | null;
  /** The client's network address. Null for background work. */
  readonly address: string | null;
  readonly traceId: string | null;
  /** UUID of the event that caused the write. Absent if a user caused it. */
  readonly causeId?: string | undefined;
  /** Encrypts personal values. One per process. */
  readonly keyring: PersonKeyring;
}

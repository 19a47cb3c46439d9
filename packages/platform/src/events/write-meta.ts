import type { CallClient } from "@weft/shared/viewer";
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
  /** The program that sent the request, as it named itself. Absent for background work, and if it did not. */
  readonly client?: CallClient | undefined;
  /** Absent for background work. */
  readonly userAgent?: string | null | undefined;
  readonly traceId: string | null;
  /** UUID of the event that caused the write. Absent if a user caused it. */
  readonly causeId?: string | undefined;
  /** Encrypts personal values. One per process. */
  readonly keyring: PersonKeyring;
}

/** For the metadata of a write in another tenant, which must not learn from where, in which session, and with which program it was made. */
export const noOrigin = { sessionId: null, address: null, client: undefined, userAgent: null } as const satisfies Partial<WriteMeta>;

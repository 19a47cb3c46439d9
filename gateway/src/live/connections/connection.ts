/**
 * Connections: decides whose a socket is, how many there can be, and when one is closed. This folder never runs an operation.
 */
import { RateLimited, TenantSuspended, Unauthenticated } from "@weft/shared";
import type { Viewer } from "@weft/shared";
import type { Authenticated } from "../../viewer/authenticate.js";
import { TokenExpired } from "../../viewer/token.js";
import type { ViewerState } from "../../viewer/viewer.store.js";
import type { Viewers } from "../../viewer/viewers.js";
import { closeCodes } from "./close-codes.js";
import type { CloseReason } from "./close-codes.js";
import type { Socket } from "./socket.js";
import type { TenantFeed } from "../feeds/tenant-feed.js";

/** Thrown into a subscription whose socket is already being closed. */
export class ConnectionEnded extends Error {}

/** An open socket and its viewer. */
export class Connection {
  readonly socket: Socket;
  readonly address: string;
  readonly userAgent: string | null;
  readonly #viewers: Viewers;
  #authenticated: Authenticated | undefined;
  #feed: TenantFeed | undefined;
  /** Functions that release resources when the socket closes. */
  readonly onClosed = new Set<() => void>();
  subscriptions = 0;

  constructor({ socket, address, userAgent, viewers }: { socket: Socket; address: string; userAgent: string | null; viewers: Viewers }) {
    this.socket = socket;
    this.address = address;
    this.userAgent = userAgent;
    this.#viewers = viewers;
  }

  get authenticated(): Authenticated | undefined {
    return this.#authenticated;
  }

  /** Events of the viewer's tenant. The feed starts before the connection is acknowledged, so no later event is missed. */
  get feed(): TenantFeed {
    if (!this.#feed) throw new ConnectionEnded();
    return this.#feed;
  }

  /** From now on the connection belongs to this viewer with these rights. Other rights require a new connection. */
  begin(authenticated: Authenticated, feed: TenantFeed): void {
    this.#authenticated = authenticated;
    this.#feed = feed;
    this.socket.belongsTo(authenticated.viewer.tenantId);
  }

  /**
   * Returns the current viewer. Closes the socket and throws if the token has expired, the session has ended, or the rights have changed since the
   * connection began.
   */
  async viewer(maxAgeMs?: number): Promise<Viewer> {
    const known = this.#authenticated;
    if (!known || this.socket.isClosing) throw new ConnectionEnded();
    if (hasExpired(known)) return this.#end(closeCodes.renew);
    const state = await this.#viewers.stateOf(known.claims, maxAgeMs);
    const reason = endOf(known, state);
    if (reason) return this.#end(reason);
    return "viewer" in state ? state.viewer : this.#end(closeCodes.unauthorized);
  }

  /**
   * As `viewer`, from the cache only: whether the connection still has its rights. Closes the socket if it has not. Returns "unknown" if the cached
   * state is too old; then call `viewer`.
   */
  standing(): "current" | "ended" | "unknown" {
    const known = this.#authenticated;
    if (!known || this.socket.isClosing) return "ended";
    const state = this.#viewers.cachedStateOf(known.claims);
    if (!state) return "unknown";
    const reason = endOf(known, state);
    if (reason) this.socket.closeFor(reason);
    return reason ? "ended" : "current";
  }

  #end(reason: CloseReason): never {
    this.socket.closeFor(reason);
    throw new ConnectionEnded();
  }
}

const hasExpired = ({ claims }: Authenticated): boolean => claims.expiresAt * 1_000 <= Date.now();

/** Returns why a connection must end, given the current state of its session. */
function endOf(known: Authenticated, state: ViewerState): CloseReason | undefined {
  if (hasExpired(known)) return closeCodes.renew;
  if ("refusal" in state) return closeCodes.unauthorized;
  const { rightsVersion, vendorId, userType } = known.viewer;
  const { viewer } = state;
  const isSame = viewer.rightsVersion === rightsVersion && viewer.vendorId === vendorId && viewer.userType === userType;
  return isSame ? undefined : closeCodes.renew;
}

/** Returns how to close a connection whose authentication failed. Only clients with a renewable token are told to reconnect. */
export function closeReasonOf(error: unknown): CloseReason {
  if (error instanceof TokenExpired) return closeCodes.renew;
  if (error instanceof Unauthenticated || error instanceof TenantSuspended) return closeCodes.unauthorized;
  if (error instanceof RateLimited) return closeCodes.tooMany;
  return closeCodes.tryAgain;
}

import { RateLimited, TenantSuspended, Unauthenticated } from "@weft/shared";
import type { Viewer } from "@weft/shared";
import type { Authenticated } from "../viewer/authenticate.js";
import { TokenExpired } from "../viewer/token.js";
import type { Viewers } from "../viewer/viewers.js";
import { closeCodes } from "./close-codes.js";
import type { CloseReason } from "./close-codes.js";
import type { Socket } from "./socket.js";
import type { TenantFeed } from "./tenant-feed.js";

/** Thrown into a subscription whose socket is already being closed. */
export class ConnectionEnded extends Error {}

/** An open socket and who is behind it. */
export class Connection {
  readonly socket: Socket;
  readonly address: string;
  readonly userAgent: string | null;
  readonly #viewers: Viewers;
  #authenticated: Authenticated | undefined;
  #feed: TenantFeed | undefined;
  /** What to give back when it closes. */
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

  /** The events of the viewer's tenant, from before the connection was acknowledged: what happens after the acknowledgement is not missed. */
  get feed(): TenantFeed {
    if (!this.#feed) throw new ConnectionEnded();
    return this.#feed;
  }

  /** From now on the connection is this viewer's, with these rights: others need a new one. */
  begin(authenticated: Authenticated, feed: TenantFeed): void {
    this.#authenticated = authenticated;
    this.#feed = feed;
    this.socket.belongsTo(authenticated.viewer.tenantId);
  }

  /**
   * The viewer at this moment. Closes the socket, and throws, when the token has expired, the session has ended or the rights are not
   * those any more that the connection began with.
   */
  async viewer(maxAgeMs?: number): Promise<Viewer> {
    const known = this.#authenticated;
    if (!known || this.socket.isClosing) throw new ConnectionEnded();
    if (known.claims.expiresAt * 1_000 <= Date.now()) return this.#end(closeCodes.renew);
    const state = await this.#viewers.stateOf(known.claims, maxAgeMs);
    if ("refusal" in state) return this.#end(closeCodes.unauthorized);
    if (state.viewer.rightsVersion !== known.viewer.rightsVersion) return this.#end(closeCodes.renew);
    return state.viewer;
  }

  #end(reason: CloseReason): never {
    this.socket.closeFor(reason);
    throw new ConnectionEnded();
  }
}

/** How a connection is closed whose authentication failed: only a token that can be renewed is worth coming back for. */
export function closeReasonOf(error: unknown): CloseReason {
  if (error instanceof TokenExpired) return closeCodes.renew;
  if (error instanceof Unauthenticated || error instanceof TenantSuspended) return closeCodes.unauthorized;
  if (error instanceof RateLimited) return closeCodes.tooMany;
  return closeCodes.tryAgain;
}

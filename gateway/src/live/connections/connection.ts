/**
 * Connections: decides whose a socket is, how many there can be, and when one is closed. This folder never runs an operation.
 */
import { LimitExceeded, MfaRequired, RateLimited, TenantSuspended, Unauthenticated } from "@weft/shared/errors";
import type { Viewer } from "@weft/shared/viewer";
import type { Client } from "../../field-usage/client.js";
import type { Authenticated } from "../../viewer/authenticate.js";
import { knownSession, rightsTextOf } from "../../viewer/changed-sessions.store.js";
import type { KnownSession } from "../../viewer/changed-sessions.store.js";
import { TokenExpired } from "../../viewer/token.js";
import type { ViewerState } from "../../viewer/viewer.store.js";
import { freshForMs } from "../../viewer/viewers.js";
import type { Viewers } from "../../viewer/viewers.js";
import type { Channel } from "./channel.js";
import { closeCodes } from "./close-codes.js";
import type { CloseReason } from "./close-codes.js";
import type { TenantFeed } from "../feeds/tenant-feed.js";

/** Thrown into a subscription whose socket is already being closed. */
export class ConnectionEnded extends Error {}

/** How messages reach the client. */
export type LiveTransport = "websocket" | "sse" | "multipart";

export interface ConnectionOptions {
  readonly socket: Channel;
  /** Default: `websocket`. */
  readonly transport?: LiveTransport;
  readonly address: string;
  readonly userAgent: string | null;
  /** The access token in the cookie of a page of our own. It counts if connection_init has no authorization. */
  readonly cookieToken?: string | undefined;
  readonly viewers: Viewers;
  /** Told whose the socket is: it no longer counts for its address. */
  readonly onOwner?: (userId: string) => void;
  /** Whether tokens of a key are accepted now. */
  readonly isAcceptedKey: (kid: string | undefined) => boolean;
  readonly checks: {
    /** Resolves at the end of the check of all connections that is running. Undefined if none is. */
    readonly underWay: Promise<void> | undefined;
    /** As `underWay`; begins a check if none is running. Never rejects. */
    next(): Promise<void>;
  };
}

/** An open socket or stream, and its viewer. */
export class Connection {
  readonly socket: Channel;
  readonly transport: LiveTransport;
  readonly address: string;
  readonly userAgent: string | null;
  readonly cookieToken: string | undefined;
  readonly #viewers: Viewers;
  readonly #isAcceptedKey: ConnectionOptions["isAcceptedKey"];
  readonly #checks: ConnectionOptions["checks"];
  readonly #onOwner: ConnectionOptions["onOwner"];
  #authenticated: Authenticated | undefined;
  #session: KnownSession | undefined;
  #feed: TenantFeed | undefined;
  /** When the last check began that found the rights unchanged, until when it counts, and when they were last in doubt. By `performance.now()`. */
  #confirmedAt = -Infinity;
  #confirmedUntil = -Infinity;
  #doubtedAt = -Infinity;
  /** Functions that release resources when the socket closes. */
  readonly onClosed = new Set<() => void>();
  subscriptions = 0;
  /** The program that opened it, as it named itself in connection_init, or in headers. */
  client: Client = { name: "", version: "" };
  /** The application that the client says it is, in connection_init, or in a header. */
  application: string | undefined;
  /** Whether the client asked to be told when a subscription has caught up. */
  wantsLivePings = false;

  constructor(options: ConnectionOptions) {
    const { socket, transport = "websocket", address, userAgent, cookieToken, viewers, isAcceptedKey, checks, onOwner } = options;
    this.socket = socket;
    this.transport = transport;
    this.address = address;
    this.userAgent = userAgent;
    this.cookieToken = cookieToken;
    this.#viewers = viewers;
    this.#isAcceptedKey = isAcceptedKey;
    this.#checks = checks;
    this.#onOwner = onOwner;
  }

  get authenticated(): Authenticated | undefined {
    return this.#authenticated;
  }

  /** The session with the rights of this connection, unless it is being closed or has none yet. */
  get session(): KnownSession | undefined {
    return this.socket.isClosing ? undefined : this.#session;
  }

  /** Events of the viewer's tenant. The feed starts before the connection is acknowledged, so no later event is missed. */
  get feed(): TenantFeed {
    if (!this.#feed) throw new ConnectionEnded();
    return this.#feed;
  }

  /** From now on the connection belongs to this viewer with these rights. Other rights require a new connection. */
  begin(authenticated: Authenticated, feed: TenantFeed): void {
    this.#authenticated = authenticated;
    this.#session = knownSession(authenticated.viewer);
    this.#feed = feed;
    this.socket.belongsTo(authenticated.viewer.tenantId);
    this.#onOwner?.(authenticated.viewer.userId);
  }

  /**
   * Records that a check that began at this time found session and rights unchanged. Returns false if the token has expired, or its key was replaced.
   * @param clock the time of both clocks, read once for all connections
   */
  confirm(startedAt: number, { now, date }: { readonly now: number; readonly date: number }): boolean {
    const { expiresAt, kid } = this.#authenticated?.claims ?? { expiresAt: 0, kid: undefined };
    const expiresInMs = expiresAt * 1_000 - date;
    if (expiresInMs <= 0 || !this.#isAcceptedKey(kid)) return false;
    if (startedAt <= this.#doubtedAt) return true;
    this.#confirmedAt = startedAt;
    this.#confirmedUntil = Math.min(startedAt + freshForMs, now + expiresInMs);
    return true;
  }

  /** Something has changed: checks that have begun before now do not count. */
  doubt(): void {
    this.#doubtedAt = performance.now();
    this.#confirmedAt = -Infinity;
    this.#confirmedUntil = -Infinity;
  }

  /**
   * Returns the current viewer. Closes the socket and throws if the token has expired or its key was replaced, the session has ended, or the rights have
   * changed since the connection began.
   */
  async viewer(maxAgeMs?: number): Promise<Viewer> {
    const known = this.#authenticated;
    if (!known || this.socket.isClosing) throw new ConnectionEnded();
    if (hasExpired(known) || !this.#isAcceptedKey(known.claims.kid)) return this.#end(closeCodes.renew);
    const state = await this.#viewers.stateOf(known.claims, maxAgeMs);
    const reason = endOf(known, state);
    if (reason) return this.#end(reason);
    return "viewer" in state ? state.viewer : this.#end(closeCodes.unauthorized);
  }

  /**
   * As `viewer`, from what is known in memory: whether the connection still has its rights. Closes the socket if it has not. Returns "unknown" if the
   * last check is too old; then call `stand`.
   * @param now `performance.now()`
   * @param askedAt if given, a check that has begun since then counts, however long it took: it has seen a state that is newer than the question
   */
  standing(now: number, askedAt: number = Infinity): "current" | "ended" | "unknown" {
    const known = this.#authenticated;
    if (!known || this.socket.isClosing) return "ended";
    if (now < this.#confirmedUntil || this.#confirmedAt >= askedAt) return "current";
    const state = this.#viewers.cachedStateOf(known.claims);
    if (!state) return "unknown";
    const reason = endOf(known, state);
    if (reason) this.socket.closeFor(reason);
    return reason ? "ended" : "current";
  }

  /**
   * Waits until it is known that the connection still has its rights. Closes the socket and throws if it has not. Connections that wait at the same
   * time share a check, because thousands of deliveries can find that the last one is too old.
   */
  async stand(): Promise<void> {
    const askedAt = performance.now();
    await this.recheck();
    if (this.standing(performance.now(), askedAt) !== "current") await this.viewer();
  }

  /** As `stand`, for many connections at once: afterwards, `standing` of each knows more. Never rejects. */
  async recheck(): Promise<void> {
    await this.#checks.underWay;
    if (this.standing(performance.now()) === "unknown") await this.#checks.next();
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
  return rightsTextOf(state.viewer) === rightsTextOf(known.viewer) ? undefined : closeCodes.renew;
}

/** Returns how to close a connection whose authentication failed. Only clients with a renewable token are told to reconnect. */
export function closeReasonOf(error: unknown): CloseReason {
  if (error instanceof TokenExpired) return closeCodes.renew;
  if (error instanceof MfaRequired) return closeCodes.mfaRequired;
  if (error instanceof Unauthenticated || error instanceof TenantSuspended) return closeCodes.unauthorized;
  if (error instanceof RateLimited || error instanceof LimitExceeded) return closeCodes.tooMany;
  return closeCodes.tryAgain;
}

import { channels } from "@weft/shared/event-catalog";
import type { Viewer } from "@weft/shared/viewer";
import type { Database } from "@weft/platform/db";
import { contained, type Logger } from "@weft/platform/logging";
import type { PubSub } from "@weft/platform/pubsub";
import { LRUCache } from "lru-cache";
import { z } from "zod";
import { findChangedSessions } from "./changed-sessions.store.js";
import type { SessionList } from "./changed-sessions.store.js";
import type { SessionUse } from "./session-use.js";
import type { AccessClaims } from "./token.js";
import { loadViewers, sessionKeyOf } from "./viewer.store.js";
import type { ViewerState } from "./viewer.store.js";

/** Revoked rights: of a session, of all sessions of a user, or of everybody in the tenant (a role changed). */
const revocation = z.object({ tenantId: z.uuid(), sessionId: z.uuid().optional(), userId: z.uuid().optional() });
export type Revocation = z.infer<typeof revocation>;

/** Maximum age of a cached viewer, and of the last check of a socket. Pub/sub only makes them fresher. */
export const freshForMs = 500;
/** Returns the maximum age of a viewer that must not have been loaded before a time, by `performance.now()`. */
export const maxAgeSince = (since: number): number => Math.min(freshForMs, performance.now() - since);
/** Age from which a viewer in use is loaded again together with another one. */
const reloadFromMs = 0.7 * freshForMs;
const largestBatch = 500;
/** Maximum number of viewers in use that one statement loads again. The requests that caused the statement wait for them, too. */
const mostReloads = 64;

interface Entry {
  readonly claims: AccessClaims;
  askedAt: number;
  /** Time of the last request. */
  usedAt: number;
  state: Promise<ViewerState>;
  /** The state, when it has been loaded. */
  loaded?: ViewerState;
  /** The loading that replaces the state, while it runs. */
  reloading?: Promise<ViewerState>;
}

interface Load {
  readonly claims: AccessClaims;
  readonly resolve: (state: ViewerState) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Loads the viewers of sessions. One statement loads all sessions that are requested in the same turn of the event loop, and with them the sessions in
 * use whose state will soon be too old. Otherwise each session in use would need its own statement twice a second.
 */
export class Viewers {
  readonly #auth: Database;
  readonly #log: Logger;
  readonly #entries = new LRUCache<string, Entry>({ max: 20_000 });
  readonly #listeners = new Set<(revocation: Revocation) => void>();
  readonly #now: () => number;
  readonly #use: Pick<SessionUse, "record"> | undefined;
  #waiting: Load[] = [];
  #unsubscribe: (() => Promise<void>) | undefined;

  /** @param options `use` records that sessions are used; `now` is the clock, replaced in tests */
  constructor({
    auth,
    log,
    use,
    now = () => performance.now(),
  }: {
    auth: Database;
    log: Logger;
    use?: Pick<SessionUse, "record">;
    now?: () => number;
  }) {
    this.#auth = auth;
    this.#use = use;
    this.#log = log;
    this.#now = now;
  }

  /** Listens for revocations from other processes. */
  async start(pubsub: PubSub): Promise<void> {
    this.#unsubscribe = await pubsub.subscribe(channels.revocations, (message) => this.#onRevocation(message));
    pubsub.onReconnect(() => this.#entries.clear());
  }

  async stop(): Promise<void> {
    await this.#unsubscribe?.();
  }

  /** Removes affected entries, including loads in progress. Later requests are answered from the database. */
  revoke(ended: Revocation): void {
    for (const [key, { claims, loaded }] of this.#entries.entries()) {
      if (concerns(ended, claims, loaded && "viewer" in loaded ? loaded.viewer.userId : null)) this.#entries.delete(key);
    }
    for (const listener of this.#listeners) listener(ended);
  }

  /** Registers a function that is called with each revocation, after affected entries were removed from the cache. */
  onRevocation(listener: (revocation: Revocation) => void): void {
    this.#listeners.add(listener);
  }

  /** Returns the viewer of a verified token. Throws UNAUTHENTICATED (the session has ended), TENANT_SUSPENDED, or SERVICE_UNAVAILABLE. */
  async viewerOf(claims: AccessClaims): Promise<Viewer> {
    const state = await this.stateOf(claims);
    if ("refusal" in state) throw state.refusal;
    return state.viewer;
  }

  /** The same without throwing for an ended session; still throws SERVICE_UNAVAILABLE. `maxAgeMs` can require a fresher state than requests need. */
  stateOf(claims: AccessClaims, maxAgeMs: number = freshForMs): Promise<ViewerState> {
    const known = this.#fresh(claims, maxAgeMs);
    if (known) return known.state;
    const now = this.#now();
    const entry: Entry = { claims, askedAt: now, usedAt: now, state: this.#load(claims) };
    const key = sessionKeyOf(claims);
    this.#entries.set(key, entry);
    entry.state.then(
      (state) => (entry.loaded = state),
      // Failures are not cached: the next request loads again.
      () => {
        if (this.#entries.peek(key) === entry) this.#entries.delete(key);
      },
    );
    return entry.state;
  }

  /** Returns the indexes of sessions that may have ended or have other rights now. Throws SERVICE_UNAVAILABLE. */
  changedAmong(sessions: SessionList): Promise<readonly number[]> {
    return findChangedSessions(this.#auth, sessions);
  }

  /** Returns the state if it is cached and fresh enough for a request. For callers that check thousands of sessions at once. */
  cachedStateOf(claims: AccessClaims): ViewerState | undefined {
    return this.#fresh(claims, freshForMs)?.loaded;
  }

  #fresh(claims: AccessClaims, maxAgeMs: number): Entry | undefined {
    const known = this.#entries.get(sessionKeyOf(claims));
    const now = this.#now();
    if (!known || now - known.askedAt >= maxAgeMs) return undefined;
    known.usedAt = now;
    return known;
  }

  #load(claims: AccessClaims): Promise<ViewerState> {
    const { promise, resolve, reject } = Promise.withResolvers<ViewerState>();
    if (this.#waiting.length === 0) setImmediate(contained("loading viewers", () => this.#loadWaiting()));
    this.#waiting.push({ claims, resolve, reject });
    return promise;
  }

  #loadWaiting(): void {
    const all = [...this.#waiting, ...this.#reloads()];
    this.#waiting = [];
    for (let start = 0; start < all.length; start += largestBatch) {
      const batch = all.slice(start, start + largestBatch);
      loadViewers(
        this.#auth,
        batch.map(({ claims }) => claims),
      ).then(
        (states) => {
          for (const { claims, resolve, reject } of batch) {
            const state = states.get(sessionKeyOf(claims));
            if (state && "viewer" in state && state.isUseOld) this.#use?.record(claims);
            if (state) resolve(state);
            else reject(new Error("No state was loaded for a session."));
          }
        },
        (error: unknown) => {
          for (const { reject } of batch) reject(error);
        },
      );
    }
  }

  /** Returns the sessions in use whose state will soon be too old, most recently used first. Their requests are answered as before until it is replaced. */
  #reloads(): Load[] {
    const now = this.#now();
    const loads: Load[] = [];
    for (const [key, entry] of this.#entries.entries()) {
      if (loads.length === mostReloads || now - entry.usedAt >= freshForMs) break;
      if (!entry.loaded || entry.reloading || now - entry.askedAt < reloadFromMs) continue;
      const { promise, resolve, reject } = Promise.withResolvers<ViewerState>();
      entry.reloading = promise;
      promise
        .then((state) => {
          // A revocation removed it, or it became too old in the meantime and was loaded by itself.
          if (this.#entries.peek(key) === entry) Object.assign(entry, { state: promise, loaded: state, askedAt: now });
        })
        // Nobody waits for it. The next request loads the state when it is too old.
        .catch(() => undefined)
        .finally(() => delete entry.reloading);
      loads.push({ claims: entry.claims, resolve, reject });
    }
    return loads;
  }

  #onRevocation(message: string): void {
    let parsed: Revocation;
    try {
      parsed = revocation.parse(JSON.parse(message));
    } catch (error) {
      this.#log.warn({ err: error }, "a message on the revocations channel is not a valid revocation");
      return;
    }
    this.revoke(parsed);
  }
}

/**
 * Whether a revocation concerns the session of a token.
 * @param ownerId the user of an API key, which does not name its user. While it is unknown, null, a revocation of any user of the tenant concerns the key
 */
export function concerns({ tenantId, sessionId, userId }: Revocation, claims: AccessClaims, ownerId: string | null): boolean {
  if (claims.tenantId !== tenantId) return false;
  if (sessionId !== undefined) return claims.sessionId === sessionId;
  const concerned = claims.userId ?? ownerId;
  return userId === undefined || concerned === null || concerned === userId;
}

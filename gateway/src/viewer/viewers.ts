import { channels } from "@weft/shared";
import type { Database, Logger, PubSub, Viewer } from "@weft/shared";
import { LRUCache } from "lru-cache";
import { z } from "zod";
import type { AccessClaims } from "./token.js";
import { loadViewers } from "./viewer.store.js";
import type { ViewerState } from "./viewer.store.js";

/** Rights that ended: of a session, or of all sessions of a user, or of everybody in the tenant (a role changed). */
const revocation = z.object({ tenantId: z.uuid(), sessionId: z.uuid().optional(), userId: z.uuid().optional() });
export type Revocation = z.infer<typeof revocation>;

/** A cached viewer may be this old; pub/sub only makes it fresher. */
const freshForMs = 500;
const largestBatch = 500;

interface Entry {
  readonly claims: AccessClaims;
  readonly askedAt: number;
  readonly state: Promise<ViewerState>;
}

/** Who is behind a session at this moment. Sessions asked for in the same turn of the event loop are loaded by one statement. */
export class Viewers {
  readonly #auth: Database;
  readonly #log: Logger;
  readonly #entries = new LRUCache<string, Entry>({ max: 20_000 });
  readonly #listeners = new Set<(revocation: Revocation) => void>();
  #waiting: { claims: AccessClaims; resolve: (state: ViewerState) => void; reject: (error: unknown) => void }[] = [];
  #unsubscribe: (() => Promise<void>) | undefined;

  constructor({ auth, log }: { auth: Database; log: Logger }) {
    this.#auth = auth;
    this.#log = log;
  }

  /** Listens for revocations of other processes. */
  async start(pubsub: PubSub): Promise<void> {
    this.#unsubscribe = await pubsub.subscribe(channels.revocations, (message) => this.#onRevocation(message));
    pubsub.onReconnect(() => this.#entries.clear());
  }

  async stop(): Promise<void> {
    await this.#unsubscribe?.();
  }

  /** Forgets whom it concerns, loads under way included: whoever asks from now on is answered from the database. */
  revoke(ended: Revocation): void {
    for (const [sessionId, { claims }] of this.#entries.entries()) {
      if (concerns(ended, claims)) this.#entries.delete(sessionId);
    }
    for (const listener of this.#listeners) listener(ended);
  }

  /** Called with each revocation, after the cache has forgotten what it concerns. */
  onRevocation(listener: (revocation: Revocation) => void): void {
    this.#listeners.add(listener);
  }

  /** The viewer of a verified token. Throws UNAUTHENTICATED (ended session), TENANT_SUSPENDED or SERVICE_UNAVAILABLE. */
  async viewerOf(claims: AccessClaims): Promise<Viewer> {
    const state = await this.stateOf(claims);
    if ("refusal" in state) throw state.refusal;
    return state.viewer;
  }

  /** The same without throwing for an ended session; still throws SERVICE_UNAVAILABLE. `maxAgeMs` asks for fresher than requests need. */
  stateOf(claims: AccessClaims, maxAgeMs: number = freshForMs): Promise<ViewerState> {
    const known = this.#entries.get(claims.sessionId);
    // A forged mixture of claims cannot pass the signature, yet the cache must not be what answers it.
    if (
      known &&
      performance.now() - known.askedAt < maxAgeMs &&
      known.claims.userId === claims.userId &&
      known.claims.tenantId === claims.tenantId
    ) {
      return known.state;
    }
    const entry: Entry = { claims, askedAt: performance.now(), state: this.#load(claims) };
    this.#entries.set(claims.sessionId, entry);
    // A failure is not kept: the next request asks again.
    entry.state.catch(() => {
      if (this.#entries.peek(claims.sessionId) === entry) this.#entries.delete(claims.sessionId);
    });
    return entry.state;
  }

  #load(claims: AccessClaims): Promise<ViewerState> {
    const { promise, resolve, reject } = Promise.withResolvers<ViewerState>();
    if (this.#waiting.length === 0) setImmediate(() => this.#loadWaiting());
    this.#waiting.push({ claims, resolve, reject });
    return promise;
  }

  #loadWaiting(): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (let start = 0; start < all.length; start += largestBatch) {
      const batch = all.slice(start, start + largestBatch);
      loadViewers(
        this.#auth,
        batch.map(({ claims }) => claims),
      ).then(
        (states) => {
          for (const { claims, resolve, reject } of batch) {
            const state = states.get(claims.sessionId);
            if (state) resolve(state);
            else reject(new Error("A session was left without a state."));
          }
        },
        (error: unknown) => {
          for (const { reject } of batch) reject(error);
        },
      );
    }
  }

  #onRevocation(message: string): void {
    let parsed: Revocation;
    try {
      parsed = revocation.parse(JSON.parse(message));
    } catch (error) {
      this.#log.warn({ err: error }, "A message on the channel revocations is not a revocation.");
      return;
    }
    this.revoke(parsed);
  }
}

/** Whether a revocation concerns the session of a token. */
export function concerns({ tenantId, sessionId, userId }: Revocation, claims: AccessClaims): boolean {
  if (claims.tenantId !== tenantId) return false;
  if (sessionId !== undefined) return claims.sessionId === sessionId;
  return userId === undefined || claims.userId === userId;
}

import { among, asTenant, type Database, named, type Tx } from "@weft/platform/db";
import type { Logger } from "@weft/platform/logging";
import { sql } from "drizzle-orm";
import { BackgroundWriter } from "../background-writer.js";
import type { AccessClaims } from "./token.js";

/** Age from which the recorded last use of a session is replaced. Sessions are thus written at most once per five minutes, however much they are used. */
export const recordedForSeconds = 300;

/** Time in which sessions are collected, so that one statement per tenant records them together. */
const collectForMs = 1_000;

/**
 * Records when sessions were last used, in the background. A use that cannot be recorded is recorded with a later one: sessions end at the earliest
 * after an hour without use.
 */
export class SessionUse {
  readonly #app: Database;
  readonly #log: Logger;
  /** Session IDs by tenant ID. */
  #used = new Map<string, Set<string>>();
  /** Sessions whose use is being written. Until then, each of their requests finds the old time. */
  readonly #inFlight = new Set<string>();
  readonly #writer: BackgroundWriter;

  constructor({ app, log }: { app: Database; log: Logger }) {
    this.#app = app;
    this.#log = log;
    this.#writer = new BackgroundWriter({
      name: "recording the use of sessions",
      everyMs: collectForMs,
      hasMore: () => this.#used.size > 0,
      write: () => this.#write(),
    });
  }

  /** Call when a session is used whose last use is recorded as longer ago than `recordedForSeconds`. */
  record({ tenantId, sessionId }: Pick<AccessClaims, "tenantId" | "sessionId">): void {
    if (this.#inFlight.has(sessionId)) return;
    const ofTenant = this.#used.get(tenantId) ?? new Set();
    this.#used.set(tenantId, ofTenant.add(sessionId));
    this.#writer.schedule();
  }

  /** Writes what was collected. */
  async stop(): Promise<void> {
    await this.#writer.stop();
    await this.#write();
  }

  async #write(): Promise<void> {
    const used = this.#used;
    this.#used = new Map();
    for (const ids of used.values()) for (const id of ids) this.#inFlight.add(id);
    for (const [tenantId, ids] of used) {
      await this.#writeOf(tenantId, [...ids]);
      for (const id of ids) this.#inFlight.delete(id);
    }
  }

  async #writeOf(tenantId: string, ids: readonly string[]): Promise<void> {
    try {
      await asTenant(this.#app, { tenantId }, "write", (tx) => touchSessions(tx, ids));
    } catch (error) {
      this.#log.debug({ err: error, tenantId }, "the use of sessions could not be recorded");
    }
  }
}

/**
 * Several gateways can find the same session at the same time, of which the first one writes. Sessions that ended meanwhile stay as they are. A session
 * that something else is changing is left to a later use, so that this never waits, and never causes a deadlock.
 */
async function touchSessions(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.execute(
    named(
      "touchSessions",
      sql`update identity.sessions set last_used_at = now()
        where id in (
          select id from identity.sessions
          where ${among(sql`id`, ids)} and revoked_at is null and last_used_at < now() - make_interval(secs => ${recordedForSeconds})
          for no key update skip locked)`,
    ),
  );
}

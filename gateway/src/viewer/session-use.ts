import { among, asTenant, named } from "@weft/shared";
import type { Database, Logger, Tx } from "@weft/shared";
import { sql } from "drizzle-orm";
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
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor({ app, log }: { app: Database; log: Logger }) {
    this.#app = app;
    this.#log = log;
  }

  /** Call when a session is used whose last use is recorded as longer ago than `recordedForSeconds`. */
  record({ tenantId, sessionId }: Pick<AccessClaims, "tenantId" | "sessionId">): void {
    const ofTenant = this.#used.get(tenantId) ?? new Set();
    this.#used.set(tenantId, ofTenant.add(sessionId));
    this.#timer ??= setTimeout(() => this.#write(), collectForMs).unref();
  }

  /** Writes what was collected. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#write();
    await this.#writing;
  }

  #write(): void {
    const used = this.#used;
    this.#used = new Map();
    this.#timer = undefined;
    this.#writing = this.#writing.then(async () => {
      for (const [tenantId, ids] of used) await this.#writeOf(tenantId, [...ids]);
    });
  }

  async #writeOf(tenantId: string, ids: readonly string[]): Promise<void> {
    try {
      await asTenant(this.#app, { tenantId }, "write", (tx) => touchSessions(tx, ids));
    } catch (error) {
      this.#log.debug({ err: error, tenantId }, "the use of sessions could not be recorded");
    }
  }
}

/** Several gateways can find the same session at the same time, of which the first one writes. Sessions that ended meanwhile stay as they are. */
async function touchSessions(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.execute(
    named(
      "touchSessions",
      sql`update identity.sessions set last_used_at = now()
        where ${among(sql`id`, ids)} and revoked_at is null and last_used_at < now() - make_interval(secs => ${recordedForSeconds})`,
    ),
  );
}

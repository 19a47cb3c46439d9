import { contained, type Logger } from "@weft/platform/logging";
import { sessionList } from "../../viewer/changed-sessions.store.js";
import type { SessionList } from "../../viewer/changed-sessions.store.js";
import { concerns } from "../../viewer/viewers.js";
import type { Revocation, Viewers } from "../../viewer/viewers.js";
import { ConnectionEnded } from "./connection.js";
import type { Connection } from "./connection.js";

/** Less than the time for which a confirmation counts, so that deliveries do not normally wait for the next check. */
const intervalMs = 400;
const largestBatch = 5_000;

interface Batch {
  readonly connections: readonly Connection[];
  readonly sessions: SessionList;
}

/**
 * Checks every open connection more than twice a second and closes those whose token, session, or rights have ended. This is the guarantee.
 * Revocations over pub/sub only make it faster. One statement finds the connections whose session has changed; only these are loaded.
 */
export class SessionChecks {
  readonly #connections: ReadonlySet<Connection>;
  readonly #viewers: Pick<Viewers, "changedAmong">;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #underWay: Promise<void> | undefined;
  /** The connections of the last check, and what was asked about them. */
  #checked: readonly Connection[] = [];
  #batches: readonly Batch[] = [];

  constructor({
    connections,
    viewers,
    log,
  }: {
    connections: ReadonlySet<Connection>;
    viewers: Pick<Viewers, "changedAmong">;
    log: Logger;
  }) {
    this.#connections = connections;
    this.#viewers = viewers;
    this.#log = log;
    this.#timer = setInterval(
      contained("checking the sessions of sockets", () => this.next()),
      intervalMs,
    ).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Resolves at the end of the check that is running. Undefined if none is. */
  get underWay(): Promise<void> | undefined {
    return this.#underWay;
  }

  /** Checks all connections, unless a check is running. Resolves at the end of either. */
  next(): Promise<void> {
    this.#underWay ??= this.#checkAll().finally(() => (this.#underWay = undefined));
    return this.#underWay;
  }

  /** Call when rights were revoked: earlier results no longer count for these connections, including those of a check that is running. */
  onRevocation(revocation: Revocation): void {
    for (const connection of this.#connections) {
      const { authenticated } = connection;
      if (!authenticated || !concerns(revocation, authenticated.claims, authenticated.viewer.userId)) continue;
      connection.doubt();
      void this.#load(connection, intervalMs);
    }
  }

  /** Call when revocations may have been lost. */
  doubtAll(): void {
    for (const connection of this.#connections) connection.doubt();
  }

  async #checkAll(): Promise<void> {
    const open = [...this.#connections].filter(({ session }) => session);
    // Most of the time, nobody has come or gone since the last check.
    if (open.length !== this.#checked.length || open.some((connection, index) => connection !== this.#checked[index])) {
      this.#checked = open;
      this.#batches = batchesOf(open);
    }
    for (const batch of this.#batches) await this.#check(batch);
  }

  async #check({ connections, sessions }: Batch): Promise<void> {
    const startedAt = performance.now();
    try {
      const changed = new Set(await this.#viewers.changedAmong(sessions));
      const clock = { now: performance.now(), date: Date.now() };
      const loading: Promise<void>[] = [];
      for (const [index, connection] of connections.entries()) {
        if (changed.has(index) || !connection.confirm(startedAt, clock)) loading.push(this.#load(connection, clock.now - startedAt));
      }
      await Promise.all(loading);
    } catch (error) {
      // While the database is unavailable, nothing can be read through a socket either. They are checked again with the next interval.
      this.#log.debug({ err: error }, "the sessions of sockets could not be checked");
    }
  }

  /** Loads the viewer, which closes the socket if it has no longer its rights. */
  async #load(connection: Connection, maxAgeMs: number): Promise<void> {
    try {
      await connection.viewer(maxAgeMs);
    } catch (error) {
      if (!(error instanceof ConnectionEnded)) this.#log.debug({ err: error }, "a socket could not be checked");
    }
  }
}

function batchesOf(open: readonly Connection[]): Batch[] {
  return Array.from({ length: Math.ceil(open.length / largestBatch) }, (_, n) => {
    const connections = open.slice(n * largestBatch, (n + 1) * largestBatch);
    return { connections, sessions: sessionList(connections.flatMap(({ session }) => session ?? [])) };
  });
}

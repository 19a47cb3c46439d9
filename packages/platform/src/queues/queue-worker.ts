import { alone, type Executes } from "../db/alone.js";
import type { Databases } from "../db/database.js";
import { ServiceUnavailable } from "@weft/shared/errors";
import { Alarm } from "../leadership/alarm.js";
import { pause, type LeadershipLog } from "../leadership/lead.js";
import type { PubSub } from "../pubsub/pubsub.js";
import { turnsOf } from "./turn-counts.js";

/** Signals make a worker fast; polling makes it reliable. */
const POLL_MS = 1_000;
/** Pause after something that serves all tenants, such as a mail server, refused everything. */
const REFUSED_PAUSE_MS = 5_000;
/** Time for work in progress when the worker stops. */
const GRACE_MS = 2_000;

/**
 * What a turn has done. `nothing`: nothing of the tenant was due. `done`: something was handled, whatever came of it. `all`: so was everything that was due,
 * and what becomes due wakes the worker. `refused`: the receiver accepts nothing at present.
 */
export type Handled = "nothing" | "done" | "all" | "refused";

export interface QueueWorkerOptions {
  /** For logs and metrics. */
  readonly name: string;
  /** Pub/sub channel that wakes the worker after a commit. */
  readonly channel: string;
  /** Takes a message of the channel. Returns whether nothing needs to be searched for because of it. */
  readonly take?: (message: string) => boolean;
  /** Tenants whose turns are taken at the same time. */
  readonly concurrency: number;
  readonly databases: Pick<Databases, "worker">;
  readonly pubsub: PubSub;
  readonly log: LeadershipLog;
  /** Returns the tenants with due rows, longest waiting first. Suspended tenants must not be among them. Runs as weft_worker. */
  readonly findTenants: (tx: Executes) => Promise<readonly string[]>;
  /**
   * Takes a turn of the tenant: claims what is due, does the work while no transaction is open, and records the result. Short, because other tenants wait.
   * @param signal aborted when the worker stops
   */
  readonly handle: (tenantId: string, signal: AbortSignal) => Promise<Handled>;
  /** Ends the connections of work that takes longer than the grace period. */
  readonly close?: () => void;
}

export interface QueueWorker {
  /** Resolves when nothing is due. For tests and for draining. */
  idle(): Promise<void>;
  /** Stops after the work in progress. */
  stop(): Promise<void>;
}

/**
 * Works off a queue: rows that committed transactions have written. The tenants take turns, so that a tenant with thousands of rows does not delay the
 * others. Any number of workers can run.
 */
export async function startQueueWorker(options: QueueWorkerOptions): Promise<QueueWorker> {
  const { name, channel, concurrency, databases, pubsub, log, findTenants, handle, close, take = () => false } = options;
  const alarm = new Alarm();
  const stopping = new AbortController();
  const unsubscribe = await pubsub.subscribe(channel, (message) => {
    if (!take(message)) alarm.ring();
  });
  const turns = turnsOf(name);
  let isAtWork = false;
  /** When tenants that failed are served again. */
  const failing = new Map<string, number>();
  const findDue = (): Promise<readonly string[]> => findTenants(alone(databases.worker));

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      isAtWork = true;
      let handled = 0;
      try {
        handled = await round();
      } catch (error) {
        // If the database is unavailable, other components report it.
        if (!(error instanceof ServiceUnavailable)) log.error({ err: error, queue: name }, "a queue failed and will be retried");
        await pause(POLL_MS, stopping.signal);
      }
      isAtWork = handled > 0;
      if (handled === 0) await alarm.wait(POLL_MS, stopping.signal);
    }
    isAtWork = false;
  }

  /** Gives each tenant with due rows a turn. Returns the number of turns after which more can be due. */
  async function round(): Promise<number> {
    const tenants = (await findDue()).filter((tenantId) => (failing.get(tenantId) ?? 0) <= performance.now()).toReversed();
    let handled = 0;
    let isRefused = false;
    const takeTurns = async (): Promise<void> => {
      for (let tenantId = tenants.pop(); tenantId !== undefined && !isRefused && !stopping.signal.aborted; tenantId = tenants.pop()) {
        const result = await takeTurn(tenantId);
        if (result !== "nothing" && result !== "all") handled += 1;
        if (result === "refused") isRefused = true;
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, tenants.length) }, takeTurns));
    if (isRefused) await pause(REFUSED_PAUSE_MS, stopping.signal);
    return handled;
  }

  /** What fails for one tenant, such as a key that cannot be decrypted, delays no other tenant. */
  async function takeTurn(tenantId: string): Promise<Handled> {
    try {
      const result = await handle(tenantId, stopping.signal);
      failing.delete(tenantId);
      if (result !== "nothing") turns[result === "all" ? "done" : result]++;
      return result;
    } catch (error) {
      failing.set(tenantId, performance.now() + POLL_MS);
      turns.failed++;
      // If the database is unavailable, other components report it.
      if (!(error instanceof ServiceUnavailable && error.extensions["service"] === "database"))
        log.error({ err: error, queue: name, tenantId }, "work of a tenant failed and will be retried");
      return "nothing";
    }
  }

  const running = run();
  return {
    idle: async () => {
      const forever = new AbortController().signal;
      const isIdle = async (): Promise<boolean> => !isAtWork && (await findDue()).length === 0 && !isAtWork;
      while (!(await isIdle())) {
        // Not while it works: its rounds would follow each other without a pause, and on a busy machine idle would always find it at work.
        if (!isAtWork) alarm.ring();
        await pause(5, forever);
      }
    },
    stop: async () => {
      stopping.abort();
      // Work that takes longer is interrupted, if `close` can. Its lease expires, and another worker takes it.
      const ended = new AbortController();
      await Promise.race([running.finally(() => ended.abort()), pause(GRACE_MS, ended.signal)]);
      close?.();
      await running;
      await unsubscribe();
    },
  };
}

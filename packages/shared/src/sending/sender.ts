import { alone, type Executes } from "../db/alone.js";
import type { Databases } from "../db/database.js";
import { ServiceUnavailable } from "../errors/errors.js";
import { Alarm } from "../leadership/alarm.js";
import { pause, type LeadershipLog } from "../leadership/lead.js";
import type { PubSub } from "../pubsub/pubsub.js";

/** Signals make a sender fast; polling makes it reliable. */
const POLL_MS = 1_000;
/** Pause after a receiver that serves all tenants refused everything. */
const REFUSED_PAUSE_MS = 5_000;
/** Time for messages in progress when the sender stops. */
const GRACE_MS = 2_000;

/** `nothing`: no message of the tenant was due. `done`: one was handled, whatever came of it. `refused`: the receiver accepts nothing at present. */
export type Sent = "nothing" | "done" | "refused";

export interface SenderOptions {
  /** For logs. */
  readonly name: string;
  /** Pub/sub channel that wakes the sender after a commit. */
  readonly channel: string;
  /** Takes a message of the channel. Returns whether nothing needs to be searched for because of it. */
  readonly take?: (message: string) => boolean;
  /** Messages that are sent at the same time. */
  readonly concurrency: number;
  readonly databases: Pick<Databases, "worker">;
  readonly pubsub: PubSub;
  readonly log: LeadershipLog;
  /** Returns the tenants with due messages, longest waiting first. Suspended tenants must not be among them. Runs as weft_worker. */
  readonly findTenants: (tx: Executes) => Promise<readonly string[]>;
  /** Claims one due message of the tenant, sends it while no transaction is open, and records the result. */
  readonly deliver: (tenantId: string, signal: AbortSignal) => Promise<Sent>;
  /** Ends the connections of messages that take longer than the grace period. */
  readonly close?: () => void;
}

export interface Sender {
  /** Resolves when no message is due. For tests and for draining. */
  idle(): Promise<void>;
  /** Stops after the messages in progress. */
  stop(): Promise<void>;
}

/**
 * Sends messages that committed transactions stored. The tenants take turns with one message each, so that a tenant that sends thousands does not
 * delay the others. Any number of senders can run.
 */
export async function startSender(options: SenderOptions): Promise<Sender> {
  const { name, channel, concurrency, databases, pubsub, log, findTenants, deliver, close, take = () => false } = options;
  const alarm = new Alarm();
  const stopping = new AbortController();
  const unsubscribe = await pubsub.subscribe(channel, (message) => {
    if (!take(message)) alarm.ring();
  });
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
        if (!(error instanceof ServiceUnavailable)) log.error({ err: error, sender: name }, "a sender failed and will retry");
        await pause(POLL_MS, stopping.signal);
      }
      isAtWork = handled > 0;
      if (handled === 0) await alarm.wait(POLL_MS, stopping.signal);
    }
    isAtWork = false;
  }

  /** Sends one message of each tenant that has due messages. Returns the number of handled messages. */
  async function round(): Promise<number> {
    const tenants = (await findDue()).filter((tenantId) => (failing.get(tenantId) ?? 0) <= performance.now()).toReversed();
    let handled = 0;
    let isRefused = false;
    const deliverInTurn = async (): Promise<void> => {
      for (let tenantId = tenants.pop(); tenantId !== undefined && !isRefused && !stopping.signal.aborted; tenantId = tenants.pop()) {
        const sent = await deliverOne(tenantId);
        if (sent !== "nothing") handled += 1;
        if (sent === "refused") isRefused = true;
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, tenants.length) }, deliverInTurn));
    if (isRefused) await pause(REFUSED_PAUSE_MS, stopping.signal);
    return handled;
  }

  /** What fails for one tenant, such as a key that cannot be decrypted, delays no other tenant. */
  async function deliverOne(tenantId: string): Promise<Sent> {
    try {
      const sent = await deliver(tenantId, stopping.signal);
      failing.delete(tenantId);
      return sent;
    } catch (error) {
      failing.set(tenantId, performance.now() + POLL_MS);
      // If the database is unavailable, other components report it.
      if (!(error instanceof ServiceUnavailable && error.extensions["service"] === "database"))
        log.error({ err: error, sender: name, tenantId }, "a message of a tenant could not be sent; the sender will retry");
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
      // A message that takes longer is interrupted. Its lease expires, and another sender takes it.
      const ended = new AbortController();
      await Promise.race([running.finally(() => ended.abort()), pause(GRACE_MS, ended.signal)]);
      close?.();
      await running;
      await unsubscribe();
    },
  };
}

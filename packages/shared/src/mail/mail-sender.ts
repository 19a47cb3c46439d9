import type { Databases } from "../db/database.js";
import { ServiceUnavailable } from "../errors/errors.js";
import { channels } from "../events/envelope.js";
import { Alarm } from "../leadership/alarm.js";
import { pause } from "../leadership/lead.js";
import type { LeadershipLog } from "../leadership/lead.js";
import type { PersonKeyring } from "../privacy/keyring.js";
import type { PubSub } from "../pubsub/pubsub.js";
import { deliver } from "./deliver.js";
import type { Delivery } from "./deliver.js";
import type { MailTransport } from "./mail-transport.js";
import { findTenantsWithMails } from "./outgoing.store.js";

/** Signals make the sender fast; this makes it sure. */
const POLL_MS = 2_000;
/** How many mails are on their way at once. */
const LANES = 3;
/** After the server refused everybody. */
const SERVER_PAUSE_MS = 5_000;
/** What is on its way at the end has this long. */
const GRACE_MS = 2_000;
/** Seconds after the first, second, … attempt that failed; after the last one the mail is given up. */
const RETRY_SECONDS = [30, 120, 600, 1800, 3600, 3600, 3600] as const;

export interface MailSender {
  /** Resolves when no mail is due. For tests and for draining. */
  idle(): Promise<void>;
  /** Ends after the mails on their way. */
  stop(): Promise<void>;
}

/**
 * Sends what `sendMail` has put into committed transactions: one mail of each tenant in turn, so that a tenant that sends thousands delays nobody
 * else. Any number of senders may run. A mail leaves at least once: when a sender dies between sending and writing that down, the next
 * one sends it again, under the same Message-ID.
 */
export async function startMailSender({
  databases,
  pubsub,
  keyring,
  transport,
  log,
  retrySeconds = RETRY_SECONDS,
}: {
  databases: Pick<Databases, "app" | "worker">;
  pubsub: PubSub;
  keyring: PersonKeyring;
  transport: MailTransport;
  log: LeadershipLog;
  retrySeconds?: readonly number[];
}): Promise<MailSender> {
  const alarm = new Alarm();
  const stopping = new AbortController();
  const unsubscribe = await pubsub.subscribe(channels.mails, () => alarm.ring());
  let isAtWork = false;

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      isAtWork = true;
      let handled = 0;
      try {
        handled = await round();
      } catch (error) {
        // While the database is away others say so.
        if (!(error instanceof ServiceUnavailable)) log.error({ err: error }, "the sender of mails failed and tries again");
        await pause(POLL_MS, stopping.signal);
      }
      isAtWork = handled > 0;
      if (handled === 0) await alarm.wait(POLL_MS, stopping.signal);
    }
    isAtWork = false;
  }

  /** One mail of each tenant that has some; how many were handled. */
  async function round(): Promise<number> {
    const tenants = await databases.worker.begin((tx) => findTenantsWithMails(tx), "read");
    let handled = 0;
    let isRefused = false;
    const lane = async (): Promise<void> => {
      for (let tenantId = tenants.pop(); tenantId !== undefined && !isRefused && !stopping.signal.aborted; tenantId = tenants.pop()) {
        const outcome: Delivery = await deliver({ databases, keyring, transport, log, retrySeconds, tenantId });
        if (outcome !== "nothing") handled += 1;
        if (outcome === "server refused") isRefused = true;
      }
    };
    await Promise.all(Array.from({ length: Math.min(LANES, tenants.length) }, lane));
    if (isRefused) await pause(SERVER_PAUSE_MS, stopping.signal);
    return handled;
  }

  const running = run();
  return {
    idle: async () => {
      const forever = new AbortController().signal;
      const isIdle = async (): Promise<boolean> => {
        if (isAtWork) return false;
        const due = await databases.worker.begin((tx) => findTenantsWithMails(tx), "read");
        return due.length === 0 && !isAtWork;
      };
      while (!(await isIdle())) {
        alarm.ring();
        await pause(5, forever);
      }
    },
    stop: async () => {
      stopping.abort();
      // A mail that takes longer is cut off: its lease ends, and another sender takes it.
      const ended = new AbortController();
      await Promise.race([running.finally(() => ended.abort()), pause(GRACE_MS, ended.signal)]);
      transport.close();
      await running;
      await unsubscribe();
    },
  };
}

import type { Databases } from "../db/database.js";
import { ServiceUnavailable } from "../errors/errors.js";
import { channels } from "../events/catalog/envelope.js";
import { Alarm } from "../leadership/alarm.js";
import { pause } from "../leadership/lead.js";
import type { LeadershipLog } from "../leadership/lead.js";
import type { PersonKeyring } from "../privacy/keyring.js";
import type { PubSub } from "../pubsub/pubsub.js";
import { deliver } from "./deliver.js";
import type { Delivery } from "./deliver.js";
import type { MailTransport } from "./mail-transport.js";
import { findTenantsWithMails } from "./outgoing.store.js";

/** Signals make the sender fast; polling makes it reliable. */
const POLL_MS = 2_000;
/** Number of emails sent concurrently. */
const CONCURRENT_EMAILS = 3;
/** Pause after the server rejected all email. */
const SERVER_PAUSE_MS = 5_000;
/** Time for emails in progress when the sender stops. */
const GRACE_MS = 2_000;
/** Delays in seconds after the first, second, … failed attempt. After the last attempt the email has failed. */
const RETRY_SECONDS = [30, 120, 600, 1800, 3600, 3600, 3600] as const;

export interface MailSender {
  /** Resolves when no email is due. For tests and for draining. */
  idle(): Promise<void>;
  /** Stops the sender after the emails in progress. */
  stop(): Promise<void>;
}

/**
 * Sends the emails that `sendMail` stored in committed transactions. The tenants take turns with one email each, so that a tenant that sends
 * thousands does not delay the others. Any number of senders can run. Delivery is at least once: if a sender dies after sending and before recording
 * it, the next sender sends the email again with the same Message-ID.
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
        // If the database is unavailable, other components report it.
        if (!(error instanceof ServiceUnavailable)) log.error({ err: error }, "the mail sender failed and will retry");
        await pause(POLL_MS, stopping.signal);
      }
      isAtWork = handled > 0;
      if (handled === 0) await alarm.wait(POLL_MS, stopping.signal);
    }
    isAtWork = false;
  }

  /** Sends one email of each tenant that has due emails. Returns the number of handled emails. */
  async function round(): Promise<number> {
    const tenants = await databases.worker.begin((tx) => findTenantsWithMails(tx), "read");
    let handled = 0;
    let isRefused = false;
    const deliverInTurn = async (): Promise<void> => {
      for (let tenantId = tenants.pop(); tenantId !== undefined && !isRefused && !stopping.signal.aborted; tenantId = tenants.pop()) {
        const outcome: Delivery = await deliver({ databases, keyring, transport, log, retrySeconds, tenantId });
        if (outcome !== "nothing") handled += 1;
        if (outcome === "server refused") isRefused = true;
      }
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENT_EMAILS, tenants.length) }, deliverInTurn));
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
        // Not while it works: its rounds would follow each other without a pause, and on a busy machine idle would always find it at work.
        if (!isAtWork) alarm.ring();
        await pause(5, forever);
      }
    },
    stop: async () => {
      stopping.abort();
      // An email that takes longer is interrupted. Its lease expires, and another sender takes it.
      const ended = new AbortController();
      await Promise.race([running.finally(() => ended.abort()), pause(GRACE_MS, ended.signal)]);
      transport.close();
      await running;
      await unsubscribe();
    },
  };
}

import type { Databases } from "../db/database.js";
import { channels } from "@weft/shared/event-catalog";
import type { RowRef } from "@weft/shared/ids";
import type { LeadershipLog } from "../leadership/lead.js";
import type { PersonKeyring } from "../privacy/keyring.js";
import type { PubSub } from "../pubsub/pubsub.js";
import { startQueueWorker, type QueueWorker } from "../queues/queue-worker.js";
import { deliver } from "./deliver.js";
import type { MailTransport } from "./mail-transport.js";
import { mailQueue } from "./outgoing.store.js";

/** Number of emails sent concurrently. */
const CONCURRENT_EMAILS = 3;
/** Delays in seconds after the first, second, … failed attempt. After the last attempt the email has failed. */
const RETRY_SECONDS = [30, 120, 600, 1800, 3600, 3600, 3600] as const;

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
  returnPathOf = () => undefined,
}: {
  databases: Pick<Databases, "app" | "worker">;
  pubsub: PubSub;
  keyring: PersonKeyring;
  transport: MailTransport;
  log: LeadershipLog;
  retrySeconds?: readonly number[];
  /** Returns the address to which mail servers report what became of an email. */
  returnPathOf?: (mail: RowRef) => string | undefined;
}): Promise<QueueWorker> {
  return startQueueWorker({
    name: "mails",
    channel: channels.mails,
    concurrency: CONCURRENT_EMAILS,
    databases,
    pubsub,
    log,
    findTenants: (tx) => mailQueue.findTenants(tx),
    handle: async (tenantId) => {
      const outcome = await deliver({ databases, keyring, transport, log, retrySeconds, returnPathOf, tenantId });
      return outcome === "nothing" ? "nothing" : outcome === "server refused" ? "refused" : "done";
    },
    close: () => transport.close(),
  });
}

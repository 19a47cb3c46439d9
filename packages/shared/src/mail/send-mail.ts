import { createHash } from "node:crypto";
import type { Config } from "../config/config.js";
import type { Services } from "../context/services.js";
import type { Tx } from "../db/database.js";
import { RateLimited, ServiceUnavailable } from "../errors/errors.js";
import { channels } from "../events/envelope.js";
import type { WriteMeta } from "../events/write-meta.js";
import { newId } from "../ids/uuid-v7.js";
import { mailTemplates } from "./mail-templates.js";
import type { MailTemplateName, MailValues } from "./mail-templates.js";
import { countRecentMails, insertMail } from "./mail.store.js";

export { dropMailsAbout, findMailStates } from "./mail.store.js";

/** What a tenant sends to one destination within an hour, and how far apart. */
const perDestinationAndHour = 6;
const secondsBetween = 60;

export interface MailToSend<Name extends MailTemplateName> {
  /** UUID of the receiver, under whose key the mail waits. */
  readonly personId: string;
  /** One address, already checked. */
  readonly to: string;
  readonly template: Name;
  readonly values: MailValues<Name>;
  /** What the tenant sends within an hour, whomever to. */
  readonly perTenantAndHour: number;
  /** UUID of what it is about; see `findMailStates`. */
  readonly referenceId?: string;
}

/** The place of a mail's content, as bound to its ciphertext: it opens in its own row alone. */
export const contentField = (id: string): string => `app.mails.content/${id}`;

/** Destinations are compared by this: SHA-256 of the address in lower case. */
export const destinationHash = (to: string): string =>
  createHash("sha256")
    .update(`mail ${to.normalize("NFKC").trim().toLowerCase()}`)
    .digest("hex");

/** Whether this installation can send mails: through a server, or as a demo into files. */
export const canSendMail = ({ mode, mail }: Config): boolean => mode === "demo" || mail.smtpUrl !== undefined;

/**
 * Puts a mail into the caller's transaction: it leaves after the commit, or never. Sealed under the receiver's key, forgotten when it has left.
 * Call `wakeMailSender` after the commit.
 * @throws RateLimited when the tenant has sent too many, or this destination has just had one
 */
export async function sendMail<Name extends MailTemplateName>(
  tx: Tx,
  { tenantId, keyring }: WriteMeta,
  { personId, to, template, values, perTenantAndHour, referenceId }: MailToSend<Name>,
): Promise<void> {
  // Fails here rather than where nobody is told.
  const content = JSON.stringify({ to, values: mailTemplates[template].values.parse(values) });
  const hash = destinationHash(to);
  const recent = await countRecentMails(tx, tenantId, hash);
  if (recent.sinceLast !== null && recent.sinceLast < secondsBetween)
    throw new RateLimited({ retryAfter: secondsBetween - recent.sinceLast }, "This address has just been sent a mail.");
  if (recent.toDestination >= perDestinationAndHour)
    throw new RateLimited(
      { retryAfter: Math.max(1, recent.destinationWait) },
      `This address has been sent ${recent.toDestination} mails within an hour.`,
    );
  if (recent.ofTenant >= perTenantAndHour)
    throw new RateLimited(
      { retryAfter: Math.max(1, recent.tenantWait) },
      `This organisation has sent ${recent.ofTenant} mails within an hour, and ${perTenantAndHour} are allowed.`,
    );
  const id = newId();
  const [sealed = ""] = await keyring.seal(tx, tenantId, [{ personId, field: contentField(id), value: content }]);
  await insertMail(tx, { tenantId, id, personId, template, referenceId: referenceId ?? null, destinationHash: hash, content: sealed });
}

/** @throws ServiceUnavailable where nothing can be sent: better than a promise that nobody keeps */
export function assertMailIsSent(config: Config): void {
  if (!canSendMail(config)) throw new ServiceUnavailable("mail", new Error("SMTP_URL is not set."));
}

/** A hint after a commit; the sender polls too. */
export function wakeMailSender({ pubsub, log }: Pick<Services, "pubsub" | "log">): void {
  pubsub.publish(channels.mails, "").catch((error: unknown) => log.debug({ err: error }, "the sender of mails was not woken"));
}

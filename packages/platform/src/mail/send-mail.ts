import { createHash } from "node:crypto";
import type { Config } from "../config/config.js";
import type { Services } from "../services/services.js";
import type { Tx } from "../db/database.js";
import { RateLimited, ServiceUnavailable } from "@weft/shared/errors";
import { channels } from "@weft/shared/event-catalog";
import { newId } from "@weft/shared/ids";
import type { WriteMeta } from "../events/write-meta.js";
import { mailTemplates, templatesCountedApart } from "./mail-templates.js";
import type { MailTemplateName, MailValues } from "./mail-templates.js";
import { countRecentMails, insertMail } from "./mail.store.js";

export { dropMailsAbout, findMailStates } from "./mail.store.js";

/** Maximum number of emails per tenant, destination and hour. */
const perDestinationAndHour = 6;
/** Minimum seconds between two of a template. A link must not wait for a notice: the notice of a change is often the reason to request the link. */
const secondsBetween = 60;
/** Share of a tenant's emails that only templates counted apart can use. Otherwise, invitations could prevent that users reset their passwords. */
const reservedShare = 0.2;

export interface MailToSend<Name extends MailTemplateName> {
  /** UUID of the recipient, whose key encrypts the email while it waits. */
  readonly personId: string;
  /** A single address, already validated. */
  readonly to: string;
  readonly template: Name;
  readonly values: MailValues<Name>;
  /** Maximum number of emails of the tenant per hour, to all destinations. A fifth is for links to reset passwords, and others counted apart. */
  readonly perTenantAndHour: number;
  /** Whether it can follow another email of the template to the destination at once, such as a notice. */
  readonly canFollow?: boolean;
  /** Number of the destination's emails of the hour that it leaves to more important ones. */
  readonly leaves?: number;
  /** UUID of the object that the email is about. See `findMailStates`. */
  readonly referenceId?: string;
}

/** Returns the position of an email's content that is bound to its ciphertext, so that it can only be decrypted in its own row. */
export const contentField = (id: string): string => `app.mails.content/${id}`;

/** Hash by which destinations are compared: SHA-256 of the address in lowercase. */
export const destinationHash = (to: string): string =>
  createHash("sha256")
    .update(`mail ${to.normalize("NFKC").trim().toLowerCase()}`)
    .digest("hex");

/** Returns whether this installation can send email: through a server, or to files in a demo. */
export const canSendMail = ({ mode, mail }: Config): boolean => mode === "demo" || mail.smtpUrl !== undefined;

/**
 * Stores an email in the caller's transaction. It is sent after the commit, or never. Its content is encrypted with the recipient's key and deleted
 * once sent. Call `wakeMailSender` after the commit.
 * @throws RateLimited if the tenant has sent too many emails, or this destination has just received one of the template or has reached its limit
 */
export async function sendMail<Name extends MailTemplateName>(
  tx: Tx,
  { tenantId, keyring }: WriteMeta,
  { personId, to, template, values, perTenantAndHour, canFollow = false, leaves = 0, referenceId }: MailToSend<Name>,
): Promise<void> {
  // Fails here instead of in the sender, where no user would see the error.
  const content = JSON.stringify({ to, values: mailTemplates[template].values.parse(values) });
  const hash = destinationHash(to);
  const recent = await countRecentMails(tx, tenantId, { destinationHash: hash, template, apart: templatesCountedApart });
  if (!canFollow && recent.sinceLast !== null && recent.sinceLast < secondsBetween)
    throw new RateLimited({ retryAfter: secondsBetween - recent.sinceLast }, "An email was sent to this address a moment ago.");
  if (recent.toDestination >= perDestinationAndHour - leaves)
    throw new RateLimited(
      { retryAfter: Math.max(1, recent.destinationWait) },
      `This address has received ${recent.toDestination} emails within an hour.`,
    );
  const allowed = templatesCountedApart.includes(template) ? perTenantAndHour : Math.ceil(perTenantAndHour * (1 - reservedShare));
  if (recent.ofTenant >= allowed)
    throw new RateLimited(
      { retryAfter: Math.max(1, recent.tenantWait) },
      `This organization has sent ${recent.ofTenant} emails within an hour; ${allowed} are allowed.`,
    );
  const id = newId();
  const [sealed = ""] = await keyring.seal(tx, tenantId, [{ personId, field: contentField(id), value: content }]);
  await insertMail(tx, { tenantId, id, personId, template, referenceId: referenceId ?? null, destinationHash: hash, content: sealed });
}

/** @throws ServiceUnavailable if this installation cannot send email, instead of accepting an email that is never sent */
export function assertMailIsSent(config: Config): void {
  if (!canSendMail(config)) throw new ServiceUnavailable("mail", new Error("SMTP_URL is not set."));
}

/** Notifies the sender after a commit. The sender also polls. */
export function wakeMailSender({ pubsub, log }: Pick<Services, "pubsub" | "log">): void {
  pubsub.publish(channels.mails, "").catch((error: unknown) => log.debug({ err: error }, "the mail sender could not be notified"));
}

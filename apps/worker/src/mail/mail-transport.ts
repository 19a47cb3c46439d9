import { mailFolderOf, type MailTransport } from "@weft/platform/mail";
import type { Services } from "@weft/platform/services";
import { fileTransport } from "./file-transport.js";
import { smtpTransport } from "./smtp-transport.js";

/** Creates the mail transport of this installation. Returns null if it sends no emails: in production without SMTP_URL. */
export async function mailTransportOf({ config, log }: Pick<Services, "config" | "log">): Promise<MailTransport | null> {
  const { smtpUrl } = config.mail;
  if (smtpUrl !== undefined) return smtpTransport(config.mail, smtpUrl, config.secretChanges);
  const folder = mailFolderOf(config);
  return folder === null ? null : fileTransport(folder, config.mail, log);
}

import { join } from "node:path";
import type { Config } from "../config/config.js";

/** Returns the folder in which a demo without SMTP_URL keeps its emails. Null if this installation sends them, or sends none. */
export function mailFolderOf({ mode, dataDir, mail }: Pick<Config, "mode" | "dataDir" | "mail">): string | null {
  return mode === "demo" && mail.smtpUrl === undefined ? join(dataDir, "mails") : null;
}

/** Returns the folder in which a demo without an SMS gateway keeps its text messages, beside its emails. Null if it has one, or keeps no emails. */
export const textFolderOf = (config: Pick<Config, "mode" | "dataDir" | "mail" | "sms">): string | null =>
  config.sms === undefined ? mailFolderOf(config) : null;

/** Returns whether this installation can send text messages: through a gateway, or to files in a demo. */
export const canSendTexts = (config: Pick<Config, "mode" | "dataDir" | "mail" | "sms">): boolean =>
  config.sms !== undefined || textFolderOf(config) !== null;

/** An email to be sent. */
export interface OutgoingMail {
  /** UUID. It is the same for each attempt, so that a receiver can detect duplicates. */
  readonly id: string;
  /** A single address. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The same content as HTML. */
  readonly html?: string;
  /** Further headers by name. Values are one line of ASCII. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Address to which mail servers report that it could not be delivered. Default: the sender. */
  readonly returnPath?: string | undefined;
}

/** Failure of a transport. */
export class MailRefused extends Error {
  /** `mail`: this email will never be accepted. `attempt`: a later attempt can succeed. `server`: the server currently accepts no email at all. */
  readonly concerns: "mail" | "attempt" | "server";
  /** Whether the server can have accepted the email: its content was on the way, and no answer came. */
  readonly isUncertain: boolean;
  /** Whether the server has refused the recipient for good. */
  readonly isRecipientRefused: boolean;

  constructor(
    concerns: MailRefused["concerns"],
    message: string,
    {
      cause,
      isUncertain = false,
      isRecipientRefused = false,
    }: { readonly cause?: unknown; readonly isUncertain?: boolean; readonly isRecipientRefused?: boolean } = {},
  ) {
    super(message, { cause });
    this.name = "MailRefused";
    this.concerns = concerns;
    this.isUncertain = isUncertain;
    this.isRecipientRefused = isRecipientRefused;
  }
}

/** Passes emails to a delivery service. The background worker process has one. */
export interface MailTransport {
  /** @throws MailRefused */
  send(mail: OutgoingMail): Promise<void>;
  close(): void;
}

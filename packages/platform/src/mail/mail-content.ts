import { PassThrough } from "node:stream";
import { MailRefused } from "./mail-transport.js";

/** The part of an email of nodemailer that a content is attached to. */
interface ComposedMail {
  readonly message: { transform(stream: () => PassThrough): void };
}

/** Tells whether the content of an email was on its way to the server. If it was, and no answer came, the server may have accepted the email. */
export class MailContent {
  #streams: PassThrough[] = [];

  /** Watches an email. Must be the last transformation, so that it is read only while the server receives the content. */
  attachTo({ message }: ComposedMail): void {
    message.transform(() => {
      // One for each attempt of nodemailer, which tries again while nothing of the content was read.
      const stream = new PassThrough();
      this.#streams.push(stream);
      return stream;
    });
  }

  get wasRead(): boolean {
    return this.#streams.some((stream) => stream.readableDidRead);
  }
}

/** Errors of the connection, the login, and the host name: other emails would fail now too. */
const serverCodes: ReadonlySet<unknown> = new Set([
  "ECONNECTION",
  "ETIMEDOUT",
  "ESOCKET",
  "EDNS",
  "ETLS",
  "EREQUIRETLS",
  "EPROTOCOL",
  "EAUTH",
  "ENOAUTH",
  "EOAUTH2",
  "ECONFIG",
  "EPROXY",
]);

/** Answers to RCPT TO that say that the mailbox does not exist, or accepts nothing (RFC 5321). */
const permanentRefusals: ReadonlySet<number> = new Set([550, 551, 553]);

/** Returns what an error of nodemailer means. 5xx errors about this email or its recipient are final (RFC 5321). All other errors may be temporary. */
export function refusalOfMail(error: unknown, { wasRead }: Pick<MailContent, "wasRead">): MailRefused {
  const { code, responseCode, command, message } = error as { code?: unknown; responseCode?: unknown; command?: unknown; message?: string };
  const said = message ?? String(error);
  const isUncertain = wasRead && typeof responseCode !== "number";
  if (serverCodes.has(code)) return new MailRefused("server", said, { cause: error, isUncertain });
  const isFinal = typeof responseCode === "number" && responseCode >= 500 && responseCode < 600;
  const isRecipientRefused = isFinal && command === "RCPT TO" && permanentRefusals.has(responseCode);
  return new MailRefused(isFinal ? "mail" : "attempt", said, { cause: error, isUncertain, isRecipientRefused });
}

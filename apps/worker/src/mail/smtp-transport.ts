import { PassThrough } from "node:stream";
import { MailRefused } from "@weft/shared";
import type { MailConfig, MailTransport } from "@weft/shared";

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

/** Total time for one email. A server that sends a byte now and then prevents every other timeout. */
const MAIL_TIMEOUT_MS = 60_000;

/**
 * Sends emails through the server of `SMTP_URL`, over a few connections that are kept open. A server that hangs, sends endless data, or refuses is
 * abandoned after a few seconds.
 */
export async function smtpTransport({ from, publicUrl }: MailConfig, smtpUrl: string): Promise<MailTransport> {
  // Loaded only by the process that sends, and only if it sends through a server.
  const { createTransport } = await import("nodemailer");
  const connect = () => {
    const transport = createTransport({
      url: smtpUrl,
      pool: true,
      maxConnections: 3,
      maxMessages: 100,
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 20_000,
      dnsTimeout: 10_000,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    // The last transformation, so that it is read only while the server receives the content.
    transport.use("stream", (mail, done) => {
      const content = contents.get(/^<([^@>]+)@/.exec(mail.message.messageId())?.[1] ?? "");
      if (content !== undefined) mail.message.transform(() => content.newStream());
      done();
    });
    return transport;
  };
  const contents = new Map<string, Content>();
  let connections = connect();
  const { hostname } = new URL(publicUrl);
  return {
    send: async ({ id, to, subject, text, html, headers }) => {
      const used = connections;
      const content = new Content();
      contents.set(id, content);
      const timer = setTimeout(() => {
        if (connections === used) connections = connect();
        used.close({ force: true });
      }, MAIL_TIMEOUT_MS);
      try {
        await used.sendMail({
          from,
          // As an object, this is one address, even if it contains commas.
          to: { name: "", address: to },
          subject,
          text,
          ...(html !== undefined && { html }),
          messageId: `<${id}@${hostname}>`,
          // Prevents automatic replies (RFC 3834).
          headers: { "Auto-Submitted": "auto-generated", ...headers },
        });
      } catch (error) {
        throw refusalOf(error, content);
      } finally {
        contents.delete(id);
        clearTimeout(timer);
      }
    },
    close: () => connections.close({ force: true }),
  };
}

/** Tells whether the content of an email was on its way to the server. */
class Content {
  #streams: PassThrough[] = [];

  /** Called for each attempt of nodemailer, which tries again while nothing of the content was read. */
  newStream(): PassThrough {
    const stream = new PassThrough();
    this.#streams.push(stream);
    return stream;
  }

  get wasRead(): boolean {
    return this.#streams.some((stream) => stream.readableDidRead);
  }
}

/** 5xx errors about this email or its recipient are final (RFC 5321). All other errors may be temporary. */
function refusalOf(error: unknown, { wasRead }: Content): MailRefused {
  const { code, responseCode, command, message } = error as { code?: unknown; responseCode?: unknown; command?: unknown; message?: string };
  const said = message ?? String(error);
  const isUncertain = wasRead && typeof responseCode !== "number";
  if (serverCodes.has(code)) return new MailRefused("server", said, { cause: error, isUncertain });
  const isFinal = typeof responseCode === "number" && responseCode >= 500 && responseCode < 600;
  const isRecipientRefused = isFinal && command === "RCPT TO" && permanentRefusals.has(responseCode);
  return new MailRefused(isFinal ? "mail" : "attempt", said, { cause: error, isUncertain, isRecipientRefused });
}

/** Answers to RCPT TO that say that the mailbox does not exist, or accepts nothing (RFC 5321). */
const permanentRefusals: ReadonlySet<number> = new Set([550, 551, 553]);

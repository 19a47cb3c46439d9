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
  const connect = () =>
    createTransport({
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
  let connections = connect();
  const { hostname } = new URL(publicUrl);
  return {
    send: async ({ id, to, subject, text }) => {
      const used = connections;
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
          messageId: `<${id}@${hostname}>`,
          // Prevents automatic replies (RFC 3834).
          headers: { "Auto-Submitted": "auto-generated" },
        });
      } catch (error) {
        throw refusalOf(error);
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => connections.close({ force: true }),
  };
}

/** 5xx errors about this email or its recipient are final (RFC 5321). All other errors may be temporary. */
function refusalOf(error: unknown): MailRefused {
  const { code, responseCode, message } = error as { code?: unknown; responseCode?: unknown; message?: string };
  const said = message ?? String(error);
  if (serverCodes.has(code)) return new MailRefused("server", said, error);
  const isFinal = typeof responseCode === "number" && responseCode >= 500 && responseCode < 600;
  return new MailRefused(isFinal ? "mail" : "attempt", said, error);
}

import type { MailConfig, SecretChanges } from "@weft/platform/config";
import { MailContent, type MailTransport, refusalOfMail } from "@weft/platform/mail";

/** Total time for one email. A server that sends a byte now and then prevents every other timeout. */
const MAIL_TIMEOUT_MS = 60_000;

/**
 * Sends emails through the server of `SMTP_URL`, over a few connections that are kept open. A server that hangs, sends endless data, or refuses is
 * abandoned after a few seconds.
 * @param changes tells if `SMTP_URL` is replaced: emails that are being sent are finished on the former connections
 */
export async function smtpTransport({ from, publicUrl }: MailConfig, initialUrl: string, changes?: SecretChanges): Promise<MailTransport> {
  let smtpUrl = initialUrl;
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
    transport.use("stream", (mail, done) => {
      contents.get(/^<([^@>]+)@/.exec(mail.message.messageId())?.[1] ?? "")?.attachTo(mail);
      done();
    });
    return transport;
  };
  const contents = new Map<string, MailContent>();
  let connections = connect();
  const endChanges = changes?.onReplaced(["SMTP_URL"], ({ SMTP_URL: next }) => {
    if (next === undefined || next === smtpUrl) return;
    smtpUrl = next;
    const former = connections;
    connections = connect();
    former.close();
  });
  const { hostname } = new URL(publicUrl);
  return {
    send: async ({ id, to, subject, text, html, headers, returnPath }) => {
      const used = connections;
      const content = new MailContent();
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
          ...(returnPath !== undefined && { envelope: { from: returnPath, to: [{ name: "", address: to }] } }),
          // Prevents automatic replies (RFC 3834).
          headers: { "Auto-Submitted": "auto-generated", ...headers },
        });
      } catch (error) {
        throw refusalOfMail(error, content);
      } finally {
        contents.delete(id);
        clearTimeout(timer);
      }
    },
    close: () => {
      endChanges?.();
      connections.close({ force: true });
    },
  };
}

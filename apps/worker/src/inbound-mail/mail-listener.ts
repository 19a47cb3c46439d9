import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { findReplyRefusal } from "@weft/requests";
import { readReplyLocalPart, type ReplyRef, type Services, ServiceUnavailable, StartRefused } from "@weft/shared";
import type { SMTPServerDataStream, SMTPServerEnvelope } from "smtp-server";
import { limitConnections } from "./connection-limits.js";
import { defaultMailLimits, type MailLimits } from "./mail-limits.js";
import { answer, mailReceiver, refusalOf } from "./receive-mail.js";

const CLOSE_TIMEOUT_MS = 5_000;

/** Receives email with SMTP. */
export interface MailListener {
  readonly port: number;
  /** Ends after the emails that are being received. */
  stop(): Promise<void>;
}

/**
 * Receives replies to the emails of notifications, and answers when their comment is committed: nothing is stored in between, and the sending server
 * repeats what it has got no answer for. Null if `WEFT_INBOUND_MAIL_DOMAIN` is not set. A mail server in front decides from whom it takes mail.
 */
export async function startMailListener(services: Services, limits: MailLimits = defaultMailLimits): Promise<MailListener | null> {
  const { config, keys, log } = services;
  const { inbound } = config.mail;
  if (inbound === undefined) return null;
  // Loaded only by the process that receives.
  const { SMTPServer } = await import("smtp-server");
  const stopping = new AbortController();
  const receiveMail = mailReceiver(services, limits, stopping.signal);
  const refOf = (address: string): ReplyRef | null => {
    const at = address.lastIndexOf("@");
    return address.slice(at + 1).toLowerCase() === inbound.domain ? readReplyLocalPart(keys.refresh, address.slice(0, at)) : null;
  };
  const failed = (error: unknown, ref: ReplyRef | null): Error => {
    const level = error instanceof ServiceUnavailable ? "warn" : "error";
    log[level]({ err: error, tenantId: ref?.tenantId }, "an email could not be handled; the mail server repeats it");
    return answer(451, "4.3.0 The email cannot be processed now.");
  };

  /** Returns why an address takes no email. The content is not sent then. */
  const refusalAt = async (recipient: string, { rcptTo }: SMTPServerEnvelope): Promise<Error | null> => {
    const ref = refOf(recipient);
    if (ref === null) return noSuchAddress();
    // Each recipient has an answer of their own. Mail servers then send the email again, for each of the others.
    if (rcptTo.length > 0) return answer(452, "4.5.3 One recipient at a time.");
    try {
      const refusal = await findReplyRefusal(services, ref);
      return refusal && refusalOf(refusal);
    } catch (error) {
      return failed(error, ref);
    }
  };

  const receive = async (content: SMTPServerDataStream, { rcptTo, mailFrom }: SMTPServerEnvelope): Promise<Error | null> => {
    const [recipient] = rcptTo;
    const address = recipient ? refOf(recipient.address) : null;
    if (address === null) return noSuchAddress();
    try {
      return await receiveMail({ content, address, returnPath: mailFrom === false ? "" : mailFrom.address });
    } catch (error) {
      if (!content.destroyed || content.writableFinished) return failed(error, address);
      log.debug({ err: error, tenantId: address.tenantId }, "a connection ended before an email was received");
      return answer(451, "4.4.2 The email was not received completely.");
    }
  };

  const running = new Set<Promise<void>>();
  const server = new SMTPServer({
    name: inbound.domain,
    banner: "Weft",
    size: limits.maxBytes,
    socketTimeout: limits.idleMs,
    closeTimeout: CLOSE_TIMEOUT_MS,
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    onRcptTo: ({ address }, { envelope }, callback) => {
      const respond = async (): Promise<void> => callback(await refusalAt(address, envelope));
      void respond();
    },
    onData: (stream, { envelope }, callback) => {
      const respond = async (): Promise<void> => {
        callback(await receive(stream, envelope));
        running.delete(responding);
      };
      const responding = respond();
      running.add(responding);
    },
  });
  limitConnections(server, limits);
  server.on("error", (error) => log.debug({ err: error }, "a connection of the mail listener failed"));
  server.listen(inbound.port, inbound.host);
  await once(server.server, "listening").catch((error: unknown) => {
    const message = `Weft cannot receive email on ${inbound.host}:${inbound.port}. Stop the program that uses the port, or set WEFT_INBOUND_MAIL_PORT to another one.`;
    throw new StartRefused(message, { isFinal: true, cause: error });
  });
  const { port } = server.server.address() as AddressInfo;
  log.info({ port, domain: inbound.domain }, "receiving replies to emails");
  return {
    port,
    stop: async () => {
      await new Promise<void>((resolve) => server.close(() => resolve()));
      stopping.abort(new ServiceUnavailable("inbound mail"));
      await Promise.all(running);
    },
  };
}

const noSuchAddress = (): Error => answer(550, "5.1.1 There is no such address.");

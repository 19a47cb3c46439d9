import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { findReplyRefusal, findRequestEmailRefusal } from "@weft/requests";
import { ServiceUnavailable } from "@weft/shared/errors";
import { StartRefused } from "@weft/platform/config";
import { readRequestLocalPart } from "@weft/platform/mail";
import { readReplyLocalPart } from "@weft/platform/reply-addresses";
import type { Services } from "@weft/platform/services";
import type { MailRef } from "@weft/platform/tokens";
import type { SMTPServerDataStream, SMTPServerEnvelope } from "smtp-server";
import { limitConnections } from "./connection-limits.js";
import { defaultMailLimits, type MailLimits } from "./mail-limits.js";
import { answer } from "./answer.js";
import { contentParser } from "./parse-content.js";
import { mailReceiver, refusalOf } from "./receive-mail.js";
import { requestMailReceiver, requestRefusalOf } from "./receive-request-mail.js";
import { type ReportAddress, reportReceiver } from "./receive-report.js";

const CLOSE_TIMEOUT_MS = 5_000;

/** Receives email with SMTP. */
export interface MailListener {
  readonly port: number;
  /** Ends after the emails that are being received. */
  stop(): Promise<void>;
}

/**
 * Receives replies to the emails of notifications, emails that become requests, and reports about emails. It answers when what they cause is committed: nothing is stored in between,
 * and the sending server repeats what it has got no answer for. Null if `WEFT_INBOUND_MAIL_DOMAIN` is not set. A mail server in front decides from whom it takes mail.
 */
export async function startMailListener(services: Services, limits: MailLimits = defaultMailLimits): Promise<MailListener | null> {
  const { config, keys, log } = services;
  const { inbound } = config.mail;
  if (inbound === undefined) return null;
  // Loaded only by the process that receives.
  const { SMTPServer } = await import("smtp-server");
  const stopping = new AbortController();
  const parse = contentParser(limits, stopping.signal);
  const receiveMail = mailReceiver(services, parse);
  const receiveRequestMail = requestMailReceiver(services, parse);
  const reports = reportReceiver(services, parse);
  const addressOf = (address: string): Address | null => {
    const at = address.lastIndexOf("@");
    if (address.slice(at + 1).toLowerCase() !== inbound.domain) return null;
    const localPart = address.slice(0, at);
    const reply = readReplyLocalPart(keys.refresh, localPart);
    if (reply !== null) return { kind: "REPLY", ref: reply };
    const request = readRequestLocalPart(keys.refresh, localPart);
    if (request !== null) return { kind: "REQUEST", ref: request };
    return reports?.addressOf(localPart) ?? null;
  };
  const failed = (error: unknown, address: Address): Error => {
    const level = error instanceof ServiceUnavailable ? "warn" : "error";
    log[level]({ err: error, tenantId: tenantOf(address) }, "an email could not be handled; the mail server repeats it");
    return answer(451, "4.3.0 The email cannot be processed now.");
  };

  /** Returns why an address takes no email. The content is not sent then. */
  const refusalAt = async (recipient: string, { rcptTo }: SMTPServerEnvelope): Promise<Error | null> => {
    const address = addressOf(recipient);
    if (address === null) return noSuchAddress();
    // Each recipient has an answer of their own. Mail servers then send the email again, for each of the others.
    if (rcptTo.length > 0) return answer(452, "4.5.3 One recipient at a time.");
    try {
      if (address.kind === "REQUEST") {
        const refusal = await findRequestEmailRefusal(services, address.ref);
        return refusal && requestRefusalOf(refusal);
      }
      if (address.kind !== "REPLY") return (await reports?.refusalAt(address)) ?? null;
      const refusal = await findReplyRefusal(services, address.ref);
      return refusal && refusalOf(refusal);
    } catch (error) {
      return failed(error, address);
    }
  };

  const receive = async (content: SMTPServerDataStream, { rcptTo, mailFrom }: SMTPServerEnvelope): Promise<Error | null> => {
    const [recipient] = rcptTo;
    const address = recipient ? addressOf(recipient.address) : null;
    if (address === null) return noSuchAddress();
    try {
      if (address.kind !== "REPLY" && address.kind !== "REQUEST") return (await reports?.receive(address, content)) ?? null;
      const receiver = address.kind === "REPLY" ? receiveMail : receiveRequestMail;
      return await receiver({ content, address: address.ref, returnPath: mailFrom === false ? "" : mailFrom.address });
    } catch (error) {
      if (!content.destroyed || content.writableFinished) return failed(error, address);
      log.debug({ err: error, tenantId: tenantOf(address) }, "a connection ended before an email was received");
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
  log.info({ port, domain: inbound.domain }, "receiving emails");
  return {
    port,
    stop: async () => {
      await new Promise<void>((resolve) => server.close(() => resolve()));
      stopping.abort(new ServiceUnavailable("inbound mail"));
      await Promise.all(running);
    },
  };
}

/** An address that Weft has made. */
type Address = { readonly kind: "REPLY"; readonly ref: MailRef } | { readonly kind: "REQUEST"; readonly ref: MailRef } | ReportAddress;

const tenantOf = (address: Address): string | undefined => (address.kind === "COMPLAINTS" ? undefined : address.ref.tenantId);

const noSuchAddress = (): Error => answer(550, "5.1.1 There is no such address.");

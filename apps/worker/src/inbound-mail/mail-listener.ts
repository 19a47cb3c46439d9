import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Readable } from "node:stream";
import { type EmailReply, type EmailReplyResult, receiveEmailReply } from "@weft/requests";
import { readReplyLocalPart, type ReplyRef, type Services, StartRefused } from "@weft/shared";
import type { SMTPServerEnvelope } from "smtp-server";
import { readMail } from "./read-mail.js";

const MAX_BYTES = 10 * 1024 * 1024;
/** Each can hold one email in memory. */
const MAX_CONNECTIONS = 20;
const SOCKET_TIMEOUT_MS = 60_000;
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
export async function startMailListener(services: Services): Promise<MailListener | null> {
  const { config, keys, log } = services;
  const { inbound } = config.mail;
  if (inbound === undefined) return null;
  // Loaded only by the process that receives.
  const { SMTPServer } = await import("smtp-server");
  const refOf = (address: string): ReplyRef | null => {
    const at = address.lastIndexOf("@");
    return address.slice(at + 1).toLowerCase() === inbound.domain ? readReplyLocalPart(keys.refresh, address.slice(0, at)) : null;
  };
  const running = new Set<Promise<void>>();
  const receive = async (stream: Readable, { rcptTo, mailFrom }: SMTPServerEnvelope): Promise<Error | null> => {
    const [recipient] = rcptTo;
    const ref = recipient ? refOf(recipient.address) : null;
    try {
      return await handle(services, { raw: await contentOf(stream), ref, returnPath: mailFrom === false ? "" : mailFrom.address });
    } catch (error) {
      log.error({ err: error, tenantId: ref?.tenantId }, "an email could not be handled; the mail server repeats it");
      return answer(451, "4.3.0 The email cannot be processed now.");
    }
  };
  const server = new SMTPServer({
    name: inbound.domain,
    banner: "Weft",
    size: MAX_BYTES,
    maxClients: MAX_CONNECTIONS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    closeTimeout: CLOSE_TIMEOUT_MS,
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    onRcptTo: ({ address }, { envelope }, callback) => {
      if (refOf(address) === null) callback(answer(550, "5.1.1 There is no such address."));
      // Each recipient has an answer of their own. Mail servers then send the email again, for each of the others.
      else if (envelope.rcptTo.length > 0) callback(answer(452, "4.5.3 One recipient at a time."));
      else callback();
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
  server.on("error", (error) => log.debug({ err: error }, "a connection of the mail listener failed"));
  server.listen(inbound.port, config.host);
  await once(server.server, "listening").catch((error: unknown) => {
    const message = `Weft cannot receive email on ${config.host}:${inbound.port}. Stop the program that uses the port, or set WEFT_INBOUND_MAIL_PORT to another one.`;
    throw new StartRefused(message, { isFinal: true, cause: error });
  });
  const { port } = server.server.address() as AddressInfo;
  log.info({ port, domain: inbound.domain }, "receiving replies to emails");
  return {
    port,
    stop: async () => {
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all(running);
    },
  };
}

/** The answer of SMTP to a command that failed. */
const answer = (responseCode: number, message: string): Error => Object.assign(new Error(message), { responseCode });

/** Returns the content, or null if it is too long. The rest of it is read, because the answer comes after it. */
async function contentOf(stream: Readable): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size <= MAX_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  }
  return size > MAX_BYTES ? null : Buffer.concat(chunks);
}

interface ReceivedMail {
  readonly raw: Buffer | null;
  readonly ref: ReplyRef | null;
  /** Empty for reports about deliveries, which must not be answered. */
  readonly returnPath: string;
}

/** Returns null if the email was handled, or is one that nobody answers. Otherwise the error for the sending server. */
async function handle(services: Services, { raw, ref, returnPath }: ReceivedMail): Promise<Error | null> {
  if (raw === null) return answer(552, `5.3.4 The email is larger than ${MAX_BYTES / 1024 / 1024} MB.`);
  if (ref === null) return answer(550, "5.1.1 There is no such address.");
  const mail = await readMail(raw);
  if (mail === null) return answer(550, "5.6.0 The email is not valid.");
  const { log } = services;
  const { tenantId } = ref;
  if (returnPath === "" || mail.isAutomatic) {
    log.info({ tenantId }, "an automatic email was ignored");
    return null;
  }
  if (mail.from === null) return answer(550, "5.7.1 The email must have one sender.");
  const reply: EmailReply = { address: ref, from: mail.from, emailHash: mail.hash, text: mail.text };
  const result = await receiveEmailReply(services, reply);
  log.info({ tenantId, result: result.kind }, "an email was received");
  return refusalOf(result);
}

function refusalOf(result: EmailReplyResult): Error | null {
  if (result.kind === "refused") return answer(550, `5.7.1 No comment was written. ${asciiLine(result.reason)}`);
  if (result.kind === "limited") return answer(450, "4.7.1 Too many emails were sent to this address. Try again later.");
  return null;
}

/** Answers of SMTP are short lines of ASCII. */
const asciiLine = (text: string): string => text.replace(/[^\x20-\x7e]+/g, "?").slice(0, 300);

import type { Readable } from "node:stream";
import { countEmailReply, type EmailReplyRefusal, receiveEmailReply } from "@weft/requests";
import { FairSemaphore, type ReplyRef, type Services, ServiceUnavailable } from "@weft/shared";
import type { MailLimits } from "./mail-limits.js";
import { parseInThread, TooComplex } from "./parse-mail.js";
import { readMail } from "./read-mail.js";

export interface ReceivedMail {
  readonly content: Readable;
  /** The address to which it was sent. */
  readonly address: ReplyRef;
  /** Empty for reports about deliveries, which must not be answered. */
  readonly returnPath: string;
}

/** Returns null if the email was handled, or is one that nobody answers. Otherwise the error for the sending server. */
export type ReceiveMail = (mail: ReceivedMail) => Promise<Error | null>;

/**
 * Receives emails: each is counted before its content is read, and parsed after that.
 * @param stopping ends the wait of emails that are not being parsed yet
 */
export function mailReceiver(services: Services, limits: MailLimits, stopping: AbortSignal): ReceiveMail {
  const { log } = services;
  const { maxBytes, maxHeldBytes, maxParsing, parseMs, connectionMs } = limits;
  const parsing = new FairSemaphore({
    size: maxParsing,
    // One tenant never holds the last slot.
    perKey: () => Math.max(1, maxParsing - 1),
    waitMs: connectionMs,
    refusal: () => new ServiceUnavailable("inbound mail"),
  });
  let heldBytes = 0;

  /** Reads the content and handles it while it is in memory. The content is read to its end, because the answer comes after it. */
  async function withContent(content: Readable, handle: (raw: Buffer) => Promise<Error | null>): Promise<Error | null> {
    const chunks: Buffer[] = [];
    let [size, held] = [0, 0];
    let refusal: Error | null = null;
    const drop = (): void => {
      chunks.length = 0;
      heldBytes -= held;
      held = 0;
    };
    try {
      for await (const chunk of content as AsyncIterable<Buffer>) {
        size += chunk.byteLength;
        if (size > maxBytes) refusal = answer(552, `5.3.4 The email is larger than ${maxBytes / 1024 / 1024} MB.`);
        else if (heldBytes + chunk.byteLength > maxHeldBytes)
          refusal ??= answer(451, "4.3.1 Too many emails are being received. Try again later.");
        if (refusal !== null) {
          drop();
          continue;
        }
        chunks.push(chunk);
        held += chunk.byteLength;
        heldBytes += chunk.byteLength;
      }
      return refusal ?? (await handle(Buffer.concat(chunks)));
    } finally {
      drop();
    }
  }

  return async ({ content, address, returnPath }) => {
    const { tenantId } = address;
    const counted = await countEmailReply(services, address);
    if (counted.kind !== "counted") {
      log.info({ tenantId, result: counted.kind }, "an email was refused");
      return refusalOf(counted);
    }
    return withContent(content, async (raw) => {
      // Tenants take turns.
      const parsed = await parsing.run(tenantId, () => parseInThread(raw, parseMs), { signal: stopping }).catch(tooComplex);
      if (parsed instanceof TooComplex) return answer(550, "5.6.0 The email is too complex.");
      if (parsed === null) return answer(550, "5.6.0 The email is not valid.");
      const mail = readMail(parsed);
      if (returnPath === "" || mail.isAutomatic) {
        log.info({ tenantId }, "an automatic email was ignored");
        return null;
      }
      if (mail.from === null) return answer(550, "5.7.1 The email must have one sender.");
      const result = await receiveEmailReply(services, {
        address: counted.address,
        from: mail.from,
        emailHash: mail.hash,
        text: mail.text,
      });
      log.info({ tenantId, result: result.kind }, "an email was received");
      return result.kind === "refused" ? refusalOf(result) : null;
    });
  };
}

function tooComplex(error: unknown): TooComplex {
  if (error instanceof TooComplex) return error;
  throw error;
}

/** The answer of SMTP to a command that failed. */
export const answer = (responseCode: number, message: string): Error => Object.assign(new Error(message), { responseCode });

/** The answer for an email that does not become a comment. */
export const refusalOf = (refusal: EmailReplyRefusal): Error =>
  refusal.kind === "limited"
    ? answer(450, "4.7.1 Too many emails were sent to this address. Try again later.")
    : answer(550, `5.7.1 No comment was written. ${asciiLine(refusal.reason)}`);

/** Answers of SMTP are short lines of ASCII. */
const asciiLine = (text: string): string => text.replace(/[^\x20-\x7e]+/g, "?").slice(0, 300);

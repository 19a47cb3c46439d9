import type { Readable } from "node:stream";
import { countEmailReply, type EmailReplyRefusal, receiveEmailReply } from "@weft/requests";
import type { ReplyRef, Services } from "@weft/shared";
import { answer, asciiLine } from "./answer.js";
import type { ParseContent } from "./parse-content.js";
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

/** Receives emails: each is counted before its content is read, and parsed after that. */
export function mailReceiver(services: Services, parse: ParseContent): ReceiveMail {
  const { log } = services;
  return async ({ content, address, returnPath }) => {
    const { tenantId } = address;
    const counted = await countEmailReply(services, address);
    if (counted.kind !== "counted") {
      log.info({ tenantId, result: counted.kind }, "an email was refused");
      return refusalOf(counted);
    }
    // Tenants take turns.
    const parsed = await parse(content, tenantId);
    if (parsed instanceof Error) return parsed;
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
  };
}

/** The answer for an email that does not become a comment. */
export const refusalOf = (refusal: EmailReplyRefusal): Error =>
  refusal.kind === "limited"
    ? answer(450, "4.7.1 Too many emails were sent to this address. Try again later.")
    : answer(550, `5.7.1 No comment was written. ${asciiLine(refusal.reason)}`);

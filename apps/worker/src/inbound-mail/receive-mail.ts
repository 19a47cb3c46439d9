import { countEmailReply, type EmailReplyRefusal, receiveEmailReply } from "@weft/requests";
import type { Services } from "@weft/platform/services";
import { answer, asciiLine } from "./answer.js";
import type { ParseContent } from "./parse-content.js";
import { readWritten, type ReceiveMail } from "./written-mail.js";

/** Receives emails: each is counted before its content is read, and parsed after that. */
export function mailReceiver(services: Services, parse: ParseContent): ReceiveMail {
  const { log } = services;
  return async (received) => {
    const { tenantId } = received.address;
    const counted = await countEmailReply(services, received.address);
    if (counted.kind !== "counted") {
      log.info({ tenantId, result: counted.kind }, "an email was refused");
      return refusalOf(counted);
    }
    const written = await readWritten(services, parse, received);
    if (written === null || written instanceof Error) return written;
    const { from, hash: emailHash, text } = written.mail;
    const result = await receiveEmailReply(services, { address: counted.address, from, emailHash, text });
    log.info({ tenantId, result: result.kind }, "an email was received");
    return result.kind === "refused" ? refusalOf(result) : null;
  };
}

/** The answer for an email that does not become a comment. */
export const refusalOf = (refusal: EmailReplyRefusal): Error =>
  refusal.kind === "limited"
    ? answer(450, "4.7.1 Too many emails were sent to this address. Try again later.")
    : answer(550, `5.7.1 No comment was written. ${asciiLine(refusal.reason)}`);

import type { Readable } from "node:stream";
import { countRequestEmail, receiveRequestEmail, type RequestEmailRefusal } from "@weft/requests";
import type { MailRef, Services } from "@weft/shared";
import { answer, asciiLine } from "./answer.js";
import { wholeTextOf } from "./new-text.js";
import type { ParseContent } from "./parse-content.js";
import { readMail } from "./read-mail.js";

interface ReceivedMail {
  readonly content: Readable;
  /** The address to which it was sent. */
  readonly address: MailRef;
  /** Empty for reports about deliveries, which must not be answered. */
  readonly returnPath: string;
}

/** Returns null if the email was handled, or is one that nobody answers. Otherwise the error for the sending server. */
export type ReceiveRequestMail = (mail: ReceivedMail) => Promise<Error | null>;

/** Receives emails that become requests: each is counted before its content is read, and parsed after that. */
export function requestMailReceiver(services: Services, parse: ParseContent): ReceiveRequestMail {
  const { log } = services;
  return async ({ content, address, returnPath }) => {
    const { tenantId } = address;
    const counted = await countRequestEmail(services, address);
    if (counted.kind !== "counted") {
      log.info({ tenantId, result: counted.kind }, "an email for a request was refused");
      return requestRefusalOf(counted);
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
    const result = await receiveRequestEmail(services, {
      address: counted.address,
      from: mail.from,
      emailHash: mail.hash,
      subject: parsed.subject,
      text: wholeTextOf(parsed.text),
    });
    log.info({ tenantId, result: result.kind }, "an email for a request was received");
    return result.kind === "created" || result.kind === "known" ? null : requestRefusalOf(result);
  };
}

/** The answer for an email that does not become a request. */
export function requestRefusalOf(refusal: RequestEmailRefusal): Error {
  switch (refusal.kind) {
    case "unknown":
      return answer(550, "5.1.1 There is no such address.");
    case "limited":
      return answer(450, "4.7.1 Too many emails were sent to this address. Try again later.");
    case "suspended":
      return answer(450, "4.2.1 The address takes no emails now. Try again later.");
    case "refused":
      return answer(550, `5.7.1 No request was created. ${asciiLine(refusal.reason)}`);
  }
}

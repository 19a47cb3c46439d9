import { countRequestEmail, receiveRequestEmail, type RequestEmailRefusal } from "@weft/requests";
import type { Services } from "@weft/platform/services";
import { answer, asciiLine } from "./answer.js";
import { wholeTextOf } from "./new-text.js";
import type { ParseContent } from "./parse-content.js";
import { readWritten, type ReceiveMail } from "./written-mail.js";

/** Receives emails that become requests: each is counted before its content is read, and parsed after that. */
export function requestMailReceiver(services: Services, parse: ParseContent): ReceiveMail {
  const { log } = services;
  return async (received) => {
    const { tenantId } = received.address;
    const counted = await countRequestEmail(services, received.address);
    if (counted.kind !== "counted") {
      log.info({ tenantId, result: counted.kind }, "an email for a request was refused");
      return requestRefusalOf(counted);
    }
    const written = await readWritten(services, parse, received);
    if (written === null || written instanceof Error) return written;
    const { mail, parsed } = written;
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

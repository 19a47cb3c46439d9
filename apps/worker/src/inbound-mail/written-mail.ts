import type { Readable } from "node:stream";
import type { Services } from "@weft/platform/services";
import type { MailRef } from "@weft/platform/tokens";
import { answer } from "./answer.js";
import type { ParseContent } from "./parse-content.js";
import type { ParsedMail } from "./parse-thread.js";
import { readMail, type ReadMail } from "./read-mail.js";

export interface ReceivedMail {
  readonly content: Readable;
  /** The address to which it was sent. */
  readonly address: MailRef;
  /** Empty for reports about deliveries, which must not be answered. */
  readonly returnPath: string;
}

/** Returns null if the email was handled, or is one that nobody answers. Otherwise the error for the sending server. */
export type ReceiveMail = (mail: ReceivedMail) => Promise<Error | null>;

/** An email that a person has sent. */
export interface WrittenMail {
  readonly mail: ReadMail & { readonly from: string };
  readonly parsed: ParsedMail;
}

/** Reads an email that was counted. Returns null if a program has sent it, and the error for the sending server if it cannot be read. */
export async function readWritten(
  { log }: Pick<Services, "log">,
  parse: ParseContent,
  { content, address: { tenantId }, returnPath }: ReceivedMail,
): Promise<WrittenMail | Error | null> {
  // Tenants take turns.
  const parsed = await parse(content, tenantId);
  if (parsed instanceof Error) return parsed;
  const mail = readMail(parsed);
  const { from } = mail;
  if (returnPath === "" || mail.isAutomatic) {
    log.info({ tenantId }, "an automatic email was ignored");
    return null;
  }
  return from === null ? answer(550, "5.7.1 The email must have one sender.") : { mail: { ...mail, from }, parsed };
}

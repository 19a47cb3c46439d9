import type { Readable } from "node:stream";
import { ServiceUnavailable } from "@weft/shared/errors";
import { FairSemaphore } from "@weft/platform/fairness";
import { answer } from "./answer.js";
import type { MailLimits } from "./mail-limits.js";
import { parseInThread, TooComplex } from "./parse-mail.js";
import type { ParsedMail } from "./parse-thread.js";

/**
 * Reads the content of an email to its end, because the answer comes after it, and parses it. Returns the error for the sending server if it cannot.
 * Emails with the same key never take the last slot. `maxBytes`: if it is less than that of the limits.
 */
export type ParseContent = (content: Readable, fairnessKey: string, maxBytes?: number) => Promise<ParsedMail | Error>;

/**
 * Returns what reads and parses emails within the limits.
 * @param stopping ends the wait of emails that are not being parsed yet
 */
export function contentParser(limits: MailLimits, stopping: AbortSignal): ParseContent {
  const { maxHeldBytes, maxParsing, parseMs, connectionMs } = limits;
  const parsing = new FairSemaphore({
    size: maxParsing,
    perKey: () => Math.max(1, maxParsing - 1),
    waitMs: connectionMs,
    refusal: () => new ServiceUnavailable("inbound mail"),
  });
  let heldBytes = 0;

  return async (content, fairnessKey, maxBytes = limits.maxBytes) => {
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
      if (refusal !== null) return refusal;
      const raw = Buffer.concat(chunks);
      const parsed = await parsing.run(fairnessKey, () => parseInThread(raw, parseMs), { signal: stopping });
      return parsed ?? answer(550, "5.6.0 The email is not valid.");
    } catch (error) {
      if (error instanceof TooComplex) return answer(550, "5.6.0 The email is too complex.");
      throw error;
    } finally {
      drop();
    }
  };
}

import { createHash } from "node:crypto";
import { newTextOf } from "./new-text.js";
import type { ParsedMail } from "./parse-thread.js";

/** Longer ones are no addresses. */
const MAX_SENDER_CHARS = 1_000;

/** An email, as far as a comment needs it. */
export interface ReadMail {
  /** Null if there is not exactly one, written out literally. */
  readonly from: string | null;
  /** SHA-256 of the Message-ID; without one, of the sender, the date and the body, which servers on the way do not change. */
  readonly hash: string;
  /** What the sender has written, without the quoted text. */
  readonly text: string;
  /** Whether a program sent it: an automatic reply, a report about a delivery, or the mail of a list. */
  readonly isAutomatic: boolean;
}

/** Reads an email that was parsed. The work is bounded by the limits of the parser. */
export function readMail(mail: ParsedMail): ReadMail {
  const [messageId = "", ...otherIds] = valuesOf(mail, "message-id").map((value) => value.trim());
  const written = JSON.stringify([valuesOf(mail, "from"), valuesOf(mail, "date"), mail.bodyHash]);
  const identity = messageId === "" || otherIds.length > 0 ? written : messageId;
  return {
    from: senderOf(valuesOf(mail, "from")),
    hash: createHash("sha256").update(identity).digest("hex"),
    text: newTextOf(mail.text),
    isAutomatic: isAutomatic(mail),
  };
}

const valuesOf = ({ headers }: ParsedMail, key: string): string[] =>
  headers.filter((header) => header.key === key).map(({ value }) => value);

const literalSender = /^[^<>@,;:()"\\]*<([^<>\s@,;:()"\\]+@[^<>\s@,;:()"\\]+)>$/;
const bareSender = /^([^<>\s@,;:()"\\]+@[^<>\s@,;:()"\\]+)$/;

/**
 * Returns the sender's address, if there is one header with one literal address. Filters of mail servers read the literal text only, so an address that
 * lenient parsers find in encoded words, comments or quoted names proves nothing.
 */
function senderOf([value, ...others]: readonly string[]): string | null {
  if (value === undefined || others.length > 0 || value.length > MAX_SENDER_CHARS) return null;
  const unquoted = value.replaceAll(/"(?:[^"\\]|\\.)*"/g, "").trim();
  return (literalSender.exec(unquoted) ?? bareSender.exec(unquoted))?.[1] ?? null;
}

/** See RFC 3834, and what programs used before it. */
function isAutomatic(mail: ParsedMail): boolean {
  const has = (key: string, pattern: RegExp): boolean => valuesOf(mail, key).some((value) => pattern.test(value.trim()));
  return (
    has("auto-submitted", /^(?!no\b)/i) ||
    has("precedence", /^(?:bulk|junk|list|auto_reply)\b/i) ||
    has("x-autoreply", /./) ||
    has("x-autorespond", /./) ||
    has("list-id", /./) ||
    has("content-type", /^multipart\/report\b/i) ||
    has("from", /\b(?:mailer-daemon|postmaster)@/i)
  );
}

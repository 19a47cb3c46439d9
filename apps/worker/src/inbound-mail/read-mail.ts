import { createHash } from "node:crypto";
import type { Email } from "postal-mime";
import { newTextOf } from "./new-text.js";

const MAX_NESTING = 20;
const MAX_HTML_CHARS = 500_000;
const MAX_HTML_DEPTH = 200;
const MAX_HEADER_BYTES = 256 * 1024;

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

/** Reads an email. Attachments are ignored. Returns null if it is not valid. */
export async function readMail(raw: Buffer): Promise<ReadMail | null> {
  // Loaded only by the process that receives.
  const { default: PostalMime } = await import("postal-mime");
  let mail: Email;
  try {
    mail = await PostalMime.parse(raw, {
      maxNestingDepth: MAX_NESTING,
      maxHeadersSize: MAX_HEADER_BYTES,
      // A forwarded email is not what the sender has written.
      forceRfc822Attachments: true,
    });
  } catch {
    return null;
  }
  const [messageId = "", ...otherIds] = valuesOf(mail, "message-id").map((value) => value.trim());
  const written = JSON.stringify([valuesOf(mail, "from"), valuesOf(mail, "date"), mail.text ?? "", mail.html ?? ""]);
  const identity = messageId === "" || otherIds.length > 0 ? written : messageId;
  return {
    from: senderOf(valuesOf(mail, "from")),
    hash: createHash("sha256").update(identity).digest("hex"),
    text: newTextOf(await textOf(mail)),
    isAutomatic: isAutomatic(mail),
  };
}

/** The plain text, or that of the HTML if there is no other. Quotes of HTML begin with `>`. */
async function textOf({ text = "", html = "" }: Email): Promise<string> {
  if (text.trim() !== "" || html === "") return text;
  const { convert } = await import("html-to-text");
  return convert(html.slice(0, MAX_HTML_CHARS), {
    wordwrap: false,
    limits: { maxDepth: MAX_HTML_DEPTH },
    selectors: [
      { selector: "a", options: { ignoreHref: true } },
      { selector: "img", format: "skip" },
    ],
  });
}

const valuesOf = ({ headers }: Pick<Email, "headers">, key: string): string[] =>
  headers.filter((header) => header.key === key).map(({ value }) => value);

const literalSender = /^[^<>@,;:()"\\]*<([^<>\s@,;:()"\\]+@[^<>\s@,;:()"\\]+)>$/;
const bareSender = /^([^<>\s@,;:()"\\]+@[^<>\s@,;:()"\\]+)$/;

/**
 * Returns the sender's address, if there is one header with one literal address. Filters of mail servers read the literal text only, so an address that
 * lenient parsers find in encoded words, comments or quoted names proves nothing.
 */
function senderOf([value, ...others]: readonly string[]): string | null {
  if (value === undefined || others.length > 0) return null;
  const unquoted = value.replaceAll(/"(?:[^"\\]|\\.)*"/g, "").trim();
  return (literalSender.exec(unquoted) ?? bareSender.exec(unquoted))?.[1] ?? null;
}

/** See RFC 3834, and what programs used before it. */
function isAutomatic(mail: Email): boolean {
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

import { createHash } from "node:crypto";
import { getPriority, setPriority } from "node:os";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import PostalMime, { type Email } from "postal-mime";

// Runs in a thread of its own, see parse-mail.ts. Imports only packages, so that tests can start it from the source.

const MAX_NESTING = 20;
const MAX_HEADER_BYTES = 256 * 1024;
const MAX_HTML_CHARS = 500_000;
const MAX_HTML_DEPTH = 200;
/** No more is read of it. */
const MAX_TEXT_CHARS = 200_000;

const MAX_SUBJECT_CHARS = 2_000;

/** No more is read of a report, and of the email that it is about. */
const MAX_REPORT_CHARS = 32_000;

/** What is needed of an email. */
export interface ParsedMail {
  readonly headers: readonly { readonly key: string; readonly value: string }[];
  readonly subject: string;
  /** The plain text, or that of the HTML if there is no other. */
  readonly text: string;
  /** SHA-256 of the bodies. */
  readonly bodyHash: string;
  /** A report about another email. `about`: the report, and the headers of that email. */
  readonly report: { readonly kind: "DELIVERY" | "FEEDBACK"; readonly fields: string; readonly about: string } | null;
}

/** Parses an email. Attachments are ignored, except for reports. Returns null if it is not valid. */
export async function parseMail(raw: Uint8Array): Promise<ParsedMail | null> {
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
  return {
    headers: mail.headers.map(({ key, value }) => ({ key, value })),
    subject: (mail.subject ?? "").slice(0, MAX_SUBJECT_CHARS),
    text: (await textOf(mail)).slice(0, MAX_TEXT_CHARS),
    bodyHash: createHash("sha256")
      .update(JSON.stringify([mail.text ?? "", mail.html ?? ""]))
      .digest("hex"),
    report: reportOf(mail),
  };
}

const reportKinds = { "message/delivery-status": "DELIVERY", "message/feedback-report": "FEEDBACK" } as const;
const returnedTypes: ReadonlySet<string> = new Set(["message/rfc822", "text/rfc822-headers", "message/rfc822-headers"]);

function reportOf({ attachments }: Email): ParsedMail["report"] {
  const part = attachments.find(({ mimeType }) => Object.hasOwn(reportKinds, mimeType));
  if (part === undefined) return null;
  const fields = beginningOf(part);
  const returned = attachments.find(({ mimeType }) => returnedTypes.has(mimeType));
  return {
    kind: reportKinds[part.mimeType as keyof typeof reportKinds],
    fields,
    about: `${fields}\n${returned ? headersOf(beginningOf(returned)) : ""}`,
  };
}

/** What is before the first empty line. */
const headersOf = (email: string): string => email.split(/\r?\n\r?\n/, 1)[0] ?? "";

const beginningOf = ({ content }: Email["attachments"][number]): string =>
  (typeof content === "string" ? content : new TextDecoder("latin1").decode(content)).slice(0, MAX_REPORT_CHARS);

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

if (!isMainThread && workerData instanceof Uint8Array) {
  // On Linux, this is the priority of the thread alone: the worker's event loop goes first. Elsewhere, it would be that of the process.
  if (process.platform === "linux") setPriority(Math.max(10, getPriority()));
  parentPort?.postMessage(await parseMail(workerData));
}

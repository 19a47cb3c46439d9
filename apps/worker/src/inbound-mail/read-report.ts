import type { ParsedMail } from "./parse-thread.js";

/** A report about an email that was sent. */
export type ReadReport =
  | { readonly kind: "BOUNCED"; readonly isAddressRefused: boolean; readonly text: string }
  | { readonly kind: "COMPLAINED"; readonly isAddressRefused: true; readonly text: string };

/** Codes that say that a mailbox does not exist, or accepts nothing (RFC 3463). */
const deadAddress = /^5\.(?:1\.(?:1|2|3|6|10)|2\.1)$/;
/** Codes that leave the reason open. The answer of the mail server then decides (RFC 5321). */
const vagueCode = /^5\.(?:0|1)\.0$/;
const deadAnswer = /^smtp;\s*(?:550|551|553)[ -](?!\s*5\.7)/i;

/**
 * Reads a report about a delivery (RFC 3464) or the complaint of a recipient (RFC 5965). Null for everything else: emails that are only delayed, reports
 * of success, automatic replies, and withdrawn complaints.
 */
export function readReport({ report }: Pick<ParsedMail, "report">): ReadReport | null {
  if (report === null) return null;
  if (report.kind === "FEEDBACK") {
    const type = fieldsOf(report.fields).get("feedback-type")?.toLowerCase() ?? "";
    return type === "" || type === "not-spam"
      ? null
      : { kind: "COMPLAINED", isAddressRefused: true, text: `Complaint of the recipient: ${line(type)}` };
  }
  // Groups of fields are separated by empty lines: one about the email, and one of each recipient. Weft's emails have one recipient.
  const groups = report.fields.split(/\r?\n[ \t]*\r?\n/).map(fieldsOf);
  const ofRecipient = groups.find((fields) => fields.get("action")?.toLowerCase() === "failed");
  if (ofRecipient === undefined) return null;
  const [status = ""] = (ofRecipient.get("status") ?? "").split(/\s/);
  const diagnostic = ofRecipient.get("diagnostic-code") ?? "";
  const isAddressRefused = deadAddress.test(status) || (vagueCode.test(status) && deadAnswer.test(diagnostic));
  return { kind: "BOUNCED", isAddressRefused, text: line(`${status} ${diagnostic}`) || "The email came back." };
}

/** Fields of a group, by name in lower case. Lines that begin with a space continue the one before. */
function fieldsOf(group: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [, name = "", value = ""] of group.replaceAll(/\r?\n[ \t]+/g, " ").matchAll(/^([\w-]{1,50}):[ \t]*(.*)$/gm))
    if (!fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), value.trim());
  return fields;
}

/** One line of printable characters. */
const line = (text: string): string =>
  text
    .replaceAll(/[^\x20-\x7e]+/g, " ")
    .replaceAll(/ {2,}/g, " ")
    .trim()
    .slice(0, 500);

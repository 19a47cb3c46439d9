import type { ParsedMail } from "./parse-thread.js";

/** A report about an email that was sent. */
export interface ReadReport {
  readonly kind: "BOUNCED" | "COMPLAINED";
  /** Whether nothing more is to be sent to the address that did not get the email, or whose owner complained. */
  readonly isAddressRefused: boolean;
  /** The address that did not get the email. If an address forwards, it is another one than that to which the email was sent. Null if not named. */
  readonly finalRecipient: string | null;
  /** What the report says, in one line of ASCII. */
  readonly text: string;
}

/** Complaints of people. Other feedback comes from programs, such as filters and checks of signatures (RFC 6591), or withdraws a complaint. */
const complaints: ReadonlySet<string> = new Set(["abuse", "fraud"]);

/** Codes that say that an address does not exist (RFC 3463). */
const deadAddress = /^5\.1\.(?:1|2|3|6|10)$/;
/** Codes that leave the reason open. Some mail servers send no other, so the answer of the receiving server decides. */
const vagueCode = /^5\.(?:0|1)\.0$/;
/** The answer to a recipient or a content: its enhanced code, if it has one, and its text. */
const answerOfServer = /^smtp;\s*(?:550|551|553)[ -]\s*(5\.\d{1,3}\.\d{1,3})?(.*)$/i;
const namesAddress = /\b(?:user|mailbox|recipient|account|address)\b/i;
const saysUnknown = /\b(?:unknown|invalid|not found|no such|does(?: not|n't) exist)\b/i;

/**
 * Reads a report about a delivery (RFC 3464) or the complaint of a recipient (RFC 5965). Null for everything else: emails that are only delayed, reports
 * of success, automatic replies, other feedback.
 */
export function readReport({ report }: Pick<ParsedMail, "report">): ReadReport | null {
  if (report === null) return null;
  if (report.kind === "FEEDBACK") {
    const type = fieldsOf(report.fields).get("feedback-type")?.toLowerCase() ?? "";
    if (!complaints.has(type)) return null;
    return { kind: "COMPLAINED", isAddressRefused: true, finalRecipient: null, text: `Complaint of the recipient: ${type}` };
  }
  // Groups of fields are separated by empty lines: one about the email, and one of each address that did not get it.
  const groups = report.fields.split(/\r?\n[ \t]*\r?\n/).map(fieldsOf);
  const ofRecipient = groups.find((fields) => fields.get("action")?.toLowerCase() === "failed");
  if (ofRecipient === undefined) return null;
  const [status = ""] = (ofRecipient.get("status") ?? "").split(/\s/);
  const diagnostic = ofRecipient.get("diagnostic-code") ?? "";
  return {
    kind: "BOUNCED",
    isAddressRefused: deadAddress.test(status) || (vagueCode.test(status) && saysDead(diagnostic)),
    finalRecipient: /^rfc822;\s*<?([^<>\s]+)>?$/i.exec(ofRecipient.get("final-recipient") ?? "")?.[1] ?? null,
    text: line(`${status} ${diagnostic}`) || "The email came back.",
  };
}

/** Returns whether the answer of a mail server says that the address does not exist. Other refusals, such as those of spam, have the same codes. */
function saysDead(diagnostic: string): boolean {
  const [, code, text = ""] = answerOfServer.exec(diagnostic) ?? [];
  return code === undefined ? namesAddress.test(text) && saysUnknown.test(text) : deadAddress.test(code);
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

import type { Machine } from "@weft/engine";
import type { InboundMailAddressRow } from "./inbound-mail-address.store.js";

/** Longer subjects are cut, as everything that makes sense fits. */
const MAX_SUBJECT_CHARS = 250;
const NO_SUBJECT = "Email without a subject";
/** What mail programs put before the subject of a reply or a forwarded email. */
const prefixes = /^(?:(?:re|aw|fwd?|wg|tr|sv|vs|antw|rif|ynt)\s?:\s*)+/i;

interface Email {
  readonly subject: string;
  readonly text: string;
}

/**
 * Returns the data of a request from an email. Subjects are cut to the length that their field takes; texts are not, because what is missing could matter.
 */
export function requestDataOf(
  machine: Machine,
  { subjectField, textField, data }: Pick<InboundMailAddressRow, "subjectField" | "textField" | "data">,
  { subject: given, text }: Email,
): Record<string, unknown> {
  const subject = cleanSubject(given);
  if (subjectField === null) {
    const parts = [subject === "" && text === "" ? NO_SUBJECT : subject, text];
    return { ...data, [textField]: parts.filter((part) => part !== "").join("\n\n") };
  }
  const max = Math.min(machine.data.root.properties.get(subjectField)?.maxLength ?? MAX_SUBJECT_CHARS, MAX_SUBJECT_CHARS);
  return { ...data, [subjectField]: cut(subject === "" ? NO_SUBJECT : subject, max), ...(text !== "" && { [textField]: text }) };
}

const cleanSubject = (subject: string): string =>
  cut(
    subject
      .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
      .replace(/[\u202a-\u202e\u2066-\u2069\ufeff]/g, "")
      .trim()
      .replace(prefixes, "")
      .trim(),
    MAX_SUBJECT_CHARS,
  );

/** Counts code points, as schemas do. */
function cut(text: string, max: number): string {
  const chars = Array.from(text);
  return chars.length <= max
    ? text
    : `${chars
        .slice(0, Math.max(0, max - 1))
        .join("")
        .trimEnd()}…`;
}

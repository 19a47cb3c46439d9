import type { StreamedEntry } from "../run/streamed-entry.js";

/** Facility "log audit" (RFC 5424, section 6.2.1). */
const FACILITY = 13;
/** Severities: error, warning, informational. */
const severities = { FAILED: 3, REFUSED: 4, SUCCESS: 6 } as const;
/** Bytes of a message that receivers should take (RFC 5425, section 4.3.1). Longer ones can be cut off, which no longer is JSON. */
const MAX_BYTES = 8_192;
const MAX_MSGID = 32;

/**
 * Returns an entry as a message of syslog (RFC 5424). The text is the entry as JSON. There is no structured data: its names would need a number that IANA
 * gives to enterprises. An entry that would be too long has no values before and after the change, and says so.
 */
export function syslogMessage(entry: StreamedEntry, host: string): Buffer {
  const severity = severities[(entry.outcome ?? "SUCCESS") as keyof typeof severities] ?? severities.SUCCESS;
  // Printable ASCII without blanks. Actions have no other characters.
  const action = (entry.action ?? "-").replaceAll(/[^\x21-\x7e]/g, "").slice(0, MAX_MSGID);
  const head = `<${FACILITY * 8 + severity}>1 ${entry.at ?? "-"} ${host} weft - ${action} - `;
  const whole = Buffer.from(head + JSON.stringify(entry));
  if (whole.length <= MAX_BYTES) return whole;
  return Buffer.from(head + JSON.stringify({ ...entry, before: null, after: null, isShortened: true }));
}

/** Returns a message with its length before it, as a stream of messages needs it (RFC 5425, section 4.3). */
export const framed = (message: Buffer): Buffer => Buffer.concat([Buffer.from(`${message.length} `), message]);

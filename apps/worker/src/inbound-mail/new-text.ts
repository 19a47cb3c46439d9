/** Beyond this, nothing is read. A comment has at most 10,000 characters. */
const MAX_CHARS = 200_000;
/** An attribution, such as "On Monday, Ada wrote:", can be broken into several lines. */
const MAX_ATTRIBUTION_LINES = 4;
const MAX_ATTRIBUTION_CHARS = 500;

/** The line that the emails of notifications begin with, possibly broken into several lines. */
const replyLine = /##- /;
/** Outlook repeats the headers of the quoted email. */
const fromHeader = /^[*_]{0,2}(?:From|Von|Van|De|Da|Från|Fra)\s?:[*_]{0,2}\s/i;
const dateHeader = /^[*_]{0,2}(?:Sent|Date|Gesendet|Datum|Verzonden|Envoyé|Enviado|Inviato|Skickat|Sendt)\s?:/i;
const originalMessage =
  /^-{2,}\s?(?:Original Message|Ursprüngliche Nachricht|Oorspronkelijk bericht|Message d'origine|Forwarded message)\s?-{2,}$/i;
const separator = /^[_-]{5,}$/;
const attribution =
  /(?:^|\s)(?:wrote|writes|schrieb|schreef|écrit|escribió|scritto|escreveu|skrev|kirjoitti|napisał|napisał\(a\))(?!\p{L}).*:$|@[^\s<>]+>.{0,40}:$/iu;
const attributionStart = /^(?:On|Am|Op|Le|El|Il|Em|Den|W dniu|Dnia)\s/i;

/**
 * Returns what the sender of a reply has written: the text above the quoted email, without its attribution, without other lines that begin with `>`, and
 * without a signature below `-- `. Each line is matched by itself, so the work is linear in the length of the text.
 */
export function newTextOf(text: string): string {
  const lines = cleaned(text.slice(0, MAX_CHARS)).split("\n");
  const end = lines.findIndex((line, at) => isSignature(line) || isQuoteStart(lines, at));
  const above = end === -1 ? lines : [...lines.slice(0, end), textBeforeReplyLine(lines[end] ?? "")];
  const last = above.findLastIndex((line) => line.trim() !== "" && !line.startsWith(">"));
  const written = above.slice(0, last + 1);
  const isQuoting = above.slice(last + 1).some((line) => line.startsWith(">")) || (end !== -1 && !isSignature(lines[end] ?? ""));
  return (isQuoting ? withoutAttribution(written) : written)
    .filter((line) => !line.startsWith(">"))
    .map((line) => line.trimEnd())
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** Returns the whole text of an email, quoted and forwarded emails included. */
export const wholeTextOf = (text: string): string =>
  cleaned(text.slice(0, MAX_CHARS))
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();

/** Text that was HTML can have the quoted email in the same line. */
const textBeforeReplyLine = (line: string): string => {
  const at = line.search(replyLine);
  return at > 0 ? line.slice(0, at) : "";
};

const isSignature = (line: string): boolean => line === "-- " || line === "--";

/** Without characters that a comment cannot contain: control characters, and those that change the direction of a text. */
const cleaned = (text: string): string =>
  text
    .replace(/\r\n?/g, "\n")
    .replace(/(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069\ufeff]/gu, "")
    .replace(/\u00a0/g, " ");

function isQuoteStart(lines: readonly string[], at: number): boolean {
  const line = (lines[at] ?? "").trim();
  if (replyLine.test(line) || originalMessage.test(line)) return true;
  const isHeader = (from: number): boolean =>
    fromHeader.test((lines[from] ?? "").trim()) && lines.slice(from + 1, from + 5).some((other) => dateHeader.test(other.trim()));
  return isHeader(at) || (separator.test(line) && isHeader(at + 1));
}

/** Without an attribution at the end. */
function withoutAttribution(lines: readonly string[]): readonly string[] {
  const last = lines.at(-1)?.trim() ?? "";
  if (last.length > MAX_ATTRIBUTION_CHARS || !attribution.test(last)) return lines;
  // The first line of the attribution: the nearest one that begins like one.
  for (let count = 1; count <= MAX_ATTRIBUTION_LINES; count++) {
    const line = lines.at(-count)?.trim() ?? "";
    if (line === "") break;
    if (attributionStart.test(line)) return lines.slice(0, -count);
  }
  return lines.slice(0, -1);
}

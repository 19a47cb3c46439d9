import type { DestinationStream } from "pino";

/** Maximum length of a line, and of a value in it. */
const maxLine = 600;
const maxValue = 240;
/** Longer runs of these characters are tokens, hashes and similar values. They are not useful to readers, and some are secrets. */
const longRun = /[\w.~+/=-]{48,}/g;
/** Control characters (including escape sequences), and characters that are invisible or change the direction of text. */
const unprintable = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

const levels: Readonly<Record<string, { readonly label: string; readonly color: number }>> = {
  trace: { label: "trace", color: 90 },
  debug: { label: "debug", color: 90 },
  info: { label: "info ", color: 32 },
  warn: { label: "warn ", color: 33 },
  error: { label: "error", color: 31 },
  fatal: { label: "fatal", color: 31 },
};

/** Redundant in the line, or only useful in a searchable log. */
const omitted = new Set(["level", "time", "msg", "err", "tenantId", "requestId", "transport", "checkpoint", "sessionId"]);

type Entry = Readonly<Record<string, unknown>>;

/**
 * Turns JSON log lines into readable lines for a terminal: one line per entry, limited in length, with tokens shortened. Text from callers is
 * escaped: escape sequences and line breaks are shown, never interpreted.
 */
export function prettyDestination(out: { write(text: string): unknown }, hasColors: boolean): DestinationStream {
  return {
    write: (line: string) => {
      out.write(`${prettyLine(JSON.parse(line) as Entry, hasColors)}\n`);
    },
  };
}

/** Returns one line for a log entry. For unexpected errors, the indented stack frames follow. */
export function prettyLine(entry: Entry, hasColors = false): string {
  const { label, color } = levels[textOf(entry["level"])] ?? { label: "?", color: 90 };
  const paint = (text: string, code: number): string => (hasColors ? `\u001b[${code}m${text}\u001b[0m` : text);
  const time = paint(clock(entry["time"]), 90);
  const text = entry["msg"] === "operation" ? operationText(entry) : plainText(entry);
  return `${time} ${paint(label, color)} ${shortened(text, maxLine)}${framesOf(entry)}`;
}

function operationText({ kind, operation, tenant, userId, durationMs, code, refusal }: Entry): string {
  const who = tenant === undefined ? "not logged in" : `${textOf(tenant)} ${tailOf(userId)}`;
  const outcome = refusal === undefined ? textOf(code) : `${textOf(code)}: ${textOf(refusal)}`;
  return `${kind === undefined ? "" : `${textOf(kind)} `}${textOf(operation)}  ${textOf(durationMs)} ms  ${who}  ${outcome}`;
}

function plainText(entry: Entry): string {
  const members = Object.entries(entry)
    .filter(([name, value]) => !omitted.has(name) && value !== "[redacted]")
    .map(([name, value]) => `${name}=${shortened(textOf(value), maxValue)}`);
  const { type, message } = (entry["err"] ?? {}) as { type?: unknown; message?: unknown };
  const cause = type === undefined || message === entry["msg"] ? "" : `: ${textOf(type)}: ${textOf(message)}`;
  return [`${textOf(entry["msg"])}${cause}`, ...members].join("  ");
}

/** Frames contain only names from our own code. Each gets its own indented line, so that callers' text cannot imitate one. */
function framesOf({ level, err }: Entry): string {
  const stack = (err as { stack?: unknown } | undefined)?.stack;
  if ((level !== "error" && level !== "fatal") || typeof stack !== "string" || stack === "") return "";
  const frames = stack.split("\n").slice(0, 8);
  return frames.map((frame) => `\n    ${printable(frame.trim()).slice(0, maxValue)}`).join("");
}

function clock(time: unknown): string {
  const at = new Date(textOf(time));
  return Number.isNaN(at.getTime()) ? "--:--:--" : at.toTimeString().slice(0, 8);
}

/** Returns the first and last four characters of an ID, enough to distinguish users in a demo. */
const tailOf = (id: unknown): string => (typeof id === "string" && id.length > 10 ? `${id.slice(0, 4)}…${id.slice(-4)}` : textOf(id));

function shortened(text: string, max: number): string {
  const readable = printable(text).replace(longRun, (run) => (looksLikePath(run) ? run : `${run.slice(0, 12)}…`));
  return readable.length > max ? `${readable.slice(0, max - 1)}…` : readable;
}

/** Keeps paths and URLs with short segments, so that the file of an email can be found. Tokens have a long segment. */
const looksLikePath = (run: string): boolean => run.includes("/") && run.split(/[/]/).every((part) => part.length < 48);

const printable = (text: string): string =>
  text.replace(unprintable, (character) =>
    character === "\n" ? "⏎" : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );

/** Returns a value as text: JSON for values other than strings, empty if absent. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined ? "" : JSON.stringify(value);
}

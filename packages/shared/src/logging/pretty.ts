import type { DestinationStream } from "pino";

/** Longest line, and longest value in it. */
const maxLine = 600;
const maxValue = 240;
/** Runs of such characters that are longer are tokens, hashes and the like: nobody reads them, and some are secrets. */
const longRun = /[\w.~+/=-]{48,}/g;
/** Control characters, escape sequences among them, and what changes the direction of text or cannot be seen. */
const unprintable = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

const levels: Readonly<Record<string, { readonly label: string; readonly colour: number }>> = {
  trace: { label: "trace", colour: 90 },
  debug: { label: "debug", colour: 90 },
  info: { label: "info ", colour: 32 },
  warn: { label: "warn ", colour: 33 },
  error: { label: "error", colour: 31 },
  fatal: { label: "fatal", colour: 31 },
};

/** Said by the rest of the line, or of no use without a log that can be searched. */
const omitted = new Set(["level", "time", "msg", "err", "tenantId", "requestId", "transport", "checkpoint", "sessionId"]);

type Entry = Readonly<Record<string, unknown>>;

/**
 * Turns the JSON lines of a log into lines that people read on a terminal: one for each entry, capped, tokens shortened. Whatever callers sent
 * stays text: escape sequences and line breaks are shown, never obeyed.
 */
export function prettyDestination(out: { write(text: string): unknown }, hasColours: boolean): DestinationStream {
  return {
    write: (line: string) => {
      out.write(`${prettyLine(JSON.parse(line) as Entry, hasColours)}\n`);
    },
  };
}

/** One line for an entry of the log; of errors that nobody expected the frames follow, indented. */
export function prettyLine(entry: Entry, hasColours = false): string {
  const { label, colour } = levels[textOf(entry["level"])] ?? { label: "?", colour: 90 };
  const paint = (text: string, code: number): string => (hasColours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const time = paint(clock(entry["time"]), 90);
  const text = entry["msg"] === "operation" ? operationText(entry) : plainText(entry);
  return `${time} ${paint(label, colour)} ${shortened(text, maxLine)}${framesOf(entry)}`;
}

function operationText({ kind, operation, tenant, userId, durationMs, code, refusal }: Entry): string {
  const who = tenant === undefined ? "nobody logged in" : `${textOf(tenant)} ${tailOf(userId)}`;
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

/** Frames name our own code only, and each gets a line that nothing of a caller can begin. */
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

/** The end of an id: enough to tell people apart in a demo. */
const tailOf = (id: unknown): string => (typeof id === "string" && id.length > 10 ? `${id.slice(0, 4)}…${id.slice(-4)}` : textOf(id));

function shortened(text: string, max: number): string {
  const readable = printable(text).replace(longRun, (run) => (looksLikePath(run) ? run : `${run.slice(0, 12)}…`));
  return readable.length > max ? `${readable.slice(0, max - 1)}…` : readable;
}

/** Paths and addresses of many short parts stay: a mail's file must be found. A token has a part that is long. */
const looksLikePath = (run: string): boolean => run.includes("/") && run.split(/[/]/).every((part) => part.length < 48);

const printable = (text: string): string =>
  text.replace(unprintable, (character) =>
    character === "\n" ? "⏎" : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );

/** A value as text: what is no text, as JSON; nothing for what is absent. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined ? "" : JSON.stringify(value);
}

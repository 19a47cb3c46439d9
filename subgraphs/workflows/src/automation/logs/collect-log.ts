import { storable } from "@weft/shared/texts";
import type { StepContext } from "../performers/performer.js";
import type { CollectedLine } from "./append-log.js";

/** Time between two writes of a step's log: a step that writes line after line must not cost a transaction for each. */
const FLUSH_MS = 1_000;
/** Limits of one attempt. The marker that says so is its last line. */
const MAX_LINES = 2_000;
const MAX_BYTES = 512 * 1024;
/** Longer lines are broken. */
const MAX_LINE_CHARS = 4_000;

const MARKER = `The log of the attempt ends here, because it has reached its limit of ${MAX_LINES} lines or ${MAX_BYTES} bytes.`;

export interface LogCollector {
  /** Adds text. A line is complete with its line break, or at the end. */
  readonly write: StepContext["log"];
  /** Completes the last lines, and writes what is left. */
  readonly close: () => Promise<void>;
}

export interface CollectorOptions {
  /** Writes lines. If it fails, they are written with the next ones. */
  readonly append: (lines: readonly CollectedLine[]) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
  readonly flushMs?: number;
}

/** Collects what a step logs, and writes it in batches. What is collected is bounded, however much a program writes. */
export function collectLog({ append, onFailure, flushMs = FLUSH_MS }: CollectorOptions): LogCollector {
  const open = new Map<CollectedLine["stream"], string>();
  let collected: CollectedLine[] = [];
  let count = 0;
  let bytes = 0;
  let isFull = false;
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();

  const add = (stream: string, text: string): void => {
    if (isFull) return;
    count++;
    bytes += Buffer.byteLength(text);
    isFull = count >= MAX_LINES || bytes >= MAX_BYTES;
    const at = new Date().toISOString();
    collected.push(isFull ? { stream: "system", text: MARKER, at } : { stream, text: storable(text), at });
    timer ??= setTimeout(() => void flush(), flushMs);
  };
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(async () => {
      const lines = collected;
      if (lines.length === 0) return;
      collected = [];
      try {
        await append(lines);
      } catch (error) {
        collected = [...lines, ...collected];
        onFailure(error);
      }
    });
    return writing;
  };
  return {
    write: (stream, text) => {
      if (isFull) return;
      const lines = `${open.get(stream) ?? ""}${text}`.split("\n");
      let rest = lines.pop() ?? "";
      for (const line of lines) for (const piece of broken(line)) add(stream, piece);
      for (; rest.length > MAX_LINE_CHARS; rest = rest.slice(MAX_LINE_CHARS)) add(stream, rest.slice(0, MAX_LINE_CHARS));
      open.set(stream, isFull ? "" : rest);
    },
    close: async () => {
      for (const [stream, rest] of open) if (rest !== "") add(stream, rest);
      open.clear();
      await flush();
      clearTimeout(timer);
    },
  };
}

/** The pieces of a line, one at least. */
function* broken(line: string): Generator<string> {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  yield text.slice(0, MAX_LINE_CHARS);
  for (let at = MAX_LINE_CHARS; at < text.length; at += MAX_LINE_CHARS) yield text.slice(at, at + MAX_LINE_CHARS);
}

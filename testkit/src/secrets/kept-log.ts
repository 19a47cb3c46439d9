import { stdout } from "node:process";

const levels = ["trace", "debug", "info", "warn", "error", "fatal"];
/** The rest of a longer log is not kept. */
const MOST_CHARACTERS = 50_000_000;

/** Receives log lines, and prints those from a level on. */
export interface KeptLog {
  write(line: string): void;
  /** Returns what was logged so far, up to a limit. */
  text(): string;
  /** Forgets what was logged so far. */
  clear(): void;
}

/** Creates a destination that keeps every line, so that a test can look for what must not be logged. */
export function keptLog(printedFrom: string): KeptLog {
  const lines: string[] = [];
  let length = 0;
  return {
    write(line) {
      if ((length += line.length) <= MOST_CHARACTERS) lines.push(line);
      const level = /^{"level":"(\w+)"/.exec(line)?.[1] ?? "";
      if (levels.includes(printedFrom) && levels.indexOf(level) >= levels.indexOf(printedFrom)) stdout.write(line);
    },
    text: () => lines.join(""),
    clear() {
      lines.length = 0;
      length = 0;
    },
  };
}

import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import type { ExitCode } from "./cli-error.js";

/** What a command reads and writes besides the network. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Whether a person sits at the terminal, whom a command can ask. */
  readonly isInteractive: boolean;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Whether results are JSON. */
  readonly isJson: boolean;
  /** Whether colors can be used in results. */
  readonly hasColor: boolean;
  /** Writes part of a result at once, for commands that go on. */
  write(line: string): void;
  /** Writes a message to standard error. */
  say(line: string): void;
  ask(question: string, options?: { readonly isHidden?: boolean }): Promise<string>;
  readStandardInput(): Promise<string>;
}

/** The result of a command: as data with a published schema, and as text for people. */
export interface Result<T = unknown> {
  readonly data: T;
  readonly text: string;
  readonly exitCode?: ExitCode;
}

/** Reads a line from the terminal. A hidden one is not echoed. */
export async function askTerminal(question: string, isHidden: boolean, signal: AbortSignal): Promise<string> {
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!isHidden) process.stderr.write(chunk);
      done();
    },
  });
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  if (isHidden) process.stderr.write(question);
  try {
    return await terminal.question(isHidden ? "" : question, { signal });
  } finally {
    terminal.close();
    if (isHidden) process.stderr.write("\n");
  }
}

export const readAll = (): Promise<string> => text(process.stdin);

const codes = { bold: 1, red: 31, green: 32, yellow: 33, dim: 2 } as const;

/** Colors a text if the result can have colors. */
export const paint = ({ hasColor }: Pick<Io, "hasColor">, color: keyof typeof codes, value: string): string =>
  hasColor ? `\u001b[${codes[color]}m${value}\u001b[0m` : value;

/** Removes control characters, with which texts of others could rewrite what the terminal shows. */
export const printable = (value: string): string => value.replaceAll(/[^\P{Cc}\t\n]/gu, "\u{fffd}");

/** Aligns the cells of rows in columns. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((all, row) => row.map((cell, at) => Math.max(all[at] ?? 0, cell.length)), []);
  return rows.map((row) => row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join("  ")).join("\n");
}

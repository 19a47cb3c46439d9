import { ConfigError } from "../config/load.js";
import { StartRefused } from "../config/start-refused.js";
import { type LoggedError, serializeError } from "./serialize-error.js";

/** What a process exits with when its configuration is wrong (EX_CONFIG of sysexits.h): starting it again would not help. */
const configurationRefused = 78;

/** An error as a person reads it on the terminal, with its causes; like the log without parameters of statements and values of rows. */
export function printableError(error: unknown): string {
  if (error instanceof ConfigError || error instanceof StartRefused) return error.message;
  const lines: string[] = [];
  for (let logged: LoggedError | undefined = serializeError(error); logged; logged = logged.cause) {
    const code = logged.code === undefined ? "" : ` (${logged.code})`;
    lines.push(`${lines.length > 0 ? "caused by " : ""}${logged.type}: ${logged.message}${code}`, ...(logged.stack ? [logged.stack] : []));
  }
  return lines.join("\n");
}

/**
 * Runs what a process's entry does. A start that fails is told on stderr by `printableError` and ends the process: Node's own report would print
 * every member of the error, and a failed statement carries its parameters, password hashes among them.
 */
export async function runMain(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    process.stderr.write(`${printableError(error)}\n`);
    const isFinal = error instanceof ConfigError || (error instanceof StartRefused && error.isFinal);
    process.exit(isFinal ? configurationRefused : 1);
  }
}

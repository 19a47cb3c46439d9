import { setFlagsFromString } from "node:v8";
import { ConfigError } from "../config/load.js";
import { StartRefused } from "../config/start-refused.js";
import { type LoggedError, serializeError } from "./serialize-error.js";

/** What a process exits with when its configuration is wrong (EX_CONFIG of sysexits.h): starting it again would not help. */
const configurationRefused = 78;

/**
 * While a process starts, nearly all that it makes stays, and V8 concludes that the literals there are best allocated among the old objects, for good. In a
 * server they are parts of requests: the old objects grew by 25 KB a request instead of 1.5, to be found by full collections only.
 */
const noPretenuring = "--no-allocation-site-pretenuring";

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
  setFlagsFromString(noPretenuring);
  try {
    await run();
  } catch (error) {
    process.stderr.write(`${printableError(error)}\n`);
    const isFinal = error instanceof ConfigError || (error instanceof StartRefused && error.isFinal);
    process.exit(isFinal ? configurationRefused : 1);
  }
}

import { setFlagsFromString } from "node:v8";
import { ConfigError } from "../config/load.js";
import { StartRefused } from "../config/start-refused.js";
import { type LoggedError, serializeError } from "./serialize-error.js";

/** Exit code for an invalid configuration (EX_CONFIG of sysexits.h). A restart would not help. */
const configurationRefused = 78;

/**
 * During startup, nearly all allocated objects survive, and V8 concludes permanently that the literals at these sites should be allocated in the old
 * generation. In a server, they are parts of requests: the old generation grew by 25 KB per request instead of 1.5 KB, and only full garbage
 * collections could free it.
 */
const noPretenuring = "--no-allocation-site-pretenuring";

/** Returns an error, including its causes, as readable text for the terminal. As in the log, parameters of statements and row values are removed. */
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
 * Runs the entry point of a process. If it fails, writes `printableError` to stderr and ends the process. Node's own report would print all members
 * of the error, and a failed statement carries its parameters, including password hashes.
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

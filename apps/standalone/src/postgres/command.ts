import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { PostgresStartError } from "./errors.js";

/** How to run a PostgreSQL program: the command prefix and the user. */
export interface Account {
  readonly prefix: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * Runs a PostgreSQL program until it exits, and returns its output. It has a process group of its own: a Ctrl-C, which reaches our whole group, would end
 * `pg_ctl` before the server that it starts or stops.
 *
 * @throws PostgresStartError with the program's own message if it fails or takes longer than `timeoutMs`.
 */
export async function runCommand(account: Account, program: string, args: readonly string[], timeoutMs = 120_000): Promise<string> {
  const { prefix, ...user } = account;
  const [command, ...rest] = [...prefix, program, ...args] as [string, ...string[]];
  const child = spawn(command, rest, {
    env: environment(),
    timeout: timeoutMs,
    detached: process.platform !== "win32",
    stdio: ["ignore", "pipe", "pipe"],
    ...user,
  });
  const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
  try {
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    const output = (await outputs).join("").trim();
    if (code === 0) return output;
    throw new PostgresStartError(output === "" ? `${program} ended with ${signal ?? `code ${code}`}.` : output);
  } catch (error) {
    if (error instanceof PostgresStartError) throw error;
    throw new PostgresStartError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/**
 * Our environment without PGPORT, PGDATA, and similar variables, which the programs would use. Messages are in English because we parse some of them.
 */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("PG"));
  return { ...Object.fromEntries(kept), LC_ALL: "C" };
}

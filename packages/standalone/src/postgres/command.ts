import { execFile } from "node:child_process";
import { PostgresStartError } from "./errors.js";

/** What to put in front of a PostgreSQL program, and as whom to run it. */
export interface Account {
  readonly prefix: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * Runs a PostgreSQL program to its end and gives what it printed.
 *
 * @throws PostgresStartError with the program's own words when it fails or takes longer than `timeoutMs`.
 */
export function runCommand(account: Account, program: string, args: readonly string[], timeoutMs = 120_000): Promise<string> {
  const [command, ...rest] = [...account.prefix, program, ...args] as [string, ...string[]];
  return new Promise((resolve, reject) => {
    execFile(
      command,
      rest,
      {
        env: environment(),
        timeout: timeoutMs,
        ...(account.uid === undefined ? {} : { uid: account.uid }),
        ...(account.gid === undefined ? {} : { gid: account.gid }),
      },
      (error, stdout, stderr) => {
        const output = `${stdout}${stderr}`.trim();
        if (!error) resolve(output);
        else reject(new PostgresStartError(output === "" ? error.message : output, { cause: error }));
      },
    );
  });
}

/** Ours without PGPORT, PGDATA and the like, which the programs would obey; messages in English, because we read some of them. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("PG"));
  return { ...Object.fromEntries(kept), LC_ALL: "C" };
}

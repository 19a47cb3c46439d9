import { execFile } from "node:child_process";
import { PostgresStartError } from "./errors.js";

/** How to run a PostgreSQL program: the command prefix and the user. */
export interface Account {
  readonly prefix: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * Runs a PostgreSQL program until it exits, and returns its output.
 *
 * @throws PostgresStartError with the program's own message if it fails or takes longer than `timeoutMs`.
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

/**
 * Our environment without PGPORT, PGDATA, and similar variables, which the programs would use. Messages are in English because we parse some of them.
 */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("PG"));
  return { ...Object.fromEntries(kept), LC_ALL: "C" };
}

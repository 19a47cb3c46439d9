import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { type OwnPostgres, startOwnPostgres } from "../postgres/own-postgres.js";
import { until } from "../until.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The shell of a reader in the root of the repository, with a data directory, a port, and a temporary folder of its own. */
export interface Shell {
  readonly root: string;
  readonly folder: string;
  readonly env: Record<string, string>;
  /** Runs a script until it ends. Returns its standard output. Fails if a command fails. */
  run(script: string): Promise<string>;
  /** Starts a program and waits until it writes the given text. It runs until the shell is closed. */
  start(script: string, text: string): Promise<void>;
  /** Starts PostgreSQL, creates a keys file, and migrates the database. */
  openDatabase(): Promise<void>;
  close(): Promise<void>;
}

/** `npx --yes pnpm NAME …` runs the script of `package.json`, as pnpm does, but without downloading pnpm. */
const npx = `#!/bin/sh
[ "$1 $2" = "--yes pnpm" ] || { echo "npx $* is not supported" >&2; exit 1; }
shift 2
script=$(node -p "require('${root}package.json').scripts['$1']")
shift
exec $script "$@"
`;

export async function openShell(): Promise<Shell> {
  const folder = mkdtempSync(join(tmpdir(), "weft-shell-"));
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "npx"), npx);
  chmodSync(join(bin, "npx"), 0o755);
  const port = await findFreePort();
  const env: Record<string, string> = {
    PATH: [bin, join(root, "node_modules/.bin"), process.env["PATH"] ?? ""].join(delimiter),
    PORT: String(port),
    WEFT_DATA_DIR: join(folder, "data"),
    WEFT_DOCS: "off",
    LOG_LEVEL: "warn",
  };
  const withPort = (script: string): string => script.replaceAll("http://127.0.0.1:4000", `http://127.0.0.1:${port}`);
  let started: ChildProcess | undefined;
  let postgres: OwnPostgres | undefined;

  const run = async (script: string): Promise<string> => {
    const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", withPort(script)], { cwd: root, env });
    return stdout;
  };
  return {
    root,
    folder,
    env,
    run,
    start: async (script, text) => {
      const child = spawn("bash", ["-c", `exec ${script}`], { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
      started = child;
      let said = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += String(chunk)));
      await until(() => said.includes(text) || child.exitCode !== null, { what: `"${script}" says "${text}"`, deadlineMs: 300_000 });
      if (!said.includes(text)) throw new Error(`"${script}" ended with: ${said}`);
    },
    openDatabase: async () => {
      postgres = await startOwnPostgres();
      Object.assign(env, { WEFT_KEYS_FILE: join(folder, "keys.json"), DATABASE_OWNER_URL: postgres.url });
      const { host } = new URL(postgres.url);
      env["DATABASE_URL"] = `postgres://weft_app@${host}/postgres`;
      await run(`npx --yes pnpm keys ${env["WEFT_KEYS_FILE"]}; npx --yes pnpm migrate`);
    },
    close: async () => {
      if (started?.exitCode === null) {
        const exit = once(started, "exit");
        started.kill("SIGTERM");
        await exit;
      }
      await postgres?.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

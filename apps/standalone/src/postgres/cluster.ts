import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PostgresBinaries } from "./binaries.js";
import { runCommand, type Account } from "./command.js";
import { PostgresStartError } from "./errors.js";

/** The superuser that initdb creates. The migrations create Weft's own roles. */
export const superuser = "postgres";

const passwordFile = "weft-password";
const settingsFile = "weft.conf";

/** Server settings by their PostgreSQL names, as in postgresql.conf. */
export type PostgresSettings = Readonly<Record<string, string | number>>;

/** Returns the major version of the cluster in this directory, or null if there is none yet. */
export function clusterVersion(dataDir: string): string | null {
  const file = join(dataDir, "PG_VERSION");
  return existsSync(file) ? readFileSync(file, "utf8").trim() : null;
}

/**
 * Creates a cluster. It is prepared next to the directory and moved into place when complete, so that a kill in between leaves nothing that looks
 * like a database.
 */
export async function initCluster(binaries: PostgresBinaries, account: Account, dataDir: string, sync: "sync" | "no-sync"): Promise<void> {
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0) {
    throw new PostgresStartError(
      `${dataDir} is not empty and is not a PostgreSQL data directory. Move it, or set WEFT_DATA_DIR to another directory.`,
    );
  }
  mkdirSync(dirname(dataDir), { recursive: true });
  const building = `${dataDir}.init`;
  const password = `${dataDir}.init-password`;
  rmSync(building, { recursive: true, force: true });
  try {
    mkdirSync(building, { mode: 0o700 });
    writeFileSync(password, randomBytes(24).toString("hex"), { mode: 0o600 });
    if (account.uid !== undefined && account.gid !== undefined) {
      for (const path of [building, password]) chownSync(path, account.uid, account.gid);
    }
    await runCommand(account, binaries.initdb, [
      `--pgdata=${building}`,
      `--username=${superuser}`,
      "--auth=scram-sha-256",
      `--pwfile=${password}`,
      "--encoding=UTF8",
      // Code point order everywhere. Only Linux is certain to have this locale in its C library.
      ...(process.platform === "linux" ? ["--locale=C.UTF-8"] : ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]),
      ...(sync === "no-sync" ? ["--no-sync"] : []),
    ]);
    writeFileSync(join(building, "postgresql.conf"), `\n# Written by Weft at each start.\ninclude_if_exists = '${settingsFile}'\n`, {
      flag: "a",
    });
    renameSync(password, join(building, passwordFile));
    renameSync(building, dataDir);
  } finally {
    rmSync(password, { force: true });
    rmSync(building, { recursive: true, force: true });
  }
}

/**
 * Returns the path of the server's socket file, in the data directory, which only its owner can enter. Returns undefined if there can be none: the
 * path of a socket has at most 103 bytes on all systems, and PostgreSQL separates several directories by commas.
 */
export function socketFile(dataDir: string, port: number): string | undefined {
  const path = join(dataDir, `.s.PGSQL.${port}`);
  return process.platform !== "win32" && Buffer.byteLength(path) <= 103 && !/[",]/.test(dataDir) ? path : undefined;
}

/** Writes the settings of this start. The server listens only on the loopback address and, if possible, on a socket file. */
export function writeSettings(dataDir: string, port: number, settings: PostgresSettings): void {
  const all: PostgresSettings = {
    lc_messages: "C",
    ...settings,
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: socketFile(dataDir, port) === undefined ? "" : dataDir,
    unix_socket_permissions: "0700",
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'\n`);
  const file = join(dataDir, settingsFile);
  writeFileSync(file, lines.join(""));
  const { uid, gid } = statSync(dataDir);
  if (process.getuid?.() === 0) chownSync(file, uid, gid);
}

/** Returns the connection URL of the superuser. The password was created with the cluster and never leaves its directory. */
export function superuserUrl(dataDir: string, port: number, database = "postgres"): string {
  const password = readFileSync(join(dataDir, passwordFile), "utf8").trim();
  return `postgres://${superuser}:${password}@127.0.0.1:${port}/${database}`;
}

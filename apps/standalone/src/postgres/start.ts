import { chownSync, closeSync, existsSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { chooseAccount } from "./account.js";
import { findPostgresBinaries, type PostgresBinaries } from "./binaries.js";
import { clusterVersion, initCluster, socketFile, superuserUrl, writeSettings, type PostgresSettings } from "./cluster.js";
import { runCommand, type Account } from "./command.js";
import { PostgresStartError } from "./errors.js";
import { ensureDatabase } from "./database.js";
import { findFreePort } from "./free-port.js";
import { readPidFile } from "./pid-file.js";

export interface StartPostgresOptions {
  /** The cluster's directory. Created if it does not exist. */
  readonly dataDir: string;
  /** TCP port on 127.0.0.1. Default: a free port. An adopted server keeps its port. */
  readonly port?: number;
  /** The database in the URL. Created if it does not exist. Default: `postgres`, which every cluster has. */
  readonly database?: string;
  /** Server settings by their names in postgresql.conf. An adopted server keeps its settings. */
  readonly settings?: PostgresSettings;
}

export interface RunningPostgres {
  /** URL of the superuser for `database`. Not for serving requests, because row-level security does not apply to it. */
  readonly url: string;
  readonly port: number;
  /** Directory of the socket file, on which a connection costs less than over TCP. Undefined if the server has none. */
  readonly socketDir: string | undefined;
  /** True if a server of this directory was already running, for example because its supervisor was killed. */
  readonly adopted: boolean;
  /** Stops the server, adopted or not. Open transactions are rolled back, and committed ones are kept. */
  stop(): Promise<void>;
}

const deadlineMs = 60_000;
const majorVersion = "18";

/**
 * Starts the PostgreSQL from npm on a data directory, or adopts the server that is running there. The server has its own session: signals to our
 * process group do not reach it, and it survives if we are killed.
 *
 * @throws PostgresStartError with instructions.
 */
export async function startPostgres({
  dataDir: given,
  port,
  database = "postgres",
  settings = {},
}: StartPostgresOptions): Promise<RunningPostgres> {
  const dataDir = resolve(given);
  const binaries = findPostgresBinaries();
  const account = await chooseAccount(dataDir);
  const version = clusterVersion(dataDir);
  if (version === null) await initCluster(binaries, account, dataDir, settings["fsync"] === "off" ? "no-sync" : "sync");
  else if (version !== majorVersion) {
    throw new PostgresStartError(
      `The data in ${dataDir} belongs to PostgreSQL ${version}, but this is PostgreSQL ${majorVersion}. ` +
        "Dump it with the old version and load it into the new one, or set DATABASE_URL to a server of the old version.",
    );
  }
  const running = await findRunning(dataDir);
  let actualPort: number;
  try {
    actualPort = running ?? (await startServer({ binaries, account, dataDir, settings, ...(port === undefined ? {} : { port }) }));
    if (database !== "postgres") await ensureDatabase(superuserUrl(dataDir, actualPort), database);
  } catch (error) {
    // Nobody else would stop it: the caller gets an error instead of the server.
    await stopServer(binaries, account, dataDir);
    throw error;
  }
  const socket = socketFile(dataDir, actualPort);
  return {
    url: superuserUrl(dataDir, actualPort, database),
    port: actualPort,
    // An adopted server may have been started by a version that used none.
    socketDir: socket !== undefined && existsSync(socket) ? dataDir : undefined,
    adopted: running !== null,
    stop: () => stopServer(binaries, account, dataDir),
  };
}

/**
 * Returns the port of a running server of this directory once it accepts connections. Returns null if there is none, after removing a stale PID file.
 */
async function findRunning(dataDir: string): Promise<number | null> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const found = readPidFile(dataDir);
    if (found.kind === "none") return null;
    if (found.kind === "stale") {
      rmSync(found.path, { force: true });
      return null;
    }
    if (found.status === "ready") return found.port;
    if (Date.now() > deadline) {
      throw new PostgresStartError(
        `The PostgreSQL server of ${dataDir} (process ${found.pid}) has been ${found.status} for more than a minute. ` +
          `Its log is ${logFile(dataDir)}. Stop that process, then start Weft again.`,
      );
    }
    await delay(50);
  }
}

interface ServerStart {
  readonly binaries: PostgresBinaries;
  readonly account: Account;
  readonly dataDir: string;
  readonly settings: PostgresSettings;
  readonly port?: number;
}

async function startServer({ binaries, account, dataDir, settings, port: wanted }: ServerStart): Promise<number> {
  const log = prepareLog(dataDir);
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const port = wanted ?? (await findFreePort());
    removeSocketFiles(dataDir);
    writeSettings(dataDir, port, settings);
    const logBefore = statSync(log).size;
    try {
      // pg_ctl also waits for the end of crash recovery.
      await runCommand(account, binaries.pgCtl, ["start", "-D", dataDir, "-w", "-t", "300", "-s", "-l", log], 310_000);
      return port;
    } catch (cause) {
      const said = readFileSync(log).subarray(logBefore).toString("utf8").trim();
      const portTaken = /could not bind|Address already in use/i.test(said);
      // After a kill -9 of the postmaster, its backends need a moment to notice. Until then, the shared memory is in use.
      const retry = (portTaken && wanted === undefined) || /shared memory|lock file/i.test(said);
      if (!retry || Date.now() > deadline) throw startError({ dataDir, log, said, port, portTaken, cause });
      await delay(200);
    }
  }
}

/**
 * Removes what a killed server left behind. PostgreSQL would refuse to start if the process ID in a lock file now belonged to another process, which is
 * often the case after a container restart.
 */
function removeSocketFiles(dataDir: string): void {
  for (const name of readdirSync(dataDir)) if (name.startsWith(".s.PGSQL.")) rmSync(join(dataDir, name), { force: true });
}

interface StartFailure {
  readonly dataDir: string;
  readonly log: string;
  readonly said: string;
  readonly port: number;
  readonly portTaken: boolean;
  readonly cause: unknown;
}

function startError({ dataDir, log, said, port, portTaken, cause }: StartFailure): PostgresStartError {
  const lines = said === "" ? (cause instanceof Error ? cause.message : String(cause)) : said.split("\n").slice(-12).join("\n");
  const help = portTaken ? `Port ${port} is in use; choose another one. ` : "";
  return new PostgresStartError(`PostgreSQL could not be started on ${dataDir}. ${help}Its log (${log}):\n${lines}`, { cause });
}

async function stopServer(binaries: PostgresBinaries, account: Account, dataDir: string): Promise<void> {
  if (readPidFile(dataDir).kind !== "live") return;
  try {
    await runCommand(account, binaries.pgCtl, ["stop", "-D", dataDir, "-m", "fast", "-w", "-t", "60", "-s"], 70_000);
  } catch (error) {
    const left = readPidFile(dataDir);
    // The server may have ended between the check and the signal.
    if (left.kind !== "live") return;
    // An immediate shutdown. The next start recovers what was committed. Without it, the server would run on without a parent.
    process.kill(left.pid, "SIGQUIT");
    throw error;
  }
}

function logFile(dataDir: string): string {
  return join(dataDir, "server.log");
}

/**
 * Returns the log file, to which each start appends. The previous log is kept when it exceeds 10 MB. The file must belong to the user that the server
 * runs as.
 */
function prepareLog(dataDir: string): string {
  const log = logFile(dataDir);
  if (existsSync(log) && statSync(log).size > 10_000_000) renameSync(log, `${log}.1`);
  closeSync(openSync(log, "a", 0o600));
  const { uid, gid } = statSync(dataDir);
  if (process.getuid?.() === 0) chownSync(log, uid, gid);
  return log;
}

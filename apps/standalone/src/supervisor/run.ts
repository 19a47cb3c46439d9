import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { PostgresStartError } from "../postgres/errors.js";
import { AlreadyRunning, DataDirUnusable, lockDataDir } from "./data-lock.js";
import { keepPostgres, type KeptPostgres } from "./postgres-keeper.js";
import { supervise, type Supervision, type SuperviseOptions } from "./supervise.js";

export interface RunOptions extends Pick<SuperviseOptions, "say" | "drainMs" | "backOffMs" | "steadyMs"> {
  readonly env: NodeJS.ProcessEnv;
  readonly dataDir: string;
  /** "own": PostgreSQL from npm in the data directory. "given": the server named in the configuration. */
  readonly database: "own" | "given";
  /** The script of the server child. */
  readonly script: string;
  /** A module that the server child loads before its script. */
  readonly preload?: string | undefined;
  /** Source of SIGINT, SIGTERM, and SIGHUP: the process, except in tests. */
  readonly signals: Pick<NodeJS.EventEmitter, "on" | "off">;
}

/**
 * Several times what the pools of the process need. The application's queries are too small for JIT compilation to pay off. A new database has no
 * statistics, and plans made without them may read a whole tenant with the wrong index, so autovacuum runs every ten seconds instead of every minute.
 */
const settings = { max_connections: 200, jit: "off", autovacuum_naptime: "10s" };

/**
 * Runs one-process mode: starts PostgreSQL (unless the configuration names a server), keeps the server child running, forwards the first stop signal
 * and waits for the drain, then stops PostgreSQL. A second signal stops the server immediately.
 *
 * @returns the exit code.
 */
export async function runSupervisor(options: RunOptions): Promise<number> {
  const { env, dataDir, say, signals } = options;
  let supervision: Supervision | undefined;
  let isStopping = false;
  const onSignal = (): void => {
    if (isStopping) say("Stopping now, without waiting for the server.");
    isStopping = true;
    supervision?.stop();
  };
  for (const signal of stopSignals) signals.on(signal, onSignal);
  let release: (() => void) | undefined;
  let postgres: KeptPostgres | undefined;
  try {
    release = lockDataDir(dataDir);
    if (options.database === "own")
      postgres = await keepPostgres({ dataDir: join(dataDir, "postgres"), database: "weft", settings }, { say });
    if (isStopping) return 0;
    supervision = supervise({ ...options, env: childEnvironment(env, dataDir, postgres), execArgv: execArgvOf(options) });
    return await supervision.ended;
  } catch (error) {
    if (!(error instanceof PostgresStartError || error instanceof AlreadyRunning || error instanceof DataDirUnusable)) throw error;
    say(error.message);
    return 1;
  } finally {
    await postgres?.stop();
    release?.();
    for (const signal of stopSignals) signals.off(signal, onSignal);
  }
}

const execArgvOf = ({ preload }: RunOptions): string[] => [
  "--enable-source-maps",
  ...(preload === undefined ? [] : ["--import", pathToFileURL(preload).href]),
];

const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function childEnvironment(env: NodeJS.ProcessEnv, dataDir: string, postgres: KeptPostgres | undefined): NodeJS.ProcessEnv {
  return {
    // Compiled code of the last start, which makes the next start a third faster.
    NODE_COMPILE_CACHE: join(dataDir, "compile-cache"),
    ...env,
    ...(postgres ? databaseEnvironment(postgres) : {}),
  };
}

/** The server's own connections use the socket file. Its roles and their passwords are the default ones. */
function databaseEnvironment({ url, socketDir }: KeptPostgres): NodeJS.ProcessEnv {
  if (socketDir === undefined) return { DATABASE_OWNER_URL: url };
  const onSocket = new URL(url);
  onSocket.username = onSocket.password = "";
  onSocket.searchParams.set("host", socketDir);
  return {
    DATABASE_OWNER_URL: url,
    DATABASE_URL: onSocket.href,
    DATABASE_WORKER_URL: onSocket.href,
    DATABASE_AUTH_URL: onSocket.href,
  };
}

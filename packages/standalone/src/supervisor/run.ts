import { extname, join } from "node:path";
import { PostgresStartError } from "../postgres/errors.js";
import { AlreadyRunning, DataDirUnusable, lockDataDir } from "./data-lock.js";
import { keepPostgres, type KeptPostgres } from "./postgres-keeper.js";
import { supervise, type Supervision, type SuperviseOptions } from "./supervise.js";

export interface RunOptions extends Pick<SuperviseOptions, "say" | "drainMs" | "backOffMs" | "steadyMs"> {
  readonly env: NodeJS.ProcessEnv;
  readonly dataDir: string;
  /** "own": PostgreSQL from npm in the data directory. "given": the configuration names a server. */
  readonly database: "own" | "given";
  /** The script of the server child. */
  readonly script: string;
  /** Where SIGINT, SIGTERM and SIGHUP come from: the process, except in tests. */
  readonly signals: Pick<NodeJS.EventEmitter, "on" | "off">;
}

/**
 * Enough for the pools of the one process several times over; query plans of an application are too small to be worth compiling. A new database has no
 * statistics, and what is planned without them may read a whole tenant by the wrong index: autovacuum comes by after ten seconds, in place of a minute.
 */
const settings = { max_connections: 200, jit: "off", autovacuum_naptime: "10s" };

/**
 * The one-process mode from outside: owns PostgreSQL (unless the configuration names one), keeps the server child running, passes the first
 * stop signal on and waits for the drain, then stops PostgreSQL. A second signal hurries.
 *
 * @returns the exit code.
 */
export async function runSupervisor(options: RunOptions): Promise<number> {
  const { env, dataDir, say, signals } = options;
  let supervision: Supervision | undefined;
  let isStopping = false;
  const onSignal = (): void => {
    if (isStopping) say("Hurrying: the server is not waited for.");
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
    supervision = supervise({ ...options, env: childEnvironment(env, dataDir, postgres), execArgv });
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

const execArgv = ["--enable-source-maps", "--import", new URL(`short-resolution${extname(import.meta.filename)}`, import.meta.url).href];

const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function childEnvironment(env: NodeJS.ProcessEnv, dataDir: string, postgres: KeptPostgres | undefined): NodeJS.ProcessEnv {
  return {
    // Compiled code of the last start: a second start loads a third faster.
    NODE_COMPILE_CACHE: join(dataDir, "compile-cache"),
    ...env,
    ...(postgres ? { DATABASE_OWNER_URL: postgres.url } : {}),
  };
}

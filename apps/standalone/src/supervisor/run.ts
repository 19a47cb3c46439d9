import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { PostgresStartError } from "../postgres/errors.js";
import { AlreadyRunning, DataDirUnusable, lockDataDir } from "./data-lock.js";
import { assertPortFree, PortBusy } from "./port.js";
import { databaseEnvironment, postgresSettings } from "./own-database.js";
import { keepPostgres, type KeptPostgres } from "./postgres-keeper.js";
import { supervise, type Supervision, type SuperviseOptions } from "./supervise.js";

export interface RunOptions extends Pick<SuperviseOptions, "say" | "drainMs" | "backOffMs" | "steadyMs"> {
  readonly env: NodeJS.ProcessEnv;
  readonly dataDir: string;
  /** "own": PostgreSQL from npm in the data directory. "given": the server named in the configuration. */
  readonly database: "own" | "given";
  /** Where the server listens. Port 0 is a free one. */
  readonly listen: { readonly port: number; readonly host: string };
  /** The script of the server child. */
  readonly script: string;
  /** A module that the server child loads before its script. */
  readonly preload?: string | undefined;
  /** Source of SIGINT, SIGTERM, and SIGHUP: the process, except in tests. */
  readonly signals: Pick<NodeJS.EventEmitter, "on" | "off">;
}

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
  let postgres: Promise<KeptPostgres> | undefined;
  try {
    release = lockDataDir(dataDir, options.listen.port);
    await assertPortFree(options.listen);
    if (isStopping) return 0;
    if (options.database === "own")
      postgres = keepPostgres({ dataDir: join(dataDir, "postgres"), database: "weft", settings: postgresSettings }, { say });
    // The server loads its modules while PostgreSQL starts.
    supervision = supervise({
      ...options,
      env: childEnvironment(env, dataDir),
      laterEnv: postgres?.then(databaseEnvironment),
      execArgv: execArgvOf(options),
    });
    postgres?.catch(() => supervision?.stop());
    const code = await supervision.ended;
    await postgres;
    return code;
  } catch (error) {
    if (
      !(
        error instanceof PostgresStartError ||
        error instanceof AlreadyRunning ||
        error instanceof PortBusy ||
        error instanceof DataDirUnusable
      )
    )
      throw error;
    say(error.message);
    return 1;
  } finally {
    await postgres?.then(
      (started) => started.stop(),
      () => undefined,
    );
    release?.();
    for (const signal of stopSignals) signals.off(signal, onSignal);
  }
}

const execArgvOf = ({ preload }: RunOptions): string[] => [
  "--enable-source-maps",
  ...(preload === undefined ? [] : ["--import", pathToFileURL(preload).href]),
];

const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function childEnvironment(env: NodeJS.ProcessEnv, dataDir: string): NodeJS.ProcessEnv {
  // Compiled code of the last start, which makes the next start a third faster.
  return { NODE_COMPILE_CACHE: join(dataDir, "compile-cache"), ...env };
}

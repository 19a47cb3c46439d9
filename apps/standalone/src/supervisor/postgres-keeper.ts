import { readPidFile } from "../postgres/pid-file.js";
import { startPostgres, type RunningPostgres, type StartPostgresOptions } from "../postgres/start.js";

/** The supervised PostgreSQL. */
export interface KeptPostgres {
  readonly url: string;
  readonly socketDir: string | undefined;
  readonly adopted: boolean;
  stop(): Promise<void>;
}

export interface KeepOptions {
  readonly say: (line: string) => void;
  /** Interval between checks. Default: one second. */
  readonly everyMs?: number;
}

/**
 * Starts PostgreSQL, and restarts it on the same port if its postmaster is gone. PostgreSQL itself recovers from a crash of a single backend. The
 * server's pools reconnect automatically.
 */
export async function keepPostgres(options: StartPostgresOptions, { say, everyMs = 1000 }: KeepOptions): Promise<KeptPostgres> {
  let running: RunningPostgres = await startPostgres(options);
  const { url, port, socketDir, adopted } = running;
  let isStopping = false;
  let revival: Promise<void> | undefined;

  const revive = async (): Promise<void> => {
    say("PostgreSQL has stopped; restarting it.");
    try {
      running = await startPostgres({ ...options, port });
      say("PostgreSQL is running again.");
    } catch (error) {
      say(`PostgreSQL could not be restarted; trying again: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const timer = setInterval(() => {
    if (isStopping || revival || readPidFile(options.dataDir).kind === "live") return;
    revival = revive().finally(() => {
      revival = undefined;
    });
  }, everyMs);

  return {
    url,
    socketDir,
    adopted,
    stop: async () => {
      isStopping = true;
      clearInterval(timer);
      await revival;
      await running.stop();
    },
  };
}

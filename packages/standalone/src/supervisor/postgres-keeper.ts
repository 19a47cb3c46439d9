import { readPidFile } from "../postgres/pid-file.js";
import { startPostgres, type RunningPostgres, type StartPostgresOptions } from "../postgres/start.js";

/** The supervised PostgreSQL. */
export interface KeptPostgres {
  readonly url: string;
  readonly adopted: boolean;
  stop(): Promise<void>;
}

export interface KeepOptions {
  readonly say: (line: string) => void;
  /** How often to look. Default: a second. */
  readonly everyMs?: number;
}

/**
 * Starts PostgreSQL, and starts it again on the same port when its postmaster is gone. (A crash of a single backend PostgreSQL repairs by
 * itself.) The server's pools reconnect on their own.
 */
export async function keepPostgres(options: StartPostgresOptions, { say, everyMs = 1000 }: KeepOptions): Promise<KeptPostgres> {
  let running: RunningPostgres = await startPostgres(options);
  const { url, port, adopted } = running;
  let isStopping = false;
  let revival: Promise<void> | undefined;

  const revive = async (): Promise<void> => {
    say("PostgreSQL is gone; starting it again.");
    try {
      running = await startPostgres({ ...options, port });
      say("PostgreSQL is back.");
    } catch (error) {
      say(`PostgreSQL did not come back, trying again: ${error instanceof Error ? error.message : String(error)}`);
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
    adopted,
    stop: async () => {
      isStopping = true;
      clearInterval(timer);
      await revival;
      await running.stop();
    },
  };
}

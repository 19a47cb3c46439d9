import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPidFile } from "@weft/standalone/postgres/pid-file";
import { startPostgres, type RunningPostgres, type StartPostgresOptions } from "@weft/standalone/postgres/start";
import { until } from "./until.js";

/** A PostgreSQL server that belongs to one test file: it may be restarted, killed and filled as the test likes. */
export interface OwnPostgres {
  /** Of the superuser. The port stays the same over restarts. */
  readonly url: string;
  readonly port: number;
  /** Stops and starts it again; open connections are cut. */
  restart(): Promise<void>;
  /** kill -9 of the postmaster, then a start with crash recovery. */
  crash(): Promise<void>;
  /** Stops it and deletes its data. */
  remove(): Promise<void>;
}

/** Starts a fresh server in a temporary directory. By default without fsync: only a crash of the machine would lose data. */
export async function startOwnPostgres(settings: StartPostgresOptions["settings"] = {}): Promise<OwnPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "weft-own-postgres-"));
  const options = { dataDir: join(folder, "data"), settings: { fsync: "off", shared_buffers: "32MB", ...settings } };
  let server: RunningPostgres = await startPostgres(options);
  const { url, port } = server;
  const startAgain = async (): Promise<void> => {
    server = await startPostgres({ ...options, port });
  };
  return {
    url,
    port,
    restart: async () => {
      await server.stop();
      await startAgain();
    },
    crash: async () => {
      const found = readPidFile(options.dataDir);
      if (found.kind === "live") process.kill(found.pid, "SIGKILL");
      await until(() => readPidFile(options.dataDir).kind !== "live", { what: "the postmaster is gone" });
      await startAgain();
    },
    remove: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPidFile } from "@weft/standalone/postgres/pid-file";
import { startPostgres, type RunningPostgres, type StartPostgresOptions } from "@weft/standalone/postgres/start";
import { copyPrivateFolder } from "../files/copy-private-folder.js";
import { until } from "../until.js";
import { watchServer } from "./watch-server.js";

/** A PostgreSQL server for a single test file, which the test can restart, kill and fill. */
export interface OwnPostgres {
  /** URL of the superuser. The port does not change when the server restarts. */
  readonly url: string;
  readonly port: number;
  /** Stops the server and starts it again. Open connections are closed. */
  restart(): Promise<void>;
  /** Kills the postmaster with kill -9, then starts the server with crash recovery. */
  crash(): Promise<void>;
  /** Stops the server and deletes its data. */
  remove(): Promise<void>;
}

/**
 * Starts a new server in a temporary directory. By default without fsync: only a crash of the machine would lose data.
 *
 * @param copyOf data directory of a server that is not running, which the new one begins with; else it is empty
 */
export async function startOwnPostgres(settings: StartPostgresOptions["settings"] = {}, copyOf?: string): Promise<OwnPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "weft-own-postgres-"));
  if (copyOf !== undefined) copyPrivateFolder(copyOf, join(folder, "data"));
  const options = { dataDir: join(folder, "data"), settings: { fsync: "off", shared_buffers: "32MB", ...settings } };
  const watcher = watchServer(options.dataDir);
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
      watcher.release(0);
    },
  };
}

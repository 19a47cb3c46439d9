import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Keys } from "@weft/platform/config";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import type { TestWeft } from "../test-weft.js";
import { weftProcess, type WeftProcess } from "./weft-process.js";

export interface WorkerOptions {
  /** Settings by name. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Offsets of the process's clock in milliseconds. It jumps from one to the next every 100 ms. Default: the true time. */
  readonly clockOffsetsMs?: readonly number[];
}

export interface WorkerProcess extends WeftProcess {
  /** Arms chaos points of the running process. See `chaos` in packages/platform. */
  arm(points: string): void;
  /** Whether a chaos point has stopped it. */
  isStopped(): boolean;
  /** Continues a process that a chaos point has stopped. */
  resume(): void;
}

/** Worker processes of a Weft whose own worker has been stopped. */
export interface WorkerProcesses {
  /** Starts one more. */
  start(options?: WorkerOptions): Promise<WorkerProcess>;
  /** Kills all of them. */
  stop(): Promise<void>;
}

/**
 * Stops the background work of a test's Weft, and returns processes that do it instead, which a test can kill. They find due work by polling, because
 * there is no Redis. Requires a previous `tsc -b`.
 */
export async function workerProcessesOf({ weft, keys, database }: TestWeft): Promise<WorkerProcesses> {
  await weft.worker.stop();
  const folder = mkdtempSync(join(tmpdir(), "weft-workers-"));
  const keysFile = join(folder, "keys.json");
  writeFileSync(keysFile, JSON.stringify(keysFileOf(keys)), { mode: 0o600 });
  const shift = fileURLToPath(new URL("../../dist/processes/shifted-clock.js", import.meta.url));
  const all: WorkerProcess[] = [];
  return {
    start: async ({ settings = {}, clockOffsetsMs = [] } = {}) => {
      const port = await findFreePort();
      const name = `worker ${all.length + 1}`;
      const chaosFile = join(folder, `chaos-${all.length + 1}`);
      const env = {
        WEFT_MODE: "demo",
        WEFT_SANDBOX: "off",
        LOG_FORMAT: "json",
        LOG_LEVEL: "warn",
        WEFT_KEYS_FILE: keysFile,
        WEFT_DATA_DIR: folder,
        WEFT_SUBGRAPH_PORT: String(port),
        DATABASE_URL: database.socketUrls.appUrl,
        DATABASE_WORKER_URL: database.socketUrls.workerUrl,
        DATABASE_AUTH_URL: database.socketUrls.authUrl,
        DATABASE_POOL_SIZE: "6",
        NODE_OPTIONS: ["--conditions=weft-chaos", ...(clockOffsetsMs.length > 0 ? [`--import=${shift}`] : [])].join(" "),
        WEFT_CHAOS_FILE: chaosFile,
        WEFT_TEST_CLOCK_OFFSETS_MS: clockOffsetsMs.join(","),
        ...settings,
      };
      const inner = weftProcess({ name, program: "apps/worker/dist/main.js", env }, `http://127.0.0.1:${port}`);
      const worker: WorkerProcess = {
        ...inner,
        arm: (points) => writeFileSync(chaosFile, points),
        isStopped: () => execFileSync("ps", ["-o", "stat=", "-p", String(inner.pid())], { encoding: "utf8" }).startsWith("T"),
        resume: () => void process.kill(inner.pid(), "SIGCONT"),
      };
      all.push(worker);
      await worker.start();
      return worker;
    },
    stop: async () => {
      await Promise.all(all.map((worker) => worker.end("SIGKILL")));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Content of a keys file with these keys. */
export function keysFileOf({ access, checkpoint, refresh, cursor, internalCall, masterKey, databasePasswords }: Keys): object {
  const text = (key: Buffer): string => key.toString("base64url");
  return {
    madeFor: "demo",
    access,
    checkpoint,
    refresh: text(refresh),
    cursor: text(cursor),
    internalCall: text(internalCall),
    masterKey: text(masterKey),
    databasePasswords,
  };
}

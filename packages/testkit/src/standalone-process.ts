import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { superuserUrl } from "@weft/standalone/postgres/cluster";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { readPidFile } from "@weft/standalone/postgres/pid-file";
import { until } from "./until.js";
import { type ProcessOptions, weftProcess, type WeftProcess } from "./weft-process.js";

export interface StandaloneOptions {
  /** main: as `pnpm start` runs it, with its supervisor and PostgreSQL. server: the server child alone, on a database that the settings name. */
  readonly program?: "main" | "server";
  readonly settings?: Readonly<Record<string, string>>;
}

/** The one-process mode as a user starts it, in a data directory of its own. Needs `tsc -b` before. */
export interface StandaloneProcess extends WeftProcess {
  readonly env: Readonly<Record<string, string>>;
  /** Sees everything: a superuser's connection to its own PostgreSQL. */
  ownerUrl(): string;
  /** Of the server child that the supervisor runs now; fails while there is none. */
  serverPid(): number;
  /** Waits until it serves again; after a kill of the server by another process than before. */
  ready(formerServerPid?: number): Promise<void>;
  /** Arms chaos points of the running server; see `chaos` of shared. */
  arm(points: string): void;
  /** Another one with the same data and port, as who starts it twice by mistake. */
  twin(): WeftProcess;
  /** Stops it and deletes its data. Returns its exit code. */
  remove(): Promise<number | null>;
}

export async function standaloneProcess({ program = "main", settings = {} }: StandaloneOptions = {}): Promise<StandaloneProcess> {
  const folder = mkdtempSync(join(tmpdir(), "weft-standalone-"));
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const dataDir = join(folder, "data");
  const chaosFile = join(folder, "chaos");
  const env = {
    PORT: String(port),
    WEFT_DATA_DIR: dataDir,
    LOG_LEVEL: "warn",
    LOG_FORMAT: "json",
    // Tests count what they make themselves.
    WEFT_DEMO_DATA: "minimal",
    LIMIT_SOCKETS_PER_ADDRESS: "1000",
    LIMIT_CONNECTIONS_PER_ADDRESS: "2000",
    LIMIT_REFUSALS_PER_SECOND: "1000000",
    LIMIT_ANONYMOUS_OPERATIONS_PER_MINUTE: "1000000",
    LIMIT_ANONYMOUS_BYTES_PER_MINUTE: "1000000000",
    PASSWORD_MEMORY_KIB: "8",
    PASSWORD_PASSES: "1",
    NODE_OPTIONS: "--conditions=weft-chaos",
    WEFT_CHAOS_FILE: chaosFile,
    ...settings,
  };
  const options: ProcessOptions = {
    name: `standalone ${program}`,
    program: `packages/standalone/dist/${program}.js`,
    env,
    isForeground: program === "main",
  };
  const inner = weftProcess(options, url);
  const serverPid = (): number => (program === "server" ? inner.pid() : childNamed(inner.pid(), "server.js"));
  return {
    ...inner,
    env,
    start: async () => {
      await inner.start();
      // When it says so it has told everything, the demo logins too.
      await until(() => inner.output().includes("Weft is up"), {
        what: `the start is complete; it said ${inner.output().slice(-2_000)}`,
        deadlineMs: 150_000,
      });
    },
    ownerUrl: () => {
      const found = readPidFile(join(dataDir, "postgres"));
      if (found.kind !== "live" || found.status !== "ready")
        throw new Error(`PostgreSQL of ${dataDir} is not there: ${JSON.stringify(found)}`);
      return superuserUrl(join(dataDir, "postgres"), found.port, "weft");
    },
    serverPid,
    ready: async (former) => {
      const answers = async (): Promise<boolean> => {
        if (former !== undefined && serverPid() === former) return false;
        const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(1_000) });
        return response.ok;
      };
      await until(answers, { what: `it is ready again; it said ${inner.output().slice(-2_000)}`, deadlineMs: 150_000, everyMs: 50 });
    },
    arm: (points) => writeFileSync(chaosFile, points),
    twin: () => weftProcess(options, url),
    remove: async () => {
      const code = await inner.end("SIGTERM");
      rmSync(folder, { recursive: true, force: true });
      return code;
    },
  };
}

/** The child of a process whose command line has this word. */
function childNamed(parent: number, word: string): number {
  const list = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" });
  for (const line of list.split("\n")) {
    const [pid, ppid, ...args] = line.trim().split(/\s+/);
    if (Number(ppid) === parent && args.some((arg) => arg.endsWith(word))) return Number(pid);
  }
  throw new Error(`Process ${parent} has no child ${word}.`);
}

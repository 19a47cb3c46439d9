import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { superuserUrl } from "@weft/standalone/postgres/cluster";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { readPidFile } from "@weft/standalone/postgres/pid-file";
import { copyPrivateFolder } from "../files/copy-private-folder.js";
import { seedOf } from "../postgres/seeds.js";
import { until } from "../until.js";
import { type ProcessOptions, weftProcess, type WeftProcess } from "./weft-process.js";

export interface StandaloneOptions {
  /** main: as run by `pnpm start`, with its supervisor and PostgreSQL. server: only the server child process, on a database given by the settings. */
  readonly program?: "main" | "server";
  readonly settings?: Readonly<Record<string, string>>;
  /** Command that runs it. See `ProcessOptions`. */
  readonly runBy?: readonly string[];
}

/** The one-process mode as a user starts it, in a separate data directory. Requires a previous `tsc -b`. */
export interface StandaloneProcess extends WeftProcess {
  readonly env: Readonly<Record<string, string>>;
  /** Returns the URL of a superuser on its own PostgreSQL, who sees everything. */
  ownerUrl(): string;
  /** Returns the process ID of the server child that the supervisor currently runs. Fails if there is none. */
  serverPid(): number;
  /** Waits until it is ready again. After the server was killed, pass its process ID to wait for a different process. */
  ready(formerServerPid?: number): Promise<void>;
  /** Arms chaos points of the running server. See `chaos` in packages/platform. */
  arm(points: string): void;
  /** Returns a second instance with the same data and port, as if started twice by mistake. */
  twin(): WeftProcess;
  /** Stops it and deletes its data. Returns the exit code. */
  remove(): Promise<number | null>;
}

export async function standaloneProcess({
  program = "main",
  settings = {},
  runBy = [],
}: StandaloneOptions = {}): Promise<StandaloneProcess> {
  const folder = mkdtempSync(join(tmpdir(), "weft-standalone-"));
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const dataDir = join(folder, "data");
  const chaosFile = join(folder, "chaos");
  const seed = seedOf(settings["DATABASE_OWNER_URL"]);
  if (seed !== undefined) copyPrivateFolder(seed, dataDir);
  const compileCache = process.env["NODE_COMPILE_CACHE"];
  const env = {
    // Tests that kill a server start it dozens of times, and a killed process does not save the code that it has compiled. Any that ends by itself does.
    ...(compileCache !== undefined && { NODE_COMPILE_CACHE: compileCache }),
    PORT: String(port),
    WEFT_DATA_DIR: dataDir,
    LOG_LEVEL: "warn",
    LOG_FORMAT: "json",
    // Tests count only what they create themselves.
    WEFT_DEMO_DATA: "minimal",
    LIMIT_SOCKETS_PER_ADDRESS: "1000",
    LIMIT_CONNECTIONS_PER_ADDRESS: "2000",
    LIMIT_CONNECTIONS_PER_USER: "2000",
    LIMIT_REFUSALS_PER_SECOND: "1000000",
    LIMIT_RATE_USER: "none",
    LIMIT_RATE_API_KEY: "none",
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
    program: `apps/standalone/dist/${program}.js`,
    env,
    runBy,
    isForeground: program === "main",
  };
  const inner = weftProcess(options, url);
  const serverPid = (): number => (program === "server" ? inner.pid() : childNamed(inner.pid(), "server.js"));
  return {
    ...inner,
    env,
    start: async () => {
      await inner.start();
      // This is the last line of the start, after the demo logins.
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

/** Returns the child of a process whose command line contains this word. */
function childNamed(parent: number, word: string): number {
  const list = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" });
  for (const line of list.split("\n")) {
    const [pid, ppid, ...args] = line.trim().split(/\s+/);
    if (Number(ppid) === parent && args.some((arg) => arg.endsWith(word))) return Number(pid);
  }
  throw new Error(`Process ${parent} has no child ${word}.`);
}

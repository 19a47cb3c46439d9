import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { until } from "./until.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

export interface ProcessOptions {
  /** For messages. */
  readonly name: string;
  /** A built program, from the root of the workspace: `gateway/dist/main.js`. */
  readonly program: string;
  readonly args?: readonly string[];
  /** The whole environment, PATH apart: nothing of the test's own leaks in. */
  readonly env: Readonly<Record<string, string>>;
  /** In a process group of its own, as a terminal's foreground job: `interrupt` reaches it all. */
  readonly isForeground?: boolean;
}

/** How a program that ran to its end went. */
export interface Finished {
  readonly code: number | null;
  readonly output: string;
}

/** A process of Weft that serves until it is told to stop. */
export interface WeftProcess {
  readonly name: string;
  readonly url: string;
  /** What it has written so far, both streams. */
  readonly output: () => string;
  /** Resolves when its health says that it lives. After `end` it starts another process with the same settings. */
  start(): Promise<void>;
  /** Of the process that runs now. */
  readonly pid: () => number;
  /** Waits until it has ended by itself; the exit code. */
  ended(): Promise<number | null>;
  /** Ctrl-C: SIGINT to the whole group of a foreground process. */
  interrupt(): void;
  /** Ends it by this signal and waits for that; the exit code, null when the signal killed it or it never ran. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Runs a built program to its end; `input` goes to its standard input. */
export async function runProgram({ program, args = [], env }: Omit<ProcessOptions, "name">, input = ""): Promise<Finished> {
  const child = launch({ program, args, env });
  const output = collect(child);
  // A program that ends without reading is no failure of the test's.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(input);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output: output() };
}

/** A built program that serves at `url` once it is started. */
export function weftProcess({ name, ...options }: ProcessOptions, url: string): WeftProcess {
  let child: ChildProcess | undefined;
  let output = (): string => "";

  return {
    name,
    url,
    output: () => output(),
    pid: () => child?.pid ?? 0,
    ended: async () => {
      if (child !== undefined && !hasEnded(child)) await once(child, "exit");
      return child?.exitCode ?? null;
    },
    interrupt: () => {
      if (child?.pid !== undefined) process.kill(-child.pid, "SIGINT");
    },
    start: async () => {
      const started = launch(options);
      child = started;
      output = collect(started);
      started.stdin?.end();
      await until(
        async () => {
          if (hasEnded(started)) return true;
          const response = await fetch(`${url}/health/live`, { signal: AbortSignal.timeout(1_000) });
          return response.ok;
        },
        { what: `${name} lives at ${url}`, deadlineMs: 150_000, everyMs: 50 },
      );
      if (hasEnded(started)) throw new Error(`${name} ended before it was ready:\n${output()}`);
    },
    end: async (signal) => {
      if (child === undefined || hasEnded(child)) return child?.exitCode ?? null;
      const exit = once(child, "exit");
      child.kill(signal);
      const [code] = (await exit) as [number | null];
      return code;
    },
  };
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

const running = new Set<ChildProcess>();
// Of a test that is itself killed in a hurry nothing shall stay behind.
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

function launch({ program, args = [], env, isForeground = false }: Omit<ProcessOptions, "name">): ChildProcess {
  const child = spawn(process.execPath, ["--enable-source-maps", program, ...args], {
    cwd: root,
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["pipe", "pipe", "pipe"],
    detached: isForeground,
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

function collect(child: ChildProcess): () => string {
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => (said = `${said}${chunk.toString("utf8")}`.slice(-50_000)));
  }
  return () => said;
}

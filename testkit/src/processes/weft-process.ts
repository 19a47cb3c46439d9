import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { until } from "../until.js";
import { bundleOf } from "./bundler.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

export interface ProcessOptions {
  /** Name for messages. */
  readonly name: string;
  /** A built program, relative to the root of the workspace: `gateway/dist/main.js`. Its bundle runs. Or the path of a bundle. */
  readonly program: string;
  readonly args?: readonly string[];
  /** The whole environment except PATH, so that the test's own environment does not leak in. */
  readonly env: Readonly<Record<string, string>>;
  /** Command that runs the program, which follows as its last arguments. It must replace itself by the program. Default: none. */
  readonly runBy?: readonly string[];
  /** Whether it runs in its own process group, like a foreground job of a terminal. `interrupt` reaches the whole group. */
  readonly isForeground?: boolean;
}

/** Result of a program that ran to its end. */
export interface Finished {
  readonly code: number | null;
  readonly output: string;
}

/** A Weft process that serves until it is stopped. */
export interface WeftProcess {
  readonly name: string;
  readonly url: string;
  /** Returns its output so far, from both streams. */
  readonly output: () => string;
  /** Resolves when the health check reports that it is alive. After `end`, starts another process with the same settings. */
  start(): Promise<void>;
  /** Returns the process ID of the currently running process. */
  readonly pid: () => number;
  /** Waits until it ends on its own. Returns the exit code. */
  ended(): Promise<number | null>;
  /** Ctrl-C: sends SIGINT to the whole group of a foreground process. */
  interrupt(): void;
  /** Sends this signal and waits until it ends. Returns the exit code, or null if the signal killed it or it never ran. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Runs a built program to its end. `input` is sent to its standard input. */
export async function runProgram({ program, args = [], env }: Omit<ProcessOptions, "name">, input = ""): Promise<Finished> {
  const child = launch({ program: await bundleOf(program), args, env });
  const output = collect(child);
  // A program that ends without reading its input is not a failure of the test.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(input);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output: output() };
}

/** Returns a built program that serves at `url` after it is started. */
export function weftProcess({ name, program, ...options }: ProcessOptions, url: string): WeftProcess {
  let child: ChildProcess | undefined;
  let launching: Promise<ChildProcess> | undefined;
  let output = (): string => "";

  return {
    name,
    url,
    output: () => output(),
    pid: () => child?.pid ?? 0,
    ended: async () => {
      await launching;
      if (child !== undefined) await ending.get(child);
      return child?.exitCode ?? null;
    },
    interrupt: () => {
      if (child?.pid !== undefined) process.kill(-child.pid, "SIGINT");
    },
    start: async () => {
      launching = bundleOf(program).then((file) => (child = launch({ program: file, ...options })));
      const started = await launching;
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
      await launching?.catch(() => undefined);
      if (child === undefined) return null;
      if (!hasEnded(child)) child.kill(signal);
      await ending.get(child);
      return child.exitCode;
    },
  };
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Resolves when the process has ended and its output was read. */
const ending = new WeakMap<ChildProcess, Promise<void>>();

async function endOf(child: ChildProcess): Promise<void> {
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await new Promise<void>((resolve) => child.once("exit", () => resolve()));
  // A child of its own that lives on can keep the output open.
  await Promise.race([closed, delay(1_000, undefined, { ref: false })]);
}

const running = new Set<ChildProcess>();
// If the test process is itself ended early, no child process must be left behind.
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

function launch({ program, args = [], env, runBy = [], isForeground = false }: Omit<ProcessOptions, "name">): ChildProcess {
  const [command = "", ...rest] = [...runBy, process.execPath, "--enable-source-maps", program, ...args];
  const child = spawn(command, rest, {
    cwd: root,
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["pipe", "pipe", "pipe"],
    detached: isForeground,
  });
  running.add(child);
  ending.set(child, endOf(child));
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

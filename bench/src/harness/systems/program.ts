import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { processSeconds } from "../processor-time.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** A program in a separate process. */
export interface Program {
  readonly pid: number;
  /** Returns its output so far. */
  readonly output: () => string;
  readonly hasEnded: () => boolean;
  /** Returns the processor time of all its threads so far, in seconds, with a resolution of a hundredth. */
  spentSeconds(): number;
  /** Collects its garbage. Returns the memory of its JavaScript objects and buffers in KiB. */
  liveKib(): Promise<number>;
  /** Sends SIGTERM and waits for the end. After 20 seconds sends SIGKILL. */
  stop(): Promise<void>;
}

/**
 * Starts a built program, given its path from the root. `env` is its whole environment except PATH. `liveKib` requires `canReportMemory`, which makes
 * garbage collections visible to the program and is off by default. `options` are further ones of Node.js.
 */
export function startProgram(
  path: string,
  env: Readonly<Record<string, string>>,
  { canReportMemory = false, options = [] }: { readonly canReportMemory?: boolean; readonly options?: readonly string[] } = {},
): Program {
  const reporting = canReportMemory ? ["--expose-gc", "--import", new URL("../../processes/report-memory.js", import.meta.url).href] : [];
  const child = spawn(process.execPath, ["--enable-source-maps", ...reporting, ...options, path], {
    cwd: root,
    env: { PATH: process.env["PATH"], NODE_ENV: "production", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (said = `${said}${chunk.toString("utf8")}`.slice(-20_000)));
  const killOnExit = (): void => void child.kill("SIGKILL");
  process.once("exit", killOnExit);
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    pid: child.pid ?? -1,
    output: () => said,
    hasEnded,
    spentSeconds: () => processSeconds([child.pid ?? -1]),
    liveKib: async () => {
      const reported = (): string[] => [...said.matchAll(/live bytes: (\d+)/g)].map(([, bytes]) => bytes ?? "");
      const before = reported().length;
      child.kill("SIGUSR2");
      while (reported().length === before) await delay(20);
      return Number(reported().at(-1)) / 1024;
    },
    stop: async () => {
      process.off("exit", killOnExit);
      if (hasEnded()) return;
      const exit = once(child, "exit");
      child.kill("SIGTERM");
      const hurry = setTimeout(() => child.kill("SIGKILL"), 20_000);
      await exit;
      clearTimeout(hurry);
    },
  };
}

/**
 * Sends requests to a starting program until it answers.
 * @throws Error with its output if it ended or two minutes have passed (on a busy machine a start takes one)
 */
export async function firstAnswer<T>(program: Program, ask: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + 120_000;
  for (;;) {
    try {
      return await ask();
    } catch (cause) {
      if (program.hasEnded() || performance.now() > deadline)
        throw new Error(`A program did not answer; it said:\n${program.output()}`, { cause });
    }
    await delay(2);
  }
}

/** Returns the memory of a process and its descendants in MiB: the sum of their resident sets, which counts shared libraries more than once. */
export const residentMiB = (pid: number): number => treeOf(pid).reduce((sum, { kib }) => sum + kib, 0) / 1024;

/** Returns the process and its descendants. */
export const descendantsOf = (pid: number): number[] => treeOf(pid).map(({ id }) => id);

function treeOf(pid: number): { readonly id: number; readonly kib: number }[] {
  const processes = execFileSync("ps", ["-A", "-o", "pid=,ppid=,rss="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const under = (wanted: number): { id: number; kib: number }[] =>
    processes.flatMap(([id = 0, parent = 0, kib = 0]) => (id === wanted ? [{ id, kib }] : parent === wanted ? under(id) : []));
  return under(pid);
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { ProgramEnd, ProgramRun } from "./program.js";
import type { RunnerMessage, RunnerTask } from "./runner-process.js";

const script = fileURLToPath(new URL(`runner-process${extname(import.meta.filename)}`, import.meta.url));

/** Time for the runner to end after it was told to. Then it is killed, which ends the sandbox, too. */
const GRACE_MS = 15_000;
/** Characters of an unfinished line after which it is passed on. */
const MAX_LINE = 16_384;

/** PostgreSQL's JSON has neither NUL nor lone surrogates. */
const storable = (value: string): string => value.replaceAll("\u0000", "\uFFFD").toWellFormed();

/** Runs a task in a runner of its own. Ends when nothing is left of the program. */
export async function runProgram(task: RunnerTask, { signal, onOutput }: ProgramRun): Promise<ProgramEnd> {
  const runner = spawn(process.execPath, ["--max-old-space-size=64", script], { env: {}, cwd: "/", stdio: ["pipe", "pipe", "pipe"] });
  const closed = once(runner, "close");
  const complaint = text(runner.stderr);
  runner.stdin.on("error", () => undefined);
  runner.stdin.write(`${JSON.stringify(task)}\n`);
  let killing: NodeJS.Timeout | undefined;
  const stop = (): void => {
    runner.stdin.end();
    killing = setTimeout(() => runner.kill("SIGKILL"), GRACE_MS);
  };
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });

  const written = { stdout: new Lines((line) => onOutput("stdout", line)), stderr: new Lines((line) => onOutput("stderr", line)) };
  let end: Extract<RunnerMessage, { kind: "ended" }> | undefined;
  try {
    for await (const line of createInterface({ input: runner.stdout })) {
      const message = messageOf(line);
      if (message?.kind === "ended") end = message;
      else if (message) written[message.stream].add(storable(message.text));
    }
    await closed;
  } finally {
    signal.removeEventListener("abort", stop);
    clearTimeout(killing);
    runner.kill("SIGKILL");
  }
  const [stdout, stderr] = [written.stdout.end(), written.stderr.end()];
  if (!end) {
    const said = storable(await complaint).trim();
    return { stoppedBy: "lost", exitCode: null, stdout, stderr: stderr || said, processorMs: 0, memoryBytes: 0 };
  }
  const { stoppedBy, exitCode, processorMs, memoryBytes } = end;
  return { stoppedBy, exitCode, stdout, stderr, processorMs, memoryBytes };
}

const reasons: readonly unknown[] = [null, "output", "memory", "processor", "time", "aborted"];
const isAmount = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value) && value >= 0;

/** A message of the runner. Undefined: it is none, for example because the runner was killed while it wrote it. */
function messageOf(line: string): RunnerMessage | undefined {
  let message: Readonly<Record<string, unknown>> | null;
  try {
    message = JSON.parse(line) as typeof message;
  } catch {
    return undefined;
  }
  const isOutput =
    message?.["kind"] === "output" && ["stdout", "stderr"].includes(String(message["stream"])) && typeof message["text"] === "string";
  const isEnd =
    message?.["kind"] === "ended" &&
    reasons.includes(message["stoppedBy"]) &&
    (message["exitCode"] === null || isAmount(message["exitCode"])) &&
    isAmount(message["processorMs"]) &&
    isAmount(message["memoryBytes"]);
  return isOutput || isEnd ? (message as unknown as RunnerMessage) : undefined;
}

/** Collects what a program writes, and passes whole lines on: what is removed from logs is found in lines. */
class Lines {
  readonly #onLines: (lines: string) => void;
  readonly #parts: string[] = [];
  #unfinished = "";

  constructor(onLines: (lines: string) => void) {
    this.#onLines = onLines;
  }

  add(part: string): void {
    this.#parts.push(part);
    this.#unfinished += part;
    const end = this.#unfinished.length > MAX_LINE ? this.#unfinished.length : this.#unfinished.lastIndexOf("\n") + 1;
    if (end === 0) return;
    this.#onLines(this.#unfinished.slice(0, end));
    this.#unfinished = this.#unfinished.slice(end);
  }

  /** Returns all that was written. */
  end(): string {
    if (this.#unfinished !== "") this.#onLines(this.#unfinished);
    return this.#parts.join("");
  }
}

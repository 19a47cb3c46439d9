import { spawn } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { storable } from "@weft/shared/texts";
import type { ProgramEnd, ProgramNetwork, ProgramRun } from "./program.js";
import type { NetworkAnswer } from "./runner-network.js";
import type { ProgramUse, RunnerAnswer, RunnerMessage, RunnerTask } from "./runner-process.js";

const script = fileURLToPath(new URL(`runner-process${extname(import.meta.filename)}`, import.meta.url));

/** Time for the runner to end after it was told to. Then it is killed, which ends the sandbox, too. */
const GRACE_MS = 15_000;
/** Characters of an unfinished line after which it is passed on. */
const MAX_LINE = 16_384;

/**
 * Runs a task in a runner of its own. Ends when nothing is left of the program.
 * @param network decides what the program reaches; null if the task has no network
 */
export async function runProgram(task: RunnerTask, network: ProgramNetwork | null, { signal, onOutput }: ProgramRun): Promise<ProgramEnd> {
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
  let used: ProgramUse = { processorMs: 0, memoryBytes: 0, sentBytes: 0, receivedBytes: 0 };
  let calls = 0;
  const answer = async ({ id, target }: Extract<RunnerMessage, { kind: "connect" }>): Promise<void> => {
    // An error must not end the worker, and never allows anything.
    const decided: NetworkAnswer = (await network?.decide(target).catch(() => UNDECIDED)) ?? NO_NETWORK;
    if (decided.kind === "allowed") calls++;
    const said: RunnerAnswer = { id, answer: decided };
    if (runner.stdin.writable) runner.stdin.write(`${JSON.stringify(said)}\n`);
  };
  try {
    for await (const line of createInterface({ input: runner.stdout })) {
      const message = messageOf(line);
      if (message?.kind === "ended") end = message;
      else if (message?.kind === "connect") void answer(message);
      else if (message?.kind === "refused") network?.onRefused(message.written, message.refusal);
      else if (message?.kind === "networkLost") network?.onLost();
      else if (message?.kind === "used") used = message;
      else if (message) written[message.stream].add(storable(message.text));
    }
    await closed;
  } finally {
    signal.removeEventListener("abort", stop);
    clearTimeout(killing);
    runner.kill("SIGKILL");
  }
  const [stdout, stderr] = [written.stdout.end(), written.stderr.end()];
  const { processorMs, memoryBytes, sentBytes, receivedBytes } = end ?? used;
  const use = { processorMs, memoryBytes, calls, sentBytes, receivedBytes };
  if (end) return { stoppedBy: end.stoppedBy, exitCode: end.exitCode, stdout, stderr, ...use };
  const said = storable(await complaint).trim();
  return { stoppedBy: "lost", exitCode: null, stdout, stderr: stderr || said, ...use };
}

const UNDECIDED: NetworkAnswer = { kind: "unreachable", message: "The target could not be checked." };
const NO_NETWORK: NetworkAnswer = { kind: "refused", rule: "network", message: "The program has no network." };

const reasons: readonly unknown[] = [null, "output", "memory", "processor", "time", "aborted"];
const rules: readonly unknown[] = ["domains", "outbound", "network"];
const isAmount = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value) && value >= 0;
const isText = (value: unknown, max: number): boolean => typeof value === "string" && value.length <= max;

type Members = Readonly<Record<string, unknown>>;
const membersOf = (value: unknown): Members => (typeof value === "object" && value !== null ? (value as Members) : {});

const isUse = (amounts: Members): boolean =>
  ["processorMs", "memoryBytes", "sentBytes", "receivedBytes"].every((name) => isAmount(amounts[name]));

/** What each kind of message must contain. */
const isMessage: Readonly<Record<RunnerMessage["kind"], (message: Members) => boolean>> = {
  output: ({ stream, text }) => (stream === "stdout" || stream === "stderr") && typeof text === "string",
  connect: ({ id, target }) => {
    const { host, port, isTunnel, written } = membersOf(target);
    return isAmount(id) && isText(host, 255) && isAmount(port) && typeof isTunnel === "boolean" && isText(written, 300);
  },
  refused: ({ written, refusal }) => {
    const { rule, message } = membersOf(refusal);
    return isText(written, 300) && rules.includes(rule) && isText(message, 300);
  },
  networkLost: () => true,
  used: (message) => isUse(message),
  ended: ({ stoppedBy, exitCode, ...amounts }) =>
    reasons.includes(stoppedBy) && (exitCode === null || isAmount(exitCode)) && isUse(amounts),
};

/** A message of the runner. Undefined: it is none, for example because the runner was killed while it wrote it. */
function messageOf(line: string): RunnerMessage | undefined {
  try {
    const message = membersOf(JSON.parse(line));
    const kind = String(message["kind"]);
    return Object.hasOwn(isMessage, kind) && isMessage[kind as RunnerMessage["kind"]](message) ? (message as RunnerMessage) : undefined;
  } catch {
    return undefined;
  }
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

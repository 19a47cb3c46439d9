/**
 * Runs one program in the sandbox, in a process of its own: a runner per program, so that it knows the secrets of one step only. It has no environment
 * and no connection to a database. When it ends, for whatever reason, the sandbox ends as well.
 *
 * Reads a `RunnerTask` as one line of JSON from the standard input, whose end tells it to stop. Lines after it are `RunnerAnswer`s. Writes `RunnerMessage`s
 * as lines of JSON. It imports no other module, except for a program with a network, so that it starts fast, and can start from its source.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { extname } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { setInterval } from "node:timers";
import { setTimeout as delay } from "node:timers/promises";
import type * as Network from "./runner-network.js";
import type { NetworkAnswer, NetworkRefusal, NetworkTarget, NetworkTask, ProxyProcess } from "./runner-network.js";

export interface RunnerTask {
  readonly command: readonly string[];
  /** What the command reads from its descriptors, in base64. */
  readonly inputs: readonly (readonly [descriptor: number, base64: string])[];
  /** Descriptor at which bubblewrap says which process is the first of the sandbox. */
  readonly infoDescriptor: number;
  readonly outputBytes: number;
  readonly memoryBytes: number;
  readonly processorMs: number;
  readonly wallMs: number;
  /** Null: the program has no network. */
  readonly network: NetworkTask | null;
}

/** The answer to a message `connect`. */
export interface RunnerAnswer {
  readonly id: number;
  readonly answer: NetworkAnswer;
}

/** What a program has used. */
export interface ProgramUse {
  readonly processorMs: number;
  readonly memoryBytes: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

export type RunnerMessage =
  | { readonly kind: "output"; readonly stream: "stdout" | "stderr"; readonly text: string }
  /** The program wants to reach something. The runner waits for the answer. */
  | { readonly kind: "connect"; readonly id: number; readonly target: NetworkTarget }
  /** The proxy has refused something itself. */
  | { readonly kind: "refused"; readonly written: string; readonly refusal: NetworkRefusal }
  /** The proxy has ended before the program, which reaches nothing any more. */
  | { readonly kind: "networkLost" }
  /** Is said from time to time, for a runner that ends before it says how the program has ended. */
  | ({ readonly kind: "used" } & ProgramUse)
  | ({
      readonly kind: "ended";
      readonly stoppedBy: "output" | "memory" | "processor" | "time" | "aborted" | null;
      readonly exitCode: number | null;
    } & ProgramUse);

type Limit = "output" | "memory" | "processor" | "time" | "aborted";

/** Time between two samples of the processes. Programs allocate a few dozen megabytes in it. */
const SAMPLE_MS = 20;
/** Time between two messages about what the program has used. */
const USE_MS = 500;
/** Samples whose highest sum of processor time counts. */
const SAMPLES_COMPARED = 3;
/** Processes that one sample counts. There are never so many: the limit is far lower. */
const MAX_PROCESSES = 10_000;
/** Time for the last process of a sandbox to disappear after it was killed. */
const DEATH_MS = 10_000;
const O_CLOEXEC = 0o2000000;
/** Milliseconds of the unit in which the kernel counts the time of processes. */
const UNIT_MS = 10;

const say = (message: RunnerMessage, onSaid?: () => void): void => void process.stdout.write(`${JSON.stringify(message)}\n`, onSaid);

async function main(): Promise<void> {
  closeInherited();
  // The programs inherit both: the API goes first, and a machine without memory ends them first.
  setPriority(10);
  writeFileSync("/proc/self/oom_score_adj", "1000");
  const lines = createInterface({ input: process.stdin });
  const stopping = new AbortController();
  lines.once("close", () => stopping.abort());
  const task = await new Promise<RunnerTask>((resolve, reject) => {
    lines.once("line", (line) => resolve(JSON.parse(line) as RunnerTask));
    lines.once("close", () => reject(new Error("There is no task.")));
  });
  const { network } = task;
  const [command = "", ...given] = task.command;
  const inputs = new Map(task.inputs);
  const last = Math.max(task.infoDescriptor, network?.blockDescriptor ?? 0, ...inputs.keys());
  const child = spawn(command, given, {
    cwd: "/",
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    stdio: Array<"pipe">(last + 1).fill("pipe"),
    // A group of its own, so that it can be killed before it has said which process is the first of the sandbox.
    detached: true,
  });
  const watch = new Watch(child, task);
  const stop = (): void => watch.stop("aborted");
  // The end can come together with the task.
  if (stopping.signal.aborted) stop();
  else stopping.signal.addEventListener("abort", stop);
  child.stdin?.end();
  for (let descriptor = 3; descriptor <= last; descriptor++) {
    const stream = child.stdio[descriptor] as Writable & Readable;
    // The sandbox can end before it has read everything. Its end says why.
    stream.on("error", () => undefined);
    if (descriptor === task.infoDescriptor) watch.readInfo(stream);
    else if (descriptor !== network?.blockDescriptor) stream.end(Buffer.from(inputs.get(descriptor) ?? "", "base64"));
  }
  if (network) await openNetwork(network, { watch, child, lines });
  say(await watch.ended(), () => process.exit(0));
}

/** Opens the network of the sandbox, and lets the program begin. */
async function openNetwork(
  { blockDescriptor, ...task }: NetworkTask,
  { watch, child, lines }: { readonly watch: Watch; readonly child: ChildProcess; readonly lines: Interface },
): Promise<void> {
  const module = import(`./runner-network${extname(import.meta.filename)}`) as Promise<typeof Network>;
  const { ProxyProcess } = await module;
  const asked = new Map<number, (answer: NetworkAnswer) => void>();
  lines.on("line", (line) => {
    const { id, answer } = JSON.parse(line) as RunnerAnswer;
    asked.get(id)?.(answer);
    asked.delete(id);
  });
  let count = 0;
  const proxy = new ProxyProcess({
    ask: (target) =>
      new Promise((resolve) => {
        asked.set(++count, resolve);
        say({ kind: "connect", id: count, target });
      }),
    onRefused: (written, refusal) => say({ kind: "refused", written, refusal }),
    onLost: () => say({ kind: "networkLost" }),
  });
  try {
    const first = await watch.first;
    // The sandbox has ended before it began. Its end says why.
    if (first === null) return;
    await proxy.open(task, { creator: child, first });
  } catch (error) {
    if (watch.isEnding) return;
    throw error;
  }
  watch.watchProxy(proxy);
  (child.stdio[blockDescriptor] as Writable).end("begin");
}

/** Closes what the worker has inherited itself, such as a lock of its service manager: programs would inherit it, too. Files of Node.js are not inherited. */
function closeInherited(): void {
  for (const name of readdirSync("/proc/self/fd")) {
    const descriptor = Number(name);
    const flags = /^flags:\s+([0-7]+)$/m.exec(about("self", `fdinfo/${descriptor}`))?.[1];
    if (descriptor > 2 && flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0) closeSync(descriptor);
  }
}

/** The processes of a sandbox, from its start until nothing is left of it. */
class Watch {
  readonly #child: ChildProcess;
  readonly #task: RunnerTask;
  readonly #socketBytes = bytesOfSocket();
  readonly #exit: Promise<number | null>;
  readonly #output: Promise<unknown>;
  /** The first process of the sandbox. Null: the sandbox has ended without one. */
  readonly first: Promise<number | null>;
  #proxy: ProxyProcess | null = null;
  /** Processor time of the start of the proxy, which is not the program's. */
  #proxyStartMs = 0;
  #first: number | null = null;
  #onFirst: (first: number | null) => void = () => undefined;
  #stoppedBy: Limit | null = null;
  #outputBytes = 0;
  #processorMs = 0;
  #memoryBytes = 0;
  /** Processor time of all processes together, in the last samples. */
  readonly #samples: number[] = [];
  /** Processor time of processes that nobody waited for, so that no living one has it. */
  #hiddenMs = 0;

  constructor(child: ChildProcess, task: RunnerTask) {
    this.#child = child;
    this.#task = task;
    this.#exit = new Promise((resolve) => {
      child.once("error", () => resolve(null));
      child.once("exit", (code, signal) => resolve(signal === null ? code : null));
    });
    this.first = new Promise((resolve) => {
      this.#onFirst = resolve;
      void this.#exit.then(() => resolve(null));
    });
    this.#output = Promise.all([this.#forward("stdout"), this.#forward("stderr")]);
    const sampling = setInterval(() => this.#sample(), SAMPLE_MS);
    const telling = setInterval(() => say({ kind: "used", ...this.#use }), USE_MS);
    const ending = setTimeout(() => this.stop("time"), task.wallMs);
    void this.#exit.finally(() => {
      clearInterval(sampling);
      clearInterval(telling);
      clearTimeout(ending);
    });
  }

  readInfo(stream: Readable): void {
    let text = "";
    stream.setEncoding("utf8").on("data", (data: string) => {
      text += data;
      const found = /"child-pid"\s*:\s*(\d+)/.exec(text)?.[1];
      if (found === undefined) return;
      this.#first = Number(found);
      this.#onFirst(this.#first);
      if (this.#stoppedBy) this.stop(this.#stoppedBy);
    });
  }

  /** What the proxy does from now on counts as the program's, except for its memory, which has a limit of its own. */
  watchProxy(proxy: ProxyProcess): void {
    this.#proxy = proxy;
    this.#proxyStartMs = processorTimeOf(proxy.id);
  }

  get #use(): ProgramUse {
    const { sentBytes = 0, receivedBytes = 0 } = this.#proxy?.use ?? {};
    return { processorMs: this.#processorMs, memoryBytes: this.#memoryBytes, sentBytes, receivedBytes };
  }

  get isEnding(): boolean {
    return this.#stoppedBy !== null || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  stop(reason: Limit): void {
    this.#stoppedBy ??= reason;
    // What prepares the sandbox belongs to the group, up to bubblewrap's process that waits until the first one is known. Without this it would wait for ever.
    if (this.#child.pid !== undefined) killed(-this.#child.pid);
    this.#kill();
  }

  /** Resolves when no process of the sandbox exists any more. Its file system ends with them. */
  async ended(): Promise<RunnerMessage> {
    const exitCode = await this.#exit;
    // Bubblewrap ends with the program, and its death kills what the program has left behind. That takes a moment.
    this.#kill();
    const deadline = Date.now() + DEATH_MS;
    while (this.#first !== null && exists(this.#first)) {
      if (Date.now() > deadline) throw new Error(`Process ${this.#first} does not end.`);
      await delay(2);
    }
    await this.#output;
    await this.#proxy?.end();
    return { kind: "ended", stoppedBy: this.#stoppedBy, exitCode, ...this.#use };
  }

  /** The first process of a namespace takes all others with it. */
  #kill(): void {
    if (this.#first !== null) killed(this.#first);
    this.#child.kill("SIGKILL");
  }

  async #forward(stream: "stdout" | "stderr"): Promise<void> {
    const decoder = new StringDecoder("utf8");
    const pass = (text: string): void => void (text !== "" && say({ kind: "output", stream, text }));
    for await (const chunk of (this.#child[stream] ?? []) as AsyncIterable<Buffer>) {
      const room = Math.max(0, this.#task.outputBytes - this.#outputBytes);
      this.#outputBytes += chunk.length;
      pass(decoder.write(chunk.subarray(0, room)));
      if (chunk.length > room) this.stop("output");
    }
    pass(decoder.end());
  }

  #sample(): void {
    if (this.#first === null) return;
    const processes = descendantsOf(this.#first);
    const sockets = Math.max(0, socketsOf(this.#first) - 2 * (this.#proxy?.use.sockets ?? 0)) * this.#socketBytes;
    let memory = processes.reduce((sum, id) => sum + memoryOf(id), sockets);
    // Pages that processes share count once. This is exact, and takes longer.
    if (memory > this.#task.memoryBytes) memory = processes.reduce((sum, id) => sum + shareOf(id), sockets);
    this.#processorMs = Math.max(this.#processorMs, this.#processorTime(processes));
    this.#memoryBytes = Math.max(this.#memoryBytes, memory);
    if (this.#memoryBytes > this.#task.memoryBytes) this.stop("memory");
    if (this.#processorMs > this.#task.processorMs) this.stop("processor");
  }

  /**
   * Processor time of the processes, living and ended. That of an ended one is its parent's, unless the parent ignores the ends of its children: then the
   * sum falls, by what has been lost. A process that ends while a sample is taken can be missing in a single sum, so the highest of some counts.
   */
  #processorTime(processes: readonly number[]): number {
    const before = Math.max(0, ...this.#samples);
    const ofProxy = this.#proxy ? Math.max(0, processorTimeOf(this.#proxy.id) - this.#proxyStartMs) : 0;
    this.#samples.push(processes.reduce((sum, id) => sum + processorTimeOf(id), ofProxy));
    if (this.#samples.length > SAMPLES_COMPARED) this.#samples.shift();
    const now = Math.max(...this.#samples);
    this.#hiddenMs += Math.max(0, before - now);
    return this.#hiddenMs + now;
  }
}

function killed(id: number): void {
  try {
    process.kill(id, "SIGKILL");
  } catch {
    // It has ended.
  }
}

/** Text of a file about a process; empty if the process has ended. */
const about = (id: number | string, name: string): string => textOf(`/proc/${id}/${name}`);

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Fields of `stat` after the name of the program, which can contain anything. */
const statOf = (id: number): string[] => {
  const text = about(id, "stat");
  return text === "" ? [] : text.slice(text.lastIndexOf(")") + 2).split(" ");
};

/** Whether the process is more than an entry that waits for its parent. */
function exists(id: number): boolean {
  const [state] = statOf(id);
  return state !== undefined && state !== "Z" && state !== "X";
}

function descendantsOf(first: number): number[] {
  const found = [first];
  for (const id of found) {
    if (found.length > MAX_PROCESSES) break;
    for (const thread of threadsOf(id)) {
      const children = about(id, `task/${thread}/children`).split(" ").map(Number).filter(Boolean);
      found.push(...children);
    }
  }
  return found;
}

function threadsOf(id: number): string[] {
  try {
    return readdirSync(`/proc/${id}/task`);
  } catch {
    return [];
  }
}

/** Processor time of a process, and of its children that have ended. */
function processorTimeOf(id: number): number {
  const fields = statOf(id).slice(11, 15);
  return fields.reduce((sum, units) => sum + Number(units) * UNIT_MS, 0);
}

/** Memory of a process that is its own or shared, and the kernel's tables of it, without the files that it maps. */
const memoryOf = (id: number): number => kilobytesOf(about(id, "status"), /^(?:Rss(?:Anon|Shmem)|VmPTE):\s+(\d+) kB$/gm);

/** The same, with its share of what it shares. A process can hide it: then all of it counts. */
function shareOf(id: number): number {
  const text = about(id, "smaps_rollup");
  if (text === "") return memoryOf(id);
  return kilobytesOf(text, /^Pss_(?:Anon|Shmem):\s+(\d+) kB$/gm) + kilobytesOf(about(id, "status"), /^VmPTE:\s+(\d+) kB$/gm);
}

/**
 * Sockets of the sandbox, which has a network of its own: all of them count, also those that are on their way to another process. Those of TCP count twice,
 * because one that is closed can still hold what it has to send, and is then in the second figure only.
 */
function socketsOf(first: number): number {
  const text = about(first, "net/sockstat");
  return Number(/^sockets: used (\d+)$/m.exec(text)?.[1] ?? 0) + Number(/^TCP: inuse (\d+) /m.exec(text)?.[1] ?? 0);
}

/** Most memory that the buffers of one socket hold: those of a message that begins when there is nearly no room are as large again. */
const bytesOfSocket = (): number => 2 * (Number(textOf("/proc/sys/net/core/wmem_default")) || 212_992);

const kilobytesOf = (text: string, pattern: RegExp): number =>
  [...text.matchAll(pattern)].reduce((sum, [, kilobytes]) => sum + Number(kilobytes) * 1024, 0);

await main();

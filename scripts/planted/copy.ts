import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type FailedTest, firstFailedTest, type Report } from "./failed-test.ts";
import type { Suite } from "./patch.ts";

/** Time that vitest has to stop its servers after a signal. */
const stopMs = 10_000;
/** Length of the output that is kept for the message about a run without a failed test. */
const keptChars = 4_000;

/** What a run showed. */
export type Outcome =
  | { readonly kind: "passed" }
  | { readonly kind: "failed"; readonly test: FailedTest }
  /** The run failed, but no test did. */
  | { readonly kind: "broken"; readonly output: string };

/** A clone of the repository in a temporary folder, so that a patch changes no file that somebody works on. */
export class Copy {
  readonly #folder: string;
  #running: ChildProcess | undefined;
  #isStopped = false;

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), "weft-planted-"));
  }

  /** Clones the current commit, and installs its packages. */
  async fill(root: string): Promise<void> {
    await this.#must("git", "clone", "--quiet", root, this.#folder);
    // pnpm adds itself to the PATH of its scripts.
    await this.#must("pnpm", "install", "--frozen-lockfile", "--prefer-offline");
  }

  apply(patch: string): Promise<void> {
    return this.#must("git", "apply", patch);
  }

  /** Also removes files that the patch or a run has created. Ignored files stay: installed packages, and what the compiler can use again. */
  async reset(): Promise<void> {
    await this.#must("git", "checkout", "--quiet", "--", ".");
    await this.#must("git", "clean", "--quiet", "--force", "-d");
  }

  /** Runs test files of one suite, or the whole suite up to its first failure. */
  async test(suite: Suite, files: readonly string[]): Promise<Outcome> {
    if (suite === "distributed" || suite === "hard") {
      // Their processes run what the compiler and the bundler write.
      const { status, output } = await this.#run("tsc", "-b");
      if (status !== 0) return { kind: "broken", output };
    }
    const path = join(this.#folder, ".weft-test/planted.json");
    rmSync(path, { force: true });
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${path}`];
    // With files named, `pnpm test` runs their slow tests, too.
    const mode = suite === "test" ? ["--tags-filter", "!slow"] : ["--mode", suite];
    const { status, output } = await this.#run(
      "vitest",
      "run",
      ...mode,
      ...files,
      ...(files.length === 0 ? ["--bail", "1"] : []),
      ...reporters,
    );
    if (status === 0) return { kind: "passed" };
    const test = existsSync(path) ? firstFailedTest(JSON.parse(readFileSync(path, "utf8")) as Report, this.#folder) : null;
    return test === null ? { kind: "broken", output } : { kind: "failed", test };
  }

  /** Ends what runs, and removes the folder. */
  async remove(): Promise<void> {
    this.#isStopped = true;
    const child = this.#running;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      this.#signal(child, "SIGTERM");
      const forced = setTimeout(() => this.#signal(child, "SIGKILL"), stopMs);
      await ended;
      clearTimeout(forced);
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Signals the processes that it has started, too: a signal of the terminal does not reach them. */
  #signal({ pid }: ChildProcess, signal: NodeJS.Signals): void {
    if (pid === undefined) return;
    try {
      process.kill(process.platform === "win32" ? pid : -pid, signal);
    } catch {
      // It has ended in the meantime.
    }
  }

  async #must(command: string, ...args: readonly string[]): Promise<void> {
    const { status, output } = await this.#run(command, ...args);
    if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed in ${this.#folder}:\n${output}`);
  }

  async #run(command: string, ...args: readonly string[]): Promise<{ readonly status: number | null; readonly output: string }> {
    if (this.#isStopped) throw new Error("The run was stopped.");
    const child = spawn(command, args, {
      cwd: this.#folder,
      stdio: ["ignore", "pipe", "pipe"],
      detached: process.platform !== "win32",
      shell: process.platform === "win32",
      env: {
        ...process.env,
        PATH: `${join(this.#folder, "node_modules/.bin")}${delimiter}${process.env["PATH"] ?? ""}`,
        // A failed run leaves no database server running.
        CI: "true",
      },
    });
    this.#running = child;
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (output = (output + text).slice(-keptChars)));
    const [status] = (await once(child, "close")) as [number | null];
    return { status, output };
  }
}

import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { ServiceUnavailable } from "@weft/shared/errors";
import { contained } from "@weft/platform/logging";
import type { Piscina } from "piscina";
import type { QueryPlan } from "../execution/plan.js";
import type { Planned, PlannerThreadData, PlanTask } from "./planner-thread.js";

export interface PlannerOptions {
  readonly supergraphSdl: string;
  readonly onMessage: (level: "info" | "warn", message: string) => void;
  /** An operation whose planning takes longer fails, and the thread starts again. */
  readonly timeoutMs?: number;
  /** Time between an attempt to start that failed and the next one. */
  readonly retryMs?: number;
  /** File of the thread. */
  readonly file?: string;
}

/** A plan, and the length of its JSON. */
export interface PlanOfThread {
  readonly plan: QueryPlan;
  readonly length: number;
}

/** The first operation that a new thread plans. It also loads the code that other operations need. */
const warmUp: PlanTask = { text: "{ __typename }", operationName: undefined };

/** Time to load the supergraph on a busy machine. */
const startTimeoutMs = 60_000;

/**
 * Memory of the thread. If a plan needs more, the thread ends, and the process continues. With the default for new objects, the process grew by 330 MiB
 * instead of 110 in 150 large plans, which took as long.
 */
const resourceLimits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 16 };

/**
 * Plans operations in a thread of its own, while the event loop serves other operations. The thread has its own copy of the supergraph, so it starts
 * only on request.
 */
export class Planner {
  readonly #options: Required<PlannerOptions>;
  #pool: Piscina<PlanTask, Planned> | undefined;
  #isReady = false;
  #wasReady = false;
  #starting: Promise<void> | undefined;
  #retryAt = -Infinity;
  #isClosed = false;

  constructor(options: PlannerOptions) {
    // Tests run the sources. Bundles have the thread beside them.
    const file = fileURLToPath(new URL(`planner-thread${extname(import.meta.filename)}`, import.meta.url));
    this.#options = { timeoutMs: 10_000, retryMs: 60_000, file, ...options };
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Starts the thread, unless it is running or failed to start recently. Resolves when the thread is ready or could not start. */
  start(): Promise<void> {
    if (this.#isReady || this.#isClosed || performance.now() < this.#retryAt) return Promise.resolve();
    this.#starting ??= this.#startThread().finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  /**
   * Returns the plan of an operation, or undefined if there is no thread. If the thread is starting again, waits for it, because the operation could be
   * the one that ended it. Throws the error of the query planner, or SERVICE_UNAVAILABLE if the thread ended or took too long.
   */
  async plan(task: PlanTask): Promise<PlanOfThread | undefined> {
    if (this.#wasReady) await this.#starting;
    if (!this.#isReady || !this.#pool) return undefined;
    const planned = await run(this.#pool, task, this.#options.timeoutMs).catch((error: unknown) => {
      void this.start();
      throw new ServiceUnavailable("gateway", error);
    });
    if ("plan" in planned) return { plan: JSON.parse(planned.plan) as QueryPlan, length: planned.plan.length };
    throw Object.assign(new Error(planned.error.message), { stack: planned.error.stack });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#isReady = false;
    await this.#pool?.destroy();
    await this.#starting;
  }

  async #startThread(): Promise<void> {
    try {
      const pool = await this.#createPool();
      if (this.#isClosed) return;
      this.#pool = pool;
      await run(pool, warmUp, startTimeoutMs);
      this.#isReady = this.#pool === pool;
      this.#wasReady ||= this.#isReady;
      if (this.#isReady) this.#options.onMessage("info", "A thread plans new operations from now on.");
    } catch (error) {
      if (this.#isClosed) return;
      this.#retryAt = performance.now() + this.#options.retryMs;
      this.#options.onMessage("warn", `The thread for query planning did not start, so the main thread plans operations: ${String(error)}`);
    }
  }

  async #createPool(): Promise<Piscina<PlanTask, Planned>> {
    const { supergraphSdl, file: filename } = this.#options;
    // Loaded here, because it is not needed before.
    const { Piscina } = await import("piscina");
    const workerData: PlannerThreadData = { supergraphSdl };
    const pool = new Piscina<PlanTask, Planned>({
      filename,
      name: "plan",
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: Infinity,
      resourceLimits,
      workerData,
    });
    const onError = (error: unknown): void => this.#options.onMessage("warn", `The thread for query planning failed: ${String(error)}`);
    pool.on("error", contained("reporting a failure of the planning thread", onError));
    pool.on(
      "workerDestroy",
      contained("replacing the planning thread", () => this.#lose(pool)),
    );
    return pool;
  }

  /** After a crash or a timeout. Tasks that wait in the pool would wait for a thread that does not start by itself. */
  #lose(pool: Piscina<PlanTask, Planned>): void {
    if (this.#pool !== pool || this.#isClosed) return;
    this.#pool = undefined;
    this.#isReady = false;
    void pool.destroy();
  }
}

/** Runs a task in the thread. If it takes too long, ends the thread. */
async function run(pool: Piscina<PlanTask, Planned>, task: PlanTask, timeoutMs: number): Promise<Planned> {
  const ending = new AbortController();
  const onLate = (): void => ending.abort(new Error(`No plan within ${timeoutMs} ms.`));
  const timer = setTimeout(contained("the time limit of a query plan", onLate), timeoutMs);
  try {
    return await pool.run(task, { signal: ending.signal });
  } finally {
    clearTimeout(timer);
  }
}

/** Does steps of automations in this process, in TypeScript. */
import { setTimeout as delay } from "node:timers/promises";
import { WeftError, type WeftClient } from "@weft/client";
import {
  extendStepLeases,
  failStep,
  releaseSteps,
  takeSteps,
  type ExtendedLeases,
  type LeasedStep,
  type StepEnd,
  type TakenSteps,
} from "./operations.js";
import { areOutputsRefused, reporter } from "./reports.js";
import { stepLog } from "./step-log.js";

/** Throw it to fail a step with a code of your own, which `retry.on` and later steps can read. Other errors fail it with `FAILED`. */
export class StepFailure extends Error {
  /** For example `CARD_DECLINED`. */
  readonly code: string;
  /** Whether another attempt can succeed. The step's `retry` decides whether there is one. */
  readonly isRetryable: boolean;

  constructor(code: string, message: string, { isRetryable = true, cause }: { isRetryable?: boolean; cause?: unknown } = {}) {
    super(message, { cause });
    this.code = code;
    this.isRetryable = isRetryable;
  }
}

export interface Step extends Omit<LeasedStep, "lease"> {
  /** Aborted if the work must stop: the run stops, the attempt takes too long, another worker has the step, or this worker ends. */
  readonly signal: AbortSignal;
  /** Adds lines to the log of the run. */
  readonly log: (text: string, stream?: "STDOUT" | "STDERR") => void;
}

/** Does the work, and returns the outputs: an object, or nothing. It can run twice, so pass `idempotencyKey` to the systems that it calls. */
export type StepHandler = (step: Step) => Promise<Readonly<Record<string, unknown>> | void>;

export interface WorkerOptions {
  /** Steps that are done at the same time. Default: 10 */
  readonly concurrency?: number;
  /** After this time without a sign of life, another worker gets a step. Default: 30 */
  readonly leaseSeconds?: number;
  /** How long a call waits for steps. Default: 20 */
  readonly waitSeconds?: number;
  /** Called with errors that concern no step: Weft cannot be reached, or a result could not be recorded. The worker continues. Default: emits a warning of the process. */
  readonly onError?: (error: unknown) => void;
}

export interface Worker {
  /** Steps that are being done. */
  readonly inFlight: number;
  /**
   * Takes no more steps, and waits for those that are being done. After the grace period, their signals are aborted, and Weft gives them to other
   * workers.
   *
   * @param graceMs default: 10,000
   */
  stop(graceMs?: number): Promise<void>;
}

interface Doing {
  readonly step: LeasedStep;
  readonly stopping: AbortController;
  /** Why the work must stop. */
  end: StepEnd | null;
}

/** What these operations do is done once, whatever is sent how often. */
const repeatable = { isIdempotent: true };

const warn = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error));

/** Waits for the work, at most this long. No timer is left, which would keep the process. */
async function settled(work: Iterable<Promise<void>>, atMostMs: number): Promise<void> {
  const over = new AbortController();
  await Promise.race([Promise.all(work), delay(atMostMs, undefined, { signal: over.signal }).catch(() => undefined)]);
  over.abort();
}

const firstPauseMs = 500;
const longestPauseMs = 10_000;

/**
 * Starts a worker that takes steps of the type `worker` with these tasks. Any number of workers can run, in any number of processes.
 *
 * ```ts
 * const worker = createWorker(createWeftClient({ url, apiKey }), {
 *   "send-invoice": async ({ input, idempotencyKey, signal }) => ({ receipt: await send(input.invoice, { idempotencyKey, signal }) }),
 * });
 * process.once("SIGTERM", () => void worker.stop());
 * ```
 *
 * @param client with an API key that has the permission `step.take`
 * @param handlers by task
 */
export function createWorker(client: WeftClient, handlers: Readonly<Record<string, StepHandler>>, options: WorkerOptions = {}): Worker {
  const { concurrency = 10, leaseSeconds = 30, waitSeconds = 20, onError = warn } = options;
  const tasks = Object.keys(handlers);
  const doing = new Map<string, Doing>();
  const work = new Set<Promise<void>>();
  const stopping = new AbortController();
  let freed = (): void => {};

  const perform = async (one: Doing): Promise<void> => {
    const { step, stopping: stop } = one;
    const { lease, ...given } = step;
    const log = stepLog(client, lease, onError);
    const handle = handlers[step.task];
    let performed: { readonly outputs: object } | { readonly error: unknown };
    try {
      performed = { outputs: (await handle?.({ ...given, signal: stop.signal, log: log.write })) ?? {} };
    } catch (error) {
      performed = { error };
    }
    await log.flush();
    // Nobody waits for the result, or another worker can have the step.
    if (one.end !== null) return;
    if ("outputs" in performed) return report(lease, performed.outputs);
    if (!stop.signal.aborted) await fail(lease, performed.error);
  };
  const record = reporter(client, {
    next: () => (stopping.signal.aborted ? null : { tasks, leaseSeconds }),
    begin: async (steps) => {
      // The worker has ended while the report was on its way.
      if (stopping.signal.aborted) await release(steps.map(({ lease }) => lease)).catch(onError);
      else for (const step of steps) begin(step);
    },
  });
  const report = async (lease: string, outputs: object): Promise<void> => {
    let status: string;
    try {
      status = await record(lease, outputs);
    } catch (error) {
      onError(error);
      // Another attempt would give them again. After any other error, the lease ends, and another worker gets the step.
      if (areOutputsRefused(error)) await fail(lease, new StepFailure(error.code, error.message, { cause: error, isRetryable: false }));
      return;
    }
    if (status === "STALE") onError(new Error(`The result of a step came too late: another worker has it (${lease}).`));
  };
  const fail = async (lease: string, error: unknown): Promise<void> => {
    const { code, message, isRetryable } =
      error instanceof StepFailure
        ? error
        : {
            code: error instanceof WeftError ? error.code : "FAILED",
            message: error instanceof Error ? error.message : String(error),
            isRetryable: true,
          };
    await client.mutate(failStep, { input: { lease, code, message, isRetryable } }, repeatable);
  };
  const begin = (step: LeasedStep): void => {
    const one: Doing = { step, stopping: new AbortController(), end: null };
    doing.set(step.lease, one);
    const performing = perform(one)
      .catch(onError)
      .finally(() => {
        doing.delete(step.lease);
        work.delete(performing);
        freed();
      });
    work.add(performing);
  };

  const take = async (): Promise<void> => {
    for (let failures = 0; !stopping.signal.aborted;) {
      const room = concurrency - doing.size;
      if (room <= 0) {
        await new Promise<void>((resolve) => (freed = resolve));
        continue;
      }
      try {
        const input = { tasks, max: Math.min(room, 100), leaseSeconds, waitSeconds: doing.size > 0 ? 1 : waitSeconds };
        const { takeSteps: taken } = await client.mutate<TakenSteps>(takeSteps, { input }, { signal: stopping.signal });
        failures = 0;
        for (const step of taken.steps) begin(step);
        if (taken.steps.length === 0) await pause(taken.pollAfterMs);
      } catch (error) {
        if (stopping.signal.aborted) return;
        onError(error);
        await pause(Math.min(firstPauseMs * 2 ** failures++, longestPauseMs));
      }
    }
  };
  const pause = (ms: number): Promise<void> => delay(ms, undefined, { signal: stopping.signal }).catch(() => undefined);

  const beat = async (): Promise<void> => {
    const leases = [...doing.keys()];
    if (leases.length === 0) return;
    const { extendStepLeases: extended } = await client.mutate<ExtendedLeases>(
      extendStepLeases,
      { input: { leases, leaseSeconds } },
      repeatable,
    );
    for (const { lease, end } of extended.leases) {
      const one = doing.get(lease);
      if (!one || end === null || end === "REPORTED") continue;
      one.end = end;
      one.stopping.abort(new Error(`The work on the step must stop: ${end}.`));
      if (end === "CANCELLED") await release([lease]);
    }
  };
  const release = async (leases: readonly string[]): Promise<void> => {
    if (leases.length > 0) await client.mutate(releaseSteps, { input: { leases } }, repeatable);
  };
  const heartbeat = setInterval(() => void beat().catch(onError), (leaseSeconds * 1000) / 3);
  const taking = take();

  return {
    get inFlight() {
      return doing.size;
    },
    stop: async (graceMs = 10_000) => {
      stopping.abort();
      freed();
      await taking;
      await settled(work, graceMs);
      const left = [...doing.values()];
      for (const { stopping: stop } of left) stop.abort(new Error("The worker ends."));
      await release(left.map(({ step }) => step.lease));
      await settled(work, 1_000);
      clearInterval(heartbeat);
    },
  };
}

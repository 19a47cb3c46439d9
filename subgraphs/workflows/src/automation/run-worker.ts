import { findTenantsWithDueRuns, offerFirstSteps, type TakenStep } from "@weft/engine";
import { channels, parseNewRuns } from "@weft/shared/event-catalog";
import { chaos } from "@weft/platform/chaos";
import { wakeRelay } from "@weft/platform/events";
import { pause } from "@weft/platform/leadership";
import { type OutboundClient, outboundClient } from "@weft/platform/outbound";
import { type Handled, type QueueWorker, startQueueWorker } from "@weft/platform/queues";
import type { Counters } from "@weft/api/limits";
import { doStep, type StepOptions } from "./do-step.js";
import { emitAllowances } from "./emit-allowances.js";
import { holdLease } from "./held-lease.js";
import { namedRuns } from "./named-runs.js";
import { recordSafely } from "./record-safely.js";
import { MAX_BATCH, type Recording, resultRecorder } from "./result-recorder.js";
import { runTransactions, type RunTransactions, type Worked } from "./run-transactions.js";
import { stepPlaces, type StepPlaces } from "./step-places.js";

/** Steps that one turn of a tenant takes. */
const STEPS_PER_TURN = 32;
/** Tenants that are served at the same time, and once more those whose runs begin because messages name them. */
const CONCURRENCY = 4;
const GRACE_MS = 5_000;

export interface RunWorkerOptions extends StepOptions {
  /** Those with which the gateway counts published events, if it is in this process. */
  readonly counters: Counters;
  /** Is told which instances have had runs that ended, after the commit. */
  readonly onEnded?: (instanceIds: readonly string[]) => void;
}

/**
 * Does the steps of runs. A step is taken with a lease before its work begins, and its result is recorded with everything that follows from it in one
 * transaction, in which the worker takes the steps that can begin now. If the process dies in between, another worker takes the step over when the
 * lease is over. Any number of workers can run.
 */
export async function startRunWorker(options: RunWorkerOptions): Promise<QueueWorker> {
  const { databases, pubsub, secrets, log, config } = options;
  const worker = new RunWorker(options);
  const queue = await startQueueWorker({
    name: "runs",
    channel: channels.runs,
    take: (message) => worker.beginNamed(message),
    concurrency: CONCURRENCY,
    databases,
    pubsub,
    log,
    findTenants: (tx) => worker.findTenants(tx),
    handle: (tenantId) => worker.takeDue(tenantId),
  });
  const endOffer = offerFirstSteps(databases.app, {
    leaseSeconds: config.automation.leaseSeconds,
    secrets,
    reserve: (tenantId, wanted) => worker.reserve(tenantId, wanted),
  });
  return {
    idle: async () => {
      do {
        await queue.idle();
        await worker.settle();
        // A step that has ended can have made room for another one.
        await queue.idle();
      } while (worker.isBusy);
    },
    stop: () =>
      worker.stop(async () => {
        endOffer();
        await queue.stop();
      }),
  };
}

/** Places for the first steps of runs that an API process starts. */
type Reserved = NonNullable<ReturnType<Parameters<typeof offerFirstSteps>[1]["reserve"]>>;

class RunWorker {
  readonly #options: RunWorkerOptions;
  readonly #outbound: OutboundClient;
  /** Aborted when no further step begins. */
  readonly #stopping = new AbortController();
  /** Aborted when steps at work are cut off. */
  readonly #ending = new AbortController();
  readonly #places: StepPlaces;
  readonly #transactions: RunTransactions;
  readonly #recorder = resultRecorder({ record: (tenantId, recording) => this.#record(tenantId, recording) });
  readonly #named = namedRuns({ maxTenants: CONCURRENCY, maxOfTenant: MAX_BATCH });
  readonly #inFlight = new Set<Promise<void>>();

  constructor(options: RunWorkerOptions) {
    const { config, counters } = options;
    const { stepsAtOnce, leaseSeconds } = config.automation;
    this.#options = options;
    this.#outbound = outboundClient(config.outbound);
    this.#places = stepPlaces({ max: stepsAtOnce, maxOfTenant: Math.ceil(stepsAtOnce / 2) });
    this.#transactions = runTransactions({ ...options, leaseSeconds, emits: emitAllowances({ counters, limits: config.limits }) });
  }

  /** Whether steps are at work, or runs begin. */
  get isBusy(): boolean {
    return this.#inFlight.size > 0;
  }

  async settle(): Promise<void> {
    while (this.isBusy) await Promise.all(this.#inFlight);
  }

  /** @param stopTaking ends what gives this worker steps */
  async stop(stopTaking: () => Promise<void>): Promise<void> {
    this.#stopping.abort();
    await stopTaking();
    const settled = new AbortController();
    await Promise.race([this.settle().finally(() => settled.abort()), pause(GRACE_MS, settled.signal)]);
    this.#ending.abort();
    await this.settle();
    await this.#outbound.close();
  }

  async findTenants(tx: Parameters<typeof findTenantsWithDueRuns>[0]): Promise<string[]> {
    const tenants = await findTenantsWithDueRuns(tx);
    this.#places.wait(tenants);
    return tenants;
  }

  /** Takes due steps of a tenant, as many as there are places for, and begins them. */
  async takeDue(tenantId: string): Promise<Handled> {
    const { pubsub, log } = this.#options;
    const room = this.#places.enter(tenantId, STEPS_PER_TURN);
    let left = room;
    let isWanting = false;
    try {
      const { taken, done, isMore } = await this.#transactions.takeDue(tenantId, room);
      if (taken.length > 0) chaos("runs.taken");
      left -= taken.length;
      isWanting = isMore;
      if (!isMore) this.#places.served(tenantId, room);
      this.#begin(tenantId, taken);
      if (done > 0) wakeRelay(pubsub, log);
      if (done === 0) return "nothing";
      // What becomes due meanwhile rings.
      return isMore ? "done" : "all";
    } finally {
      // Others can have found none of these places. It does not ring for its own steps.
      this.#leave(tenantId, left);
      if (isWanting) this.#places.want(tenantId);
    }
  }

  /**
   * Lets the runs that a message names begin without a search, if there are places for their steps. Not those of tenants with steps that wait for places,
   * which they would overtake. Returns whether it lets all of them begin.
   */
  beginNamed(message: string): boolean {
    const runs = parseNewRuns(message);
    const beginning = this.#stopping.signal.aborted
      ? []
      : runs.filter(({ tenantId }) => !this.#places.isWaiting(tenantId) && this.#places.hasRoom(tenantId) && this.#named.enter(tenantId));
    for (const { tenantId, runId, instanceId } of beginning) {
      const begun = this.#recorder
        .begin(tenantId, { runId, instanceId, step: null, isNamed: true })
        .catch((error: unknown) => {
          this.#options.log.warn({ err: error, tenantId, runId }, "a new run could not begin; it will be tried again");
          this.#ring();
        })
        .finally(() => this.#named.leave(tenantId));
      this.#track(begun);
    }
    return runs.length > 0 && beginning.length === runs.length;
  }

  /** Reserves places for the first steps of new runs. Null: there are none. */
  reserve(tenantId: string, wanted: number): Reserved | null {
    // New runs must not overtake those that wait for places.
    const room = this.#stopping.signal.aborted || this.#places.isWaiting(tenantId) ? 0 : this.#places.enter(tenantId, wanted);
    if (room === 0) return null;
    let left = room;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#track(promise);
    return {
      room,
      release: (count) => {
        left -= count;
        this.#leave(tenantId, count);
      },
      begin: (taken) => {
        this.#begin(tenantId, taken);
        this.#leave(tenantId, left - taken.length);
        resolve();
      },
    };
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#inFlight.delete(tracked));
    this.#inFlight.add(tracked);
  }

  /** Does the steps, while their places are occupied. */
  #begin(tenantId: string, taken: readonly TakenStep[]): void {
    for (const one of taken) {
      const done = this.#doAndRecord(tenantId, one).catch((error: unknown) =>
        this.#options.log.error({ err: error, tenantId, runId: one.runId, step: one.step }, "a step of a run could not be recorded"),
      );
      this.#track(done);
    }
  }

  async #doAndRecord(tenantId: string, taken: TakenStep): Promise<void> {
    const { signal } = this.#ending;
    const lease = holdLease(this.#options, tenantId, taken);
    try {
      const doing = { tenantId, outbound: this.#outbound, signal, lease };
      const report = await doStep(this.#options, doing, taken).finally(() => this.#leave(tenantId, 1));
      chaos("runs.performed");
      await recordSafely({
        record: (one) => this.#recorder.record(tenantId, { taken, report: one }),
        report,
        signal,
        onFailure: (error) =>
          this.#options.log.warn({ err: error, tenantId, runId: taken.runId, step: taken.step }, "a result could not be recorded yet"),
      });
    } finally {
      await lease.end();
    }
  }

  /** Records results of a tenant, lets runs begin, and begins the steps that can begin then. */
  async #record(tenantId: string, { results, started }: Recording): Promise<Worked["failed"]> {
    const { pubsub, log } = this.#options;
    // Steps that a process took while it ends would be lost, and runs must not overtake those that wait for places.
    const mustWait = this.#stopping.signal.aborted || (results.length > 0 ? this.#places.isWanted() : this.#places.isWaiting(tenantId));
    const room = mustWait ? 0 : this.#places.enter(tenantId, Math.max(STEPS_PER_TURN, results.length + started.length));
    const { taken, failed, isMore } = await this.#transactions.work(tenantId, { results, due: started, room });
    chaos("runs.recorded");
    this.#begin(tenantId, taken);
    this.#leave(tenantId, room - taken.length);
    wakeRelay(pubsub, log);
    // Other processes can have room, and steps of other runs can wait in the queue of one that has ended.
    if (isMore || results.some(({ taken: { work } }) => work && "queue" in work && work.queue)) this.#ring();
    if (isMore) this.#places.want(tenantId);
    return failed;
  }

  /** Frees places, and wakes the queue if it has found too few. */
  #leave(tenantId: string, count: number): void {
    if (this.#places.leave(tenantId, count)) this.#ring();
  }

  #ring(): void {
    void this.#options.pubsub.publish(channels.runs, "").catch(() => undefined);
  }
}

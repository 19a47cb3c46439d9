import { extendLease, findTenantsWithDueRuns, type StepReport, type TakenStep } from "@weft/engine";
import {
  asTenant,
  channels,
  encodeId,
  outboundClient,
  pause,
  type OutboundClient,
  type Sender,
  type Services,
  startSender,
  wakeRelay,
} from "@weft/shared";
import { failure, type Performer, type StepContext } from "./performers/performer.js";
import { PERFORMERS } from "./performers/performers.js";
import { resultRecorder } from "./result-recorder.js";
import { runTransactions } from "./run-transactions.js";
import { stepPlaces } from "./step-places.js";

/** A worker that reports nothing for so long is taken for lost. */
const LEASE_SECONDS = 30;
/** Time between two extensions of a lease, which also tell the work to stop. */
const HEARTBEAT_MS = 1_000;
/** Time for an attempt whose step says nothing else. */
const TIMEOUT_SECONDS = 60;
/** Steps that one process does at the same time, in all and per tenant: tenants whose steps take long leave room for others. */
const MAX_IN_FLIGHT = 64;
const MAX_OF_TENANT = 32;
/** Steps that one turn of a tenant takes. */
const LOOKS = 32;
const GRACE_MS = 5_000;

export interface RunWorkerOptions extends Pick<Services, "config" | "databases" | "pubsub" | "keyring" | "log"> {
  readonly performers?: ReadonlyMap<string, Performer>;
  readonly leaseSeconds?: number;
  /** Is told which instances have had runs that ended, after the commit. */
  readonly onEnded?: (instanceIds: readonly string[]) => void;
}

/**
 * Does the steps of runs. A step is taken with a lease before its work begins, and its result is recorded with everything that follows from it in one
 * transaction, in which the worker takes the steps that can begin now. If the process dies in between, another worker takes the step over when the
 * lease is over. Any number of workers can run.
 */
export async function startRunWorker(options: RunWorkerOptions): Promise<Sender> {
  const { config, databases, pubsub, log, leaseSeconds = LEASE_SECONDS } = options;
  const outbound = outboundClient(config.outbound);
  const stopping = new AbortController();
  const ending = new AbortController();
  const places = stepPlaces({ max: MAX_IN_FLIGHT, maxOfTenant: MAX_OF_TENANT });
  const transactions = runTransactions({ ...options, leaseSeconds });
  const inFlight = new Set<Promise<void>>();

  /** Does the steps, while their places are occupied. */
  const begin = (tenantId: string, taken: readonly TakenStep[]): void => {
    for (const one of taken) {
      const doing = doAndRecord(tenantId, one)
        .catch((error: unknown) =>
          log.error({ err: error, tenantId, runId: one.runId, step: one.step }, "a step of a run could not be recorded"),
        )
        .finally(() => inFlight.delete(doing));
      inFlight.add(doing);
    }
  };
  const doAndRecord = async (tenantId: string, taken: TakenStep): Promise<void> => {
    const report = await doStep(options, { tenantId, outbound, signal: ending.signal }, taken).finally(() => places.leave(tenantId));
    if (report) await recorder.record(tenantId, { taken, report });
    else ring();
  };
  const ring = (): void => void pubsub.publish(channels.runs, "").catch(() => undefined);
  const recorder = resultRecorder({
    record: async (tenantId, results) => {
      // Steps that a process took while it ends would be lost.
      const room = stopping.signal.aborted ? 0 : places.enter(tenantId, results.length);
      const { taken, failed } = await transactions.work(tenantId, { results, due: [], room });
      places.leave(tenantId, room - taken.length);
      wakeRelay(pubsub, log);
      begin(tenantId, taken);
      // A place is free, or steps that can begin were left to others.
      if (taken.length < results.length || taken.length === room) ring();
      return failed;
    },
  });

  const sender = await startSender({
    name: "runs",
    channel: channels.runs,
    concurrency: 4,
    databases,
    pubsub,
    log,
    findTenants: async (tx) => {
      const tenants = await findTenantsWithDueRuns(tx);
      places.wait(tenants);
      return tenants;
    },
    deliver: async (tenantId) => {
      const room = places.enter(tenantId, LOOKS);
      const { taken, done } = await transactions.takeDue(tenantId, room).catch((error: unknown) => {
        places.leave(tenantId, room);
        throw error;
      });
      places.leave(tenantId, room - taken.length);
      if (done > 0) wakeRelay(pubsub, log);
      begin(tenantId, taken);
      return done > 0 ? "done" : "nothing";
    },
  });
  const settle = async (): Promise<void> => {
    while (inFlight.size > 0) await Promise.all(inFlight);
  };
  return {
    idle: async () => {
      do {
        await sender.idle();
        await settle();
        // A step that has ended can have made room for another one.
        await sender.idle();
      } while (inFlight.size > 0);
    },
    stop: async () => {
      stopping.abort();
      await sender.stop();
      const settled = new AbortController();
      await Promise.race([settle().finally(() => settled.abort()), pause(GRACE_MS, settled.signal)]);
      ending.abort();
      await settle();
      await outbound.close();
    },
  };
}

type Doing = { readonly tenantId: string; readonly outbound: OutboundClient; readonly signal: AbortSignal };

/** Returns what has become of the step. Null: the process ends, and leaves it to others. */
async function doStep(options: RunWorkerOptions, { tenantId, outbound, signal }: Doing, taken: TakenStep): Promise<StepReport | null> {
  const { log } = options;
  const ended = new AbortController();
  const stopped = new AbortController();
  const beating = beat(options, { tenantId, taken, ended: ended.signal, stopped });
  const timeoutMs = (taken.work.timeoutSeconds ?? TIMEOUT_SECONDS) * 1000;
  const report = await perform(options, taken, {
    tenantId,
    runId: taken.runId,
    step: taken.step,
    attempt: taken.attempt,
    idempotencyKey: `${encodeId("run", taken.runId)}-${taken.step}${taken.isCompensation ? "-undo" : ""}`,
    services: options,
    outbound,
    log: (stream, text) => log.debug({ tenantId, runId: taken.runId, step: taken.step, stream }, text.slice(0, 2000)),
    timeoutMs,
    signal: AbortSignal.any([signal, stopped.signal, AbortSignal.timeout(timeoutMs)]),
  });
  ended.abort();
  await beating;
  // A process that ends leaves the step to others: whether its work was done is unknown.
  if (signal.aborted && report.kind === "failed") return null;
  return stopped.signal.aborted && report.kind !== "succeeded" ? { kind: "stopped" } : report;
}

async function perform(
  { performers = PERFORMERS, log }: RunWorkerOptions,
  { work, input }: TakenStep,
  context: StepContext,
): Promise<StepReport> {
  const performer = performers.get(work.type);
  if (!performer) return failure("STEP_TYPE_UNAVAILABLE", `This installation cannot do steps of the type ${work.type}.`, true);
  try {
    return await performer(input, context);
  } catch (error) {
    log.error({ err: error, tenantId: context.tenantId, runId: context.runId, step: context.step }, "a step failed unexpectedly");
    return failure("INTERNAL", "The step failed for an internal reason.", false);
  }
}

type Beat = { readonly tenantId: string; readonly taken: TakenStep; readonly ended: AbortSignal; readonly stopped: AbortController };

/** Extends the lease while the work goes on, and stops the work if it must not go on. */
async function beat(options: RunWorkerOptions, { tenantId, taken, ended, stopped }: Beat): Promise<void> {
  const { databases, leaseSeconds = LEASE_SECONDS, log } = options;
  for (;;) {
    await pause(HEARTBEAT_MS, ended);
    if (ended.aborted) return;
    try {
      const goesOn = await asTenant(databases.app, { tenantId }, "write", (tx) => extendLease(tx, { ...taken, seconds: leaseSeconds }));
      if (!goesOn) return stopped.abort();
    } catch (error) {
      log.debug({ err: error, tenantId, runId: taken.runId }, "a lease could not be extended");
    }
  }
}

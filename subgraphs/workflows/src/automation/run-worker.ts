import {
  findTenantsWithDueRuns,
  offerFirstSteps,
  redactorOf,
  storableReport,
  sumUsage,
  type StepReport,
  type TakenStep,
  type WorkerReport,
} from "@weft/engine";
import {
  asTenant,
  channels,
  chaos,
  metaOfWork,
  parseNewRuns,
  outboundClient,
  pause,
  type Counters,
  type OutboundClient,
  type Sender,
  type Services,
  type Tx,
  startSender,
  wakeRelay,
} from "@weft/shared";
import type { ProgramSandbox } from "../programs/program-sandbox.js";
import type { HostSteps } from "./host-step.js";
import { outboundOfProfile } from "./outbound-of-profile.js";
import { appendLog } from "./logs/append-log.js";
import { collectLog } from "./logs/collect-log.js";
import { stepLimits } from "./middleware/limits.js";
import { measureSteps, type MeasuredStep } from "./middleware/measure.js";
import { performWithin } from "./middleware/middleware.js";
import { holdLease, type HeldLease } from "./held-lease.js";
import { idempotencyKeyOf } from "./idempotency-key.js";
import { recordSafely } from "./record-safely.js";
import { countingCalls } from "./usage/counting-calls.js";
import { failure, type StepContext } from "./performers/performer.js";
import { emitAllowances } from "./emit-allowances.js";
import { METERS, PERFORMERS } from "./performers/performers.js";
import { namedRuns } from "./named-runs.js";
import { MAX_BATCH, resultRecorder } from "./result-recorder.js";
import { runTransactions } from "./run-transactions.js";
import { stepPlaces } from "./step-places.js";
import { withoutSecrets, withoutSecretsOf, type StoredSpeech } from "./without-secrets.js";

/** Time for an attempt whose step says nothing else. */
const TIMEOUT_SECONDS = 60;
/** Models answer slowly, and their work has many turns. It has limits of its own. */
const TIMEOUT_SECONDS_OF: Readonly<Record<string, number>> = { agent: 3600 };
/** Steps that one turn of a tenant takes. */
const LOOKS = 32;
/** Tenants that are served at the same time, and once more those whose runs begin because messages name them. */
const CONCURRENCY = 4;
const GRACE_MS = 5_000;

export interface RunWorkerOptions extends Pick<Services, "config" | "databases" | "pubsub" | "keyring" | "log" | "secrets"> {
  readonly programs: ProgramSandbox;
  /** Those with which the gateway counts published events, if it is in this process. */
  readonly counters: Counters;
  /** Step types of the host application, and middleware around all steps. */
  readonly hosted?: HostSteps;
  /** Called with every attempt that ends. */
  readonly onStep?: (step: MeasuredStep) => void;
  /** Is told which instances have had runs that ended, after the commit. */
  readonly onEnded?: (instanceIds: readonly string[]) => void;
}

/**
 * Does the steps of runs. A step is taken with a lease before its work begins, and its result is recorded with everything that follows from it in one
 * transaction, in which the worker takes the steps that can begin now. If the process dies in between, another worker takes the step over when the
 * lease is over. Any number of workers can run.
 */
export async function startRunWorker(options: RunWorkerOptions): Promise<Sender> {
  const { config, databases, pubsub, log } = options;
  const { stepsAtOnce, leaseSeconds } = config.automation;
  const outbound = outboundClient(config.outbound);
  const stopping = new AbortController();
  const ending = new AbortController();
  const places = stepPlaces({ max: stepsAtOnce, maxOfTenant: Math.ceil(stepsAtOnce / 2) });
  const emits = emitAllowances({ counters: options.counters, limits: config.limits });
  const transactions = runTransactions({ ...options, leaseSeconds, emits });
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
    const lease = holdLease(options, tenantId, taken);
    try {
      const report = await doStep(options, { tenantId, outbound, signal: ending.signal, lease }, taken).finally(() => leave(tenantId, 1));
      chaos("runs.performed");
      await recordSafely({
        record: (one) => recorder.record(tenantId, { taken, report: one }),
        report,
        signal: ending.signal,
        onFailure: (error) =>
          log.warn({ err: error, tenantId, runId: taken.runId, step: taken.step }, "a result could not be recorded yet"),
      });
    } finally {
      await lease.end();
    }
  };
  const ring = (): void => void pubsub.publish(channels.runs, "").catch(() => undefined);
  /** Frees places, and tells the sender if it has found too few. */
  const leave = (tenantId: string, count: number): void => {
    if (places.leave(tenantId, count)) ring();
  };
  const recorder = resultRecorder({
    record: async (tenantId, { results, started }) => {
      // Steps that a process took while it ends would be lost, and runs must not overtake those that wait for places.
      const mustWait = stopping.signal.aborted || (results.length > 0 ? places.isWanted() : places.isWaiting(tenantId));
      const room = mustWait ? 0 : places.enter(tenantId, Math.max(LOOKS, results.length + started.length));
      const { taken, failed, isMore } = await transactions.work(tenantId, { results, due: started, room });
      chaos("runs.recorded");
      begin(tenantId, taken);
      leave(tenantId, room - taken.length);
      wakeRelay(pubsub, log);
      // Other processes can have room, and steps of other runs can wait in the queue of one that has ended.
      if (isMore || results.some(({ taken: { work } }) => work && "queue" in work && work.queue)) ring();
      if (isMore) places.want(tenantId);
      return failed;
    },
  });

  const named = namedRuns({ maxTenants: CONCURRENCY, maxOfTenant: MAX_BATCH });
  /**
   * Lets the runs that a message names begin without a search, if there are places for their steps. Not those of tenants with steps that wait for places,
   * which they would overtake.
   */
  const beginNamed = (message: string): boolean => {
    const runs = parseNewRuns(message);
    const beginning = stopping.signal.aborted
      ? []
      : runs.filter(({ tenantId }) => !places.isWaiting(tenantId) && places.hasRoom(tenantId) && named.enter(tenantId));
    for (const { tenantId, runId, instanceId } of beginning) {
      const doing = recorder
        .begin(tenantId, { runId, instanceId, step: null, isNamed: true })
        .catch((error: unknown) => {
          log.warn({ err: error, tenantId, runId }, "a new run could not begin; it will be tried again");
          ring();
        })
        .finally(() => {
          named.leave(tenantId);
          inFlight.delete(doing);
        });
      inFlight.add(doing);
    }
    return runs.length > 0 && beginning.length === runs.length;
  };

  const sender = await startSender({
    name: "runs",
    channel: channels.runs,
    take: beginNamed,
    concurrency: CONCURRENCY,
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
      let left = room;
      let isWanting = false;
      try {
        const { taken, done, isMore } = await transactions.takeDue(tenantId, room);
        if (taken.length > 0) chaos("runs.taken");
        left -= taken.length;
        isWanting = isMore;
        if (!isMore) places.served(tenantId, room);
        begin(tenantId, taken);
        if (done > 0) wakeRelay(pubsub, log);
        // What becomes due meanwhile rings.
        return isMore && done > 0 ? "done" : "nothing";
      } finally {
        // Others can have found none of these places. It does not ring for its own steps.
        leave(tenantId, left);
        if (isWanting) places.want(tenantId);
      }
    },
  });
  const endOffer = offerFirstSteps(databases.app, {
    leaseSeconds,
    secrets: options.secrets,
    reserve: (tenantId, wanted) => {
      // New runs must not overtake those that wait for places.
      const room = stopping.signal.aborted || places.isWaiting(tenantId) ? 0 : places.enter(tenantId, wanted);
      if (room === 0) return null;
      let left = room;
      const { promise, resolve } = Promise.withResolvers<void>();
      const reserved = promise.finally(() => inFlight.delete(reserved));
      inFlight.add(reserved);
      return {
        room,
        release: (count) => {
          left -= count;
          leave(tenantId, count);
        },
        begin: (taken) => {
          begin(tenantId, taken);
          leave(tenantId, left - taken.length);
          resolve();
        },
      };
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
      endOffer();
      await sender.stop();
      const settled = new AbortController();
      await Promise.race([settle().finally(() => settled.abort()), pause(GRACE_MS, settled.signal)]);
      ending.abort();
      await settle();
      await outbound.close();
    },
  };
}

type Doing = { readonly tenantId: string; readonly outbound: OutboundClient; readonly signal: AbortSignal; readonly lease: HeldLease };

/** Returns what has become of the step. */
async function doStep(options: RunWorkerOptions, { tenantId, outbound, signal, lease }: Doing, taken: TakenStep): Promise<WorkerReport> {
  const { databases, keyring, pubsub, log } = options;
  const timeoutMs = (taken.work.timeoutSeconds ?? TIMEOUT_SECONDS_OF[taken.work.type] ?? TIMEOUT_SECONDS) * 1000;
  const redactor = redactorOf(taken.secrets);
  const meta = metaOfWork("runs", tenantId, keyring);
  const { runId, step, attempt } = taken;
  const collected = collectLog({
    append: async (lines) => {
      await asTenant(databases.app, { tenantId }, "write", (tx) => appendLog(tx, meta, { runId, step, attempt, lines }));
      wakeRelay(pubsub, log);
    },
    onFailure: (error) => log.warn({ err: error, tenantId, runId, step }, "a log could not be written"),
  });
  const calls = countingCalls(outbound);
  const stored = withoutSecrets(redactor, collected.write);
  const context: StepContext = {
    tenantId,
    runId: taken.runId,
    step: taken.step,
    attempt: taken.attempt,
    leaseToken: taken.leaseToken,
    isCompensation: taken.isCompensation,
    idempotencyKey: idempotencyKeyOf(taken),
    services: options,
    outbound: outboundOfProfile(calls.outbound, taken.profile.domains),
    // Weft's own lines have no line break.
    log: (stream, text) => stored.log(stream, stream === "system" && !text.endsWith("\n") ? `${text}\n` : text),
    redact: redactor.text,
    programs: options.programs,
    profile: taken.profile,
    timeoutMs,
    signal: AbortSignal.any([signal, lease.stopped, AbortSignal.timeout(timeoutMs)]),
  };
  const performed = await perform(options, taken, context);
  const { usage } = performed;
  const meter = METERS.get(taken.work.type);
  const used = {
    usage: usage?.calls === undefined ? sumUsage(usage ?? {}, { calls: calls.count() }) : usage,
    ...(meter && { countUsage: (tx: Tx) => meter(tx, taken) }),
  };
  const report = { ...redacted(stored, performed), ...used };
  if (report.kind === "failed") collected.write("system", `Attempt ${attempt} failed (${report.error.code}): ${report.error.message}\n`);
  // Before the result, because a run that has ended accepts no further lines.
  await collected.close();
  // A process that ends, or that cannot reach the database, leaves the step to others: whether its work was done is unknown.
  if ((signal.aborted && report.kind === "failed") || (lease.isOver() && report.kind !== "succeeded")) return { kind: "released", ...used };
  return lease.stopped.aborted && report.kind !== "succeeded" ? { kind: "stopped", ...used } : report;
}

/** A report from which secrets cannot be removed is not stored, and neither is the error, which could quote it. */
function redacted({ report }: StoredSpeech, performed: StepReport): StepReport {
  try {
    return report(performed);
  } catch {
    return failure("INTERNAL", "The step ended, but secrets could not be removed from its result, so it was discarded.", true);
  }
}

async function perform(
  options: RunWorkerOptions,
  { work, input, secrets, isCompensation }: TakenStep,
  context: StepContext,
): Promise<StepReport> {
  const { hosted = {}, onStep = () => {}, log } = options;
  const performer = hosted.steps?.find(({ type }) => type.name === work.type)?.perform ?? PERFORMERS.get(work.type);
  if (!performer) return failure("STEP_TYPE_UNAVAILABLE", `This installation cannot do steps of the type ${work.type}.`, true);
  try {
    const middleware = [measureSteps(onStep), stepLimits, ...(hosted.middleware ?? [])];
    return storableReport(await performWithin(middleware, performer, { type: work.type, input, isCompensation, context }));
  } catch (caught) {
    const error = withoutSecretsOf(caught, secrets);
    log.error({ err: error, tenantId: context.tenantId, runId: context.runId, step: context.step }, "a step failed unexpectedly");
    return failure("INTERNAL", "The step failed for an internal reason.", false);
  }
}

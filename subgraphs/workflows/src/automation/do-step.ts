import { redactorOf, storableReport, sumUsage, type StepReport, type TakenStep, type WorkerReport } from "@weft/engine";
import { asTenant, type Tx } from "@weft/platform/db";
import { metaOfWork, wakeRelay } from "@weft/platform/events";
import type { OutboundClient } from "@weft/platform/outbound";
import type { Services } from "@weft/platform/services";
import type { ProgramSandbox } from "../programs/program-sandbox.js";
import type { HeldLease } from "./held-lease.js";
import type { HostSteps } from "./host-step.js";
import { idempotencyKeyOf } from "./idempotency-key.js";
import { appendLog } from "./logs/append-log.js";
import { collectLog } from "./logs/collect-log.js";
import { stepLimits } from "./middleware/limits.js";
import { measureSteps, type MeasuredStep } from "./middleware/measure.js";
import { performWithin } from "./middleware/middleware.js";
import { outboundOfProfile } from "./outbound-of-profile.js";
import { failure, type StepContext } from "./performers/performer.js";
import { METERS, PERFORMERS } from "./performers/performers.js";
import { countingCalls } from "./usage/counting-calls.js";
import { withoutSecrets, withoutSecretsOf, type StoredSpeech } from "./without-secrets.js";

/** Time for an attempt whose step says nothing else. */
const TIMEOUT_SECONDS = 60;
/** Models answer slowly, and their work has many turns. It has limits of its own. */
const TIMEOUT_SECONDS_OF: Readonly<Record<string, number>> = { agent: 3600 };

export interface StepOptions extends Pick<Services, "config" | "databases" | "pubsub" | "keyring" | "log" | "secrets"> {
  readonly programs: ProgramSandbox;
  /** Step types of the host application, and middleware around all steps. */
  readonly hosted?: HostSteps;
  /** Called with every attempt that ends. */
  readonly onStep?: (step: MeasuredStep) => void;
}

interface Doing {
  readonly tenantId: string;
  readonly outbound: OutboundClient;
  /** Aborted when the process ends. */
  readonly signal: AbortSignal;
  readonly lease: HeldLease;
}

/** Does the work of a step. Returns what has become of it. */
export async function doStep(options: StepOptions, { tenantId, outbound, signal, lease }: Doing, taken: TakenStep): Promise<WorkerReport> {
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
  options: StepOptions,
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

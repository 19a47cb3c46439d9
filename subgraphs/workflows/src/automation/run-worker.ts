import {
  extendLease,
  findDueRuns,
  findTenantsWithDueRuns,
  redactorOf,
  reportStep,
  takeDue,
  type StepReport,
  type TakenStep,
} from "@weft/engine";
import {
  asTenant,
  channels,
  encodeId,
  pause,
  type Sender,
  type Sending,
  type Services,
  startInFlightSender,
  wakeRelay,
} from "@weft/shared";
import { metaOfWork } from "../due-work/meta-of-work.js";
import { outboundOfProfile } from "./outbound-of-profile.js";
import { withoutSecrets, withoutSecretsOf } from "./without-secrets.js";
import { failure, type Performer, type StepContext } from "./performers/performer.js";
import { PERFORMERS } from "./performers/performers.js";

/** A worker that reports nothing for so long is taken for lost. */
const LEASE_SECONDS = 30;
/** Time between two extensions of a lease, which also tell the work to stop. */
const HEARTBEAT_MS = 1_000;
/** Time for an attempt whose step says nothing else. */
const TIMEOUT_SECONDS = 60;
/** Models answer slowly, and their work has many turns. It has limits of its own. */
const TIMEOUT_SECONDS_OF: Readonly<Record<string, number>> = { agent: 3600 };
/** Steps that one process does at the same time, in all and per tenant: tenants whose steps take long leave room for others. */
const MAX_IN_FLIGHT = 64;
const MAX_OF_TENANT = 16;
/** Due runs that are looked at in one turn of a tenant. */
const LOOKS = 20;
const GRACE_MS = 5_000;

export interface RunWorkerOptions extends Pick<Services, "config" | "databases" | "pubsub" | "keyring" | "log" | "secrets"> {
  readonly performers?: ReadonlyMap<string, Performer>;
  readonly leaseSeconds?: number;
}

/**
 * Does the steps of runs. A step is taken with a lease before its work begins, and its result is recorded with everything that follows from it in one
 * transaction. If the process dies in between, another worker takes the step over when the lease is over. Any number of workers can run.
 */
export function startRunWorker(options: RunWorkerOptions): Promise<Sender> {
  const { log } = options;
  return startInFlightSender({
    services: options,
    name: "runs",
    channel: channels.outbox,
    findTenants: findTenantsWithDueRuns,
    max: MAX_IN_FLIGHT,
    maxOfTenant: MAX_OF_TENANT,
    graceMs: GRACE_MS,
    claim: (tenantId) => take(options, tenantId),
    send: (sending, taken) => doStep(options, sending, taken),
    onFailure: (error, tenantId, { runId, step }) =>
      log.error({ err: error, tenantId, runId, step }, "a step of a run could not be recorded"),
  });
}

const metaOf = ({ keyring }: RunWorkerOptions, tenantId: string) => metaOfWork("runs", tenantId, keyring);

/** Does what is due in the tenant until there is a step to do. Null if there is none. */
async function take(options: RunWorkerOptions, tenantId: string): Promise<TakenStep | null> {
  const { databases, leaseSeconds = LEASE_SECONDS, pubsub, log, secrets } = options;
  const meta = metaOf(options, tenantId);
  for (;;) {
    const due = await asTenant(databases.app, { tenantId }, "read", (tx) => findDueRuns(tx, LOOKS));
    if (due.length === 0) return null;
    for (const one of due) {
      const taken = await asTenant(databases.app, { tenantId }, "write", (tx) => takeDue(tx, meta, one, { leaseSeconds, secrets }));
      wakeRelay(pubsub, log);
      if (taken) return taken;
    }
  }
}

async function doStep(options: RunWorkerOptions, { tenantId, outbound, signal }: Sending, taken: TakenStep): Promise<void> {
  const { databases, pubsub, log } = options;
  const ended = new AbortController();
  const stopped = new AbortController();
  const beating = beat(options, { tenantId, taken, ended: ended.signal, stopped });
  const timeoutMs = (taken.work.timeoutSeconds ?? TIMEOUT_SECONDS_OF[taken.work.type] ?? TIMEOUT_SECONDS) * 1000;
  const redactor = redactorOf(taken.secrets);
  const stored = withoutSecrets(redactor, (stream, text) =>
    log.debug({ tenantId, runId: taken.runId, step: taken.step, stream }, text.slice(0, 2000)),
  );
  const performed = await perform(options, taken, {
    tenantId,
    runId: taken.runId,
    step: taken.step,
    attempt: taken.attempt,
    leaseToken: taken.leaseToken,
    isCompensation: taken.isCompensation,
    idempotencyKey: `${encodeId("run", taken.runId)}-${taken.step}${taken.isCompensation ? "-undo" : ""}`,
    services: options,
    outbound: outboundOfProfile(outbound, taken.profile.domains),
    log: stored.log,
    timeoutMs,
    signal: AbortSignal.any([signal, stopped.signal, AbortSignal.timeout(timeoutMs)]),
  });
  const report = stored.report(performed);
  ended.abort();
  await beating;
  // A process that ends leaves the step to others: whether its work was done is unknown.
  if (signal.aborted && report.kind === "failed") return;
  const meta = metaOf(options, tenantId);
  const told: StepReport = stopped.signal.aborted && report.kind !== "succeeded" ? { kind: "stopped" } : report;
  await asTenant(databases.app, { tenantId }, "write", (tx) => reportStep(tx, meta, taken, told));
  wakeRelay(pubsub, log);
}

async function perform(
  { performers = PERFORMERS, log }: RunWorkerOptions,
  { work, input, secrets }: TakenStep,
  context: StepContext,
): Promise<StepReport> {
  const performer = performers.get(work.type);
  if (!performer) return failure("STEP_TYPE_UNAVAILABLE", `This installation cannot do steps of the type ${work.type}.`, true);
  try {
    return await performer(input, context);
  } catch (caught) {
    const error = withoutSecretsOf(caught, secrets);
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

import type { TenantSecrets, Tx, WriteMeta } from "@weft/shared";
import { inputOfWork } from "../../core/automation/run-context.js";
import { redactorOf } from "../../core/automation/secrets/redact.js";
import { secretsReadBy } from "../../core/automation/secrets/secret-names.js";
import type { Work } from "../../core/model/automation.js";
import type { JsonObject } from "../../core/model/json.js";
import { quote } from "../../core/model/problems.js";
import { problemsText } from "../../core/model/rejection.js";
import type { RunEvent, RunSnapshot, StepError, StepSnapshot } from "../../core/model/run.js";
import { asJsonObject } from "../../core/model/values.js";
import { advanceRun, loadRun, newLease, receiveAgain, type LoadedRun, type NextLook } from "./advance-run.js";
import { openSecrets } from "./run-secrets.js";
import type { DueRun, Lease } from "./runs.store.js";

/** Work that a worker has taken. It reports the result with `reportStep`, before the lease is over. */
export type TakenStep = Lease & {
  readonly instanceId: string;
  readonly attempt: number;
  readonly isCompensation: boolean;
  readonly work: Work;
  readonly input: JsonObject;
  /** Values of the secrets in the input, by name. They must not appear in anything that is stored. */
  readonly secrets: ReadonlyMap<string, string>;
};

/** What a worker reports. `waits`: nothing is to be done until that time, when the step has succeeded. */
export type StepReport =
  | { readonly kind: "succeeded"; readonly outputs: JsonObject; readonly usage?: StepUsage }
  | { readonly kind: "failed"; readonly error: StepError; readonly usage?: StepUsage }
  /** `isOver`: checked in the transaction that records the wait, so that what happens in between is not missed. */
  | { readonly kind: "waits"; readonly until: string; readonly isOver?: (tx: Tx) => Promise<boolean> }
  | { readonly kind: "stopped" };

/** What an attempt of a step has used, as far as its type measures it. */
export type StepUsage = {
  readonly processorMs?: number;
  /** Most memory that was used at one time. */
  readonly memoryBytes?: number;
  /** Number of requests to other systems. */
  readonly calls?: number;
  readonly tokensIn?: number;
  readonly tokensOut?: number;
  /** Millionths of a US dollar. */
  readonly costMicros?: number;
};

/**
 * Does what is due for a run: its first steps, a stop, a lost worker, the end of a wait; or takes a step that can begin.
 * @returns the step to do, with a lease; null if nothing is left to do for the worker
 */
export async function takeDue(tx: Tx, meta: WriteMeta, due: DueRun, taking: Taking): Promise<TakenStep | null> {
  const loaded = await loadRun(tx, meta, due);
  if (loaded === null) return null;
  if (loaded.row.finishedAt !== null) {
    await receiveAgain(tx, meta, loaded);
    return null;
  }
  if (due.step === null) {
    await advanceRun(tx, meta, loaded, { events: eventsOfRun(loaded) });
    return null;
  }
  const step = loaded.run.steps.get(due.step);
  const row = loaded.rows.get(due.step);
  // Somebody else was faster.
  if (!step || !row || row.dueAt === null || Date.parse(row.dueAt) > Date.parse(loaded.now)) return null;
  return takeStep(tx, meta, { ...taking, loaded, step, instanceId: due.instanceId });
}

/** A run whose instance has left the state is canceled. */
function eventsOfRun({ row, isCurrent }: LoadedRun): RunEvent[] {
  const first: RunEvent[] = row.hasBegun ? [] : [{ kind: "started" }];
  return isCurrent ? first : [{ kind: "cancel" }];
}

/** Types of steps whose work goes on after a wait. The others have succeeded when it is over. */
const GO_ON: ReadonlySet<string> = new Set(["agent"]);

/** How a worker takes steps. */
export type Taking = {
  readonly leaseSeconds: number;
  /** Opens the secrets that a step reads. */
  readonly secrets: TenantSecrets;
};

type TakingStep = Taking & { readonly loaded: LoadedRun; readonly step: StepSnapshot; readonly instanceId: string };

async function takeStep(
  tx: Tx,
  meta: WriteMeta,
  { loaded, step, leaseSeconds, secrets, instanceId }: TakingStep,
): Promise<TakenStep | null> {
  const { id, attempt, compensationAttempt } = step;
  if (step.compensation === "RUNNING") {
    const error = { code: "WORKER_LOST", message: "The worker was lost.", isFinal: false };
    await advanceRun(tx, meta, loaded, { events: [{ kind: "compensationFailed", step: id, attempt: compensationAttempt, error }] });
    return null;
  }
  if (step.status === "RUNNING" || step.status === "WAITING") {
    const event: RunEvent =
      step.status === "RUNNING"
        ? { kind: "lost", step: id, attempt }
        : GO_ON.has(loaded.stateRun.graph.steps.get(step.item?.of ?? id)?.type ?? "")
          ? { kind: "continues", step: id, attempt }
          : { kind: "succeeded", step: id, attempt, outputs: {} };
    await advanceRun(tx, meta, loaded, { events: [event] });
    return null;
  }
  const isCompensation = step.compensation === "READY";
  const leaseToken = newLease();
  const look: NextLook = { step: id, dueAt: new Date(Date.parse(loaded.now) + leaseSeconds * 1000).toISOString(), leaseToken };
  const event: RunEvent = { kind: isCompensation ? "compensationBegun" : "begun", step: id };
  const run = await advanceRun(tx, meta, loaded, { events: [event], looks: [look] });
  const begun = run?.steps.get(id);
  const rule = loaded.stateRun.graph.steps.get(step.item?.of ?? id);
  const work = isCompensation ? rule?.compensate : rule;
  if (run === null || !begun || !work) return null;
  const taken = { runId: loaded.row.id, instanceId, step: id, leaseToken, isCompensation, work };
  const numbered = { ...taken, attempt: isCompensation ? begun.compensationAttempt : begun.attempt };
  const input = await inputOfTaken(tx, { tenantId: meta.tenantId, secrets, loaded, run, step: begun, work });
  if (input.ok) return { ...numbered, ...input.taken };
  await reportStep(tx, meta, numbered, { kind: "failed", error: { ...input.error, isFinal: true } });
  return null;
}

type Rendering = {
  readonly tenantId: string;
  readonly secrets: TenantSecrets;
  readonly loaded: LoadedRun;
  readonly run: RunSnapshot;
  readonly step: StepSnapshot;
  readonly work: Work;
};

type Rendered =
  | { readonly ok: true; readonly taken: Pick<TakenStep, "input" | "secrets"> }
  | { readonly ok: false; readonly error: Pick<StepError, "code" | "message"> };

/** Renders the input. Secrets are opened here, for this step only. */
async function inputOfTaken(tx: Tx, { tenantId, secrets, loaded, run, step, work }: Rendering): Promise<Rendered> {
  const { graph } = loaded.stateRun;
  const read = secretsReadBy(graph, work);
  const opened = await openSecrets(tx, { secrets, tenantId }, read.secrets);
  const missing = [...read.secrets].find((name) => !opened.has(name));
  if (missing !== undefined)
    return {
      ok: false,
      error: { code: "SECRET_UNKNOWN", message: `There is no secret ${quote(missing)}. Create it, or change the definition.` },
    };
  const values = new Map([...opened].map(([name, { value }]) => [name, value]));
  const rendered = inputOfWork(graph, run, { step, work }, { secrets: Object.fromEntries(values), inputs: {} });
  if (rendered.ok) return { ok: true, taken: { input: asJsonObject(rendered.value) ?? {}, secrets: values } };
  return { ok: false, error: { code: "INPUT_INVALID", message: redactorOf(values).text(problemsText(rendered.problems)) } };
}

type Reported = Omit<TakenStep, "input" | "work" | "secrets">;

/** Writes what has become of a step. Returns false if the report is stale: the run has stopped, or another worker has taken the step over. */
export async function reportStep(tx: Tx, meta: WriteMeta, taken: Reported, report: StepReport): Promise<boolean> {
  const loaded = await loadRun(tx, meta, taken);
  if (loaded === null || loaded.rows.get(taken.step)?.leaseToken !== taken.leaseToken) return false;
  const looks: NextLook[] = report.kind === "waits" ? [await nextLook(tx, loaded, taken, report)] : [];
  const advanced = await advanceRun(tx, meta, loaded, { events: [eventOf(taken, report)], looks });
  return advanced !== null;
}

async function nextLook(
  tx: Tx,
  { now }: LoadedRun,
  { step }: Reported,
  { until, isOver }: Extract<StepReport, { readonly kind: "waits" }>,
): Promise<NextLook> {
  return { step, dueAt: (await isOver?.(tx)) === true ? now : until, leaseToken: null };
}

function eventOf({ step, attempt, isCompensation }: Reported, report: StepReport): RunEvent {
  if (!isCompensation) {
    if (report.kind === "succeeded") return { kind: "succeeded", step, attempt, outputs: report.outputs };
    if (report.kind === "failed") return { kind: "failed", step, attempt, error: report.error };
    return { kind: report.kind, step, attempt };
  }
  if (report.kind === "failed") return { kind: "compensationFailed", step, attempt, error: report.error };
  return { kind: "compensated", step, attempt };
}

import {
  findFollowers,
  findStepLeases,
  type FoundStepLease,
  hasWaitingSteps,
  stepFailure,
  type JsonObject,
  type ReportedStep,
  type StepResult,
  type TakenStep,
  type WorkerReport,
} from "@weft/engine";
import { Conflict, quote } from "@weft/shared/errors";
import { noteDueRuns } from "@weft/platform/events";
import { type Context, toldToWait } from "@weft/api/context";
import { appendFailure } from "./append-step-log.service.js";
import { assertSound, leaseSecondsOf, listProblem, leaseProblem, takingProblems } from "./check-leases.js";
import { externalRuns, resultOf } from "./external-runs.js";
import type { CompleteStepInput, CompleteStepsInput, FailStepInput, NextStepsInput, ReleaseStepsInput } from "./step-lease.input.js";
import type { Worked } from "../run-transactions.js";
import { StepReportStatus, type CompleteStepsPayload, type StepReport } from "./step-lease.type.js";
import { toLeasedStep } from "./take-steps.service.js";

const MAX_REPORTS = 100;
/** Steps that follow do not overtake others without end: none is taken while another one has waited for this long. */
const MAX_WAITING_SECONDS = 10;
const ERROR_CODE = /^[A-Z][A-Z0-9_]{0,63}$/;

type Reporting = { readonly token: string; readonly report: WorkerReport };

/** @throws Conflict if the lease is over */
export async function completeStep(ctx: Context, input: CompleteStepInput): Promise<StepReport> {
  assertSound([leaseProblem(input.lease, "input.lease"), outputsProblem(input, "input.outputs")]);
  return current(await report(ctx, [{ token: input.lease, report: successOf(input) }]));
}

export async function completeSteps(ctx: Context, { steps, next }: CompleteStepsInput): Promise<CompleteStepsPayload> {
  assertSound([
    ...(next ? takingProblems(next, "input.next") : []),
    listProblem(steps, { path: "input.steps", max: MAX_REPORTS }),
    ...steps.flatMap((one, index) => [
      leaseProblem(one.lease, `input.steps[${index}].lease`),
      outputsProblem(one, `input.steps[${index}].outputs`),
    ]),
  ]);
  const { reports, taken } = await reportAndTake(
    ctx,
    steps.map((one) => ({ token: one.lease, report: successOf(one) })),
    next ?? null,
  );
  return { reports, steps: taken.map(toLeasedStep) };
}

/** @throws Conflict if the lease is over */
export async function failStep(ctx: Context, { lease: token, code, message, isRetryable }: FailStepInput): Promise<StepReport> {
  assertSound([
    leaseProblem(token, "input.lease"),
    ERROR_CODE.test(code)
      ? null
      : { path: "input.code", message: `${quote(code)} is not a code of an error. Codes look like CARD_DECLINED.` },
  ]);
  const failed = stepFailure(code, message, isRetryable === false);
  await appendFailure(ctx, token, failed.error);
  return current(await report(ctx, [{ token, report: failed }]));
}

export async function releaseSteps(ctx: Context, { leases }: ReleaseStepsInput): Promise<StepReport[]> {
  assertSound([
    listProblem(leases, { path: "input.leases", max: MAX_REPORTS }),
    ...leases.map((lease, index) => leaseProblem(lease, `input.leases[${index}]`)),
  ]);
  return report(
    ctx,
    leases.map((token) => ({ token, report: { kind: "released" } })),
  );
}

const outputsProblem = ({ outputs }: CompleteStepInput, path: string) =>
  outputs === undefined || outputs === null || (typeof outputs === "object" && !Array.isArray(outputs))
    ? null
    : { path, message: "The outputs must be an object. Pass a single value as a member, for example { value: 1 }." };

/** The scalar has refused values that cannot be stored. */
const successOf = ({ outputs }: CompleteStepInput): WorkerReport => ({ kind: "succeeded", outputs: (outputs ?? {}) as JsonObject });

function current([one]: readonly StepReport[]): StepReport {
  if (one && one.status !== StepReportStatus.STALE) return one;
  throw new Conflict(
    "The lease of the step is over: the run has stopped, or the step belongs to another worker. Nothing was recorded. Stop the work.",
  );
}

const report = async (ctx: Context, reporting: readonly Reporting[]): Promise<StepReport[]> =>
  (await reportAndTake(ctx, reporting, null)).reports;

type Reported = { readonly reports: StepReport[]; readonly taken: readonly TakenStep[] };

/**
 * Records what has become of steps that the viewer has taken, and takes steps that follow. What was recorded with the same lease before is returned
 * again.
 * @returns the reports, in the given order
 */
async function reportAndTake(ctx: Context, reporting: readonly Reporting[], next: NextStepsInput | null): Promise<Reported> {
  const tokens = reporting.map(({ token }) => token.toLowerCase());
  const takenBy = ctx.viewer.userId;
  const find = (sought: readonly string[]) => ctx.read((tx) => findStepLeases(tx, { takenBy, tokens: sought }));
  const { leases, followers, room } = await ctx.read(async (tx) => {
    const found = await findStepLeases(tx, { takenBy, tokens: [...new Set(tokens)] });
    const repeated = [...found.values()].flatMap(({ token, result }) => (result === null ? [] : [token]));
    const isFair = next !== null && !(await hasWaitingSteps(tx, { tasks: next.tasks, seconds: MAX_WAITING_SECONDS }));
    return {
      leases: found,
      followers: next === null || repeated.length === 0 ? [] : await findFollowers(tx, { takenBy, tokens: repeated }),
      room: isFair ? (next.max ?? 1) : 0,
    };
  });
  const statuses = new Map<string, StepReportStatus>();
  const results = new Map<string, StepResult>();
  for (const [index, token] of tokens.entries()) {
    const lease = leases.get(token);
    const reported = reporting[index]?.report;
    if (lease?.result) statuses.set(token, lease.result as StepReportStatus);
    else if (lease && reported && !results.has(token)) {
      results.set(token, { taken: attemptOf(lease), report: reported });
    }
  }
  // The caller has not got the answer with them.
  const released = followers.map((lease): StepResult => ({ taken: attemptOf(lease), report: { kind: "released" } }));
  const { recorded, taken } = await record(ctx, [...results.values(), ...released], { next, room });
  for (const { taken: done, report: how } of recorded) statuses.set(done.leaseToken, resultOf(how) as StepReportStatus);
  // Two calls can report the same at the same time: the one that comes second gets the result of the first.
  const stale = [...results.keys()].filter((token) => !statuses.has(token));
  if (stale.length > 0) for (const [token, { result }] of await find(stale)) if (result) statuses.set(token, result as StepReportStatus);
  const reports = reporting.map(({ token }) => ({ lease: token, status: statuses.get(token.toLowerCase()) ?? StepReportStatus.STALE }));
  return { reports, taken };
}

const attemptOf = ({ token: leaseToken, runId, step, instanceId, attempt, isCompensation }: FoundStepLease): ReportedStep => ({
  runId,
  step,
  instanceId,
  attempt,
  isCompensation,
  leaseToken,
});

type Done = Pick<Worked, "recorded" | "taken">;
type Wanted = { readonly next: NextStepsInput | null; readonly room: number };

async function record(ctx: Context, results: readonly StepResult[], { next, room }: Wanted): Promise<Done> {
  if (results.length === 0) return { recorded: [], taken: [] };
  const runs = externalRuns(ctx, {
    tasks: next?.tasks ?? [],
    leaseSeconds: leaseSecondsOf(ctx, next?.leaseSeconds),
    onOthersTaken: () => undefined,
  });
  const worked = await ctx.joinWrite(async () => {
    const done = await runs.work(ctx.viewer.tenantId, { results, due: [], room });
    // Workers of Weft begin what follows.
    noteDueRuns();
    return done;
  });
  const [failure] = worked?.failed.values() ?? [];
  // The caller repeats the call. What was recorded is not recorded again, and what was taken is taken again.
  if (failure !== undefined) throw toldToWait(failure);
  return worked ?? { recorded: [], taken: [] };
}

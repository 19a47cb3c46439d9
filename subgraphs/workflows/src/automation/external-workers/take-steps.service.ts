import { extendStepLeases, workerTaskOf, workerTimeoutOf, type TakenStep } from "@weft/engine";
import { encodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import {
  assertSound,
  leaseSecondsOf,
  leaseSecondsProblem,
  listProblem,
  numberProblem,
  leaseProblem,
  takingProblems,
} from "./check-leases.js";
import { idempotencyKeyOf } from "../idempotency-key.js";
import { externalRuns } from "./external-runs.js";
import { enterPoll, listenForOffers, type Offers } from "./poll-places.js";
import type { ExtendStepLeasesInput, TakeStepsInput } from "./step-lease.input.js";
import { StepLeaseEnd, type LeasedStep, type StepLease, type TakeStepsPayload } from "./step-lease.type.js";

const MAX_WAIT_SECONDS = 60;
const MAX_LEASES = 500;
/** Share of the time of a call that it waits at most. The rest is for its queue before, and for the answer. */
const WAITING_SHARE = 0.6;
/** When to ask again if the call could not wait. */
const POLL_AFTER_MS = 1_000;
/** When to ask again if others were taking what was offered. */
const CONTENDED_MS = 50;

type Taken = { readonly steps: readonly TakenStep[]; readonly areOthersTaken: boolean };

/**
 * Takes steps for the viewer, who is an external worker. Without any, it waits until some are offered. No connection is held while it waits.
 * @throws BadUserInput
 */
export async function takeSteps(ctx: Context, input: TakeStepsInput): Promise<TakeStepsPayload> {
  const { waitSeconds } = input;
  assertSound([
    ...takingProblems(input, "input"),
    numberProblem(waitSeconds, { path: "input.waitSeconds", min: 0, max: MAX_WAIT_SECONDS }),
  ]);
  const take = (): Promise<Taken> => takeOnce(ctx, input);
  const waitMs = Math.min((waitSeconds ?? 0) * 1000, maxWaitMs(ctx));
  const leave = waitMs > 0 ? enterPoll(ctx.viewer.tenantId, ctx.services.config.limits) : null;
  if (!leave) return answer(await take(), POLL_AFTER_MS);
  let offers: Offers | null = null;
  try {
    const until = performance.now() + waitMs;
    // Before it looks, so that it hears of what is offered after that.
    offers = await listenForOffers(ctx.services.pubsub, ctx.viewer.tenantId, ctx.signal);
    let taken = await take();
    for (let leftMs = waitMs; taken.steps.length === 0 && leftMs > 0 && !ctx.signal?.aborted; leftMs = until - performance.now()) {
      await offers.next(taken.areOthersTaken ? CONTENDED_MS : leftMs);
      if (!ctx.signal?.aborted) taken = await take();
    }
    return answer(taken, 0);
  } finally {
    leave();
    await offers?.end();
  }
}

const maxWaitMs = ({ services: { config } }: Context): number =>
  WAITING_SHARE * Math.min(config.subgraphTimeoutMs, 0.8 * config.requestTimeoutMs);

const answer = ({ steps, areOthersTaken }: Taken, pollAfterMs: number): TakeStepsPayload => ({
  steps: steps.map(toLeasedStep),
  pollAfterMs: steps.length > 0 ? 0 : areOthersTaken ? CONTENDED_MS : pollAfterMs,
});

async function takeOnce(ctx: Context, { tasks, max, leaseSeconds }: TakeStepsInput): Promise<Taken> {
  let areOthersTaken = false;
  const runs = externalRuns(ctx, {
    tasks,
    leaseSeconds: leaseSecondsOf(ctx, leaseSeconds),
    onOthersTaken: () => (areOthersTaken = true),
  });
  const worked = await ctx.joinWrite(async () => {
    const { taken, done } = await runs.takeDue(ctx.viewer.tenantId, max ?? 1);
    return done > 0 ? taken : undefined;
  });
  return { steps: worked ?? [], areOthersTaken };
}

export const toLeasedStep = (taken: TakenStep): LeasedStep => {
  const { runId, instanceId, step, attempt, isCompensation, input, leaseToken, leaseEndsAt, work } = taken;
  return {
    lease: leaseToken,
    expiresAt: leaseEndsAt,
    timeoutSeconds: workerTimeoutOf(work),
    runId: encodeId("run", runId),
    instanceId: encodeId("instance", instanceId),
    step,
    task: workerTaskOf(work) ?? "",
    input: (input["input"] ?? {}) as Record<string, unknown>,
    attempt,
    idempotencyKey: idempotencyKeyOf(taken),
    isCompensation,
  };
};

/** Extends leases of the viewer. Those of others are like leases that are over. */
export async function extendLeases(ctx: Context, { leases, leaseSeconds }: ExtendStepLeasesInput): Promise<StepLease[]> {
  assertSound([
    listProblem(leases, { path: "input.leases", max: MAX_LEASES }),
    ...leases.map((lease, index) => leaseProblem(lease, `input.leases[${index}]`)),
    leaseSecondsProblem(leaseSeconds),
  ]);
  const seconds = leaseSecondsOf(ctx, leaseSeconds);
  const extended = await ctx.inTenant((tx) => extendStepLeases(tx, { takenBy: ctx.viewer.userId, tokens: leases, seconds }));
  const byToken = new Map(extended.map((one) => [one.token, one]));
  return leases.map((lease) => {
    const found = byToken.get(lease.toLowerCase());
    return { lease, expiresAt: found?.expiresAt ?? null, end: found ? (found.end as StepLeaseEnd | null) : StepLeaseEnd.LOST };
  });
}

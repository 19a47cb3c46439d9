/** Lets results of calls arrive at an instance in memory. They do the same as for a stored instance. */
import { incidentOutcome } from "../automatic/fire-automatic.js";
import { planResult, STOPPED_BETWEEN, unusableResult, type CallStep } from "../calls/receive.js";
import { callName, type CallEnd } from "../model/call.js";
import type { NewIncident } from "../model/incident.js";
import type { Outcome } from "../model/outcome.js";
import { reasonText } from "../model/rejection.js";
import { systemActor } from "../timers/system-actor.js";
import { hasLaterCall, type MadeCall } from "./calls.js";
import type { Environment } from "./environment.js";
import type { Run } from "./progress.js";
import { written } from "./written.js";

/** The end of one of the calls of an action. */
export type CallResult = {
  readonly integration: string;
  readonly action: string;
  /** Of all the calls of this action, starting at 1. Null: an open one. */
  readonly number: number | null;
  readonly ended: CallEnd;
};

/** The call whose result has arrived, as it is then, and what that did to the instance, in order. */
export type Received = { readonly run: Run; readonly call: MadeCall; readonly outcomes: readonly Outcome[] };

const MAX_LISTED = 20;

/** Lets the result of a call arrive. Returns why that is not possible if there is no such open call. */
export function receiveResult(environment: Environment, run: Run, result: CallResult): Received | string {
  const index = findOpenCall(run, result);
  const call = run.calls[index];
  if (!call) return whyNone(run, result);
  const { ended } = result;
  const { outcome, reason, outcomes, run: after } = follow(environment, run, { call, ended, isSuperseded: hasLaterCall(run.calls, index) });
  const answered = { ...call, outcome, reason: reason === null ? null : reasonText([reason]), hasFailed: !ended.isDone };
  return { call: answered, outcomes, run: { ...after, calls: after.calls.with(index, answered) } };
}

/** Lets the end of the steps of a state arrive, as the result of a call does. */
export function receiveRunEnd(
  environment: Environment,
  run: Run,
  settled: Pick<MadeCall, "followUp" | "settledVersion">,
  ended: CallEnd,
): { readonly run: Run; readonly outcomes: readonly Outcome[]; readonly reason: string | null } {
  const {
    run: after,
    outcomes,
    reason,
  } = follow(environment, run, { call: { ...settled, integration: "steps" }, ended, isSuperseded: false });
  return { run: after, outcomes, reason: reason === null ? null : reasonText([reason]) };
}

/**
 * Returns the index of the call, or -1. Without a number, it is the first open call of the current visit of the state, otherwise the first open one. There
 * can be very many calls, so none is looked at that needs not be.
 */
function findOpenCall({ calls, enteredVersion }: Run, { number, ...action }: CallResult): number {
  if (number === null) {
    const isOpen = (call: MadeCall): boolean => isPending(call) && isOfAction(call, action);
    const ofVisit = calls.findIndex((call) => call.settledVersion >= enteredVersion && isOpen(call));
    return ofVisit >= 0 ? ofVisit : calls.findIndex(isOpen);
  }
  let left = number;
  const index = calls.findIndex((call) => isOfAction(call, action) && --left === 0);
  return calls[index]?.outcome === "PENDING" ? index : -1;
}

type OfAction = Pick<MadeCall, "integration" | "action">;
const isOfAction = (call: OfAction, { integration, action }: OfAction): boolean =>
  call.integration === integration && call.action === action;

function whyNone({ calls }: Run, { number, ...action }: CallResult): string {
  const name = callName(action);
  if (number !== null && calls.filter((call) => isOfAction(call, action)).length >= number)
    return `The call ${name} number ${number} has its result already.`;
  const open = calls.filter(isPending);
  const names = open.slice(0, MAX_LISTED).map(callName).join(", ");
  const more = open.length > MAX_LISTED ? `, and ${open.length - MAX_LISTED} more` : "";
  return `There is no open call ${name}${number === null ? "" : ` number ${number}`}; ${names ? `the open calls are: ${names}${more}.` : "no call is open."}`;
}

const isPending = ({ outcome }: MadeCall): boolean => outcome === "PENDING";

type Followed = Pick<MadeCall, "outcome" | "reason"> & Pick<Received, "run" | "outcomes">;

type Ending = {
  readonly call: Pick<MadeCall, "integration" | "followUp" | "settledVersion">;
  readonly ended: CallEnd;
  readonly isSuperseded: boolean;
};

function follow(environment: Environment, run: Run, { call, ended, isSuperseded }: Ending): Followed {
  const { integration, followUp, settledVersion } = call;
  const { status } = run.snapshot;
  const hasLeft = run.enteredVersion > settledVersion;
  const plan = planResult({ integration, followUp, ended }, { status, hasLeft, isSuperseded });
  switch (plan.kind) {
    case "waits":
      return { run, outcome: "WAITING", reason: null, outcomes: [] };
    case "skipped":
      return { run, outcome: "SKIPPED", reason: plan.reason, outcomes: [] };
    case "stopped":
      return stopped(environment, { run, outcomes: [] }, plan.incident, plan.reason);
    case "steps":
      return followSteps(environment, run, integration, plan.steps);
    default:
      return plan satisfies never;
  }
}

function followSteps(environment: Environment, before: Run, integration: string, steps: readonly CallStep[]): Followed {
  const { machine } = environment;
  const outcomes: Outcome[] = [];
  let run = before;
  for (const decide of steps) {
    if (run.snapshot.status !== "RUNNING") return { run, outcomes, outcome: "SKIPPED", reason: STOPPED_BETWEEN };
    const received = decide({ machine, snapshot: run.snapshot, actor: systemActor, now: run.now, integration });
    if (!("outcomes" in received)) {
      const { kind, reason } = received;
      return kind === "skipped"
        ? { run, outcomes, outcome: "SKIPPED", reason }
        : stopped(environment, { run, outcomes }, unusableResult(integration, reason), reason);
    }
    outcomes.push(...received.outcomes);
    run = written(environment, run, received.outcomes);
  }
  return { run, outcomes, outcome: "DONE", reason: null };
}

function stopped(
  environment: Environment,
  { run, outcomes }: Pick<Followed, "run" | "outcomes">,
  incident: NewIncident,
  reason: string,
): Followed {
  const outcome = incidentOutcome(run.snapshot, incident, { actor: systemActor, now: run.now });
  return { run: written(environment, run, [outcome]), outcomes: [...outcomes, outcome], outcome: "FAILED", reason };
}

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
  const call = findOpenCall(run, result);
  if (typeof call === "string") return call;
  const { ended } = result;
  const { outcome, reason, outcomes, ...facts } = follow(environment, run, call, ended);
  const answered = { ...call, outcome, reason: reason === null ? null : reasonText([reason]), hasFailed: !ended.isDone };
  return {
    call: answered,
    outcomes,
    run: { ...facts.run, calls: facts.run.calls.map((one) => (one === call ? answered : one)) },
  };
}

/** Without a number, the first open call of the current visit of the state, otherwise the first open one. */
function findOpenCall({ calls, enteredVersion }: Run, { integration, action, number }: CallResult): MadeCall | string {
  const name = callName({ integration, action });
  const made = calls.filter((call) => call.integration === integration && call.action === action);
  const chosen = number === null ? undefined : made[number - 1];
  if (chosen && chosen.outcome !== "PENDING") return `The call ${name} number ${number} has its result already.`;
  const open = made.filter(isPending);
  const found = number === null ? (open.find(({ settledVersion }) => settledVersion >= enteredVersion) ?? open[0]) : chosen;
  if (found) return found;
  const all = calls.filter(isPending);
  const names = all.slice(0, MAX_LISTED).map(callName).join(", ");
  const more = all.length > MAX_LISTED ? `, and ${all.length - MAX_LISTED} more` : "";
  return `There is no open call ${name}${number === null ? "" : ` number ${number}`}; ${names ? `the open calls are: ${names}${more}.` : "no call is open."}`;
}

const isPending = ({ outcome }: MadeCall): boolean => outcome === "PENDING";

type Followed = Pick<MadeCall, "outcome" | "reason"> & Pick<Received, "run" | "outcomes">;

function follow(environment: Environment, run: Run, call: MadeCall, ended: CallEnd): Followed {
  const { integration, followUp, settledVersion } = call;
  const { status } = run.snapshot;
  const hasLeft = run.enteredVersion > settledVersion;
  const plan = planResult({ integration, followUp, ended }, { status, hasLeft, isSuperseded: hasLaterCall(run.calls, call) });
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

/** Simulates a start, firings and results of calls one after the other, in memory. Uses the same functions as stored instances; nothing is written. */
import { splitSecretInputs } from "../automation/inputs.js";
import { maskOf } from "../automation/simulation/mask.js";
import type { Actor } from "../model/actor.js";
import type { Period } from "../model/calendar.js";
import { fire } from "../transition/fire.js";
import type { JsonObject } from "../model/json.js";
import type { Machine } from "../model/machine.js";
import type { FireResult, Outcome } from "../model/outcome.js";
import { badInput, type Rejection } from "../model/rejection.js";
import type { FireRequest, StartRequest } from "../model/requests.js";
import { fireAutomatic } from "../automatic/fire-automatic.js";
import type { Snapshot } from "../model/snapshot.js";
import type { SlaRule } from "../model/sla/rule.js";
import { start } from "../instance/start.js";
import { standingOf, type SlaStanding } from "../sla/ledger.js";
import type { SlaPolicy } from "../sla/policy.js";
import { checkItems, withCheckedItems } from "../tasks/checklist.js";
import { advance } from "./advance.js";
import type { MadeCall } from "./calls.js";
import type { Effect } from "./effects.js";
import { blankRun, type Run } from "./progress.js";
import { receiveResult, type CallResult } from "./receive.js";
import { environmentOf, type Environment } from "./environment.js";
import { runStates, type RunOfState, type StepSimulation } from "./runs.js";
import { written } from "./written.js";

/** Fires a transition, or lets the result of a call arrive. */
export type SimulationStep = {
  /** By which the clock advances before. */
  readonly after?: Period | null;
} & (SimulatedFiring | SimulatedResult);

/** `task`: fires as the completion of the first open task of this rule. */
export type SimulatedFiring = Pick<FireRequest, "transition" | "actor" | "input" | "comment"> & {
  readonly task?: string | null;
  /** Items to check off before, by title: of that task, or of every open one. */
  readonly completedItems?: readonly string[] | undefined;
};

export type SimulatedResult = { readonly callResult: CallResult };

type Stepped = {
  /** When it is fired, or arrives. */
  readonly at: string;
  /** What happened while the clock advanced before. */
  readonly effects: readonly Effect[];
  readonly before: Snapshot;
  /** Equals `before` if the step was rejected: the next one is tried from there. */
  readonly after: Snapshot;
  /** The calls that it made, in order. */
  readonly calls: readonly MadeCall[];
};

export type SimulatedStep =
  | (Stepped & {
      readonly kind: "transition";
      readonly transition: string;
      readonly result: FireResult;
      /** What followed automatically: automatic transitions, or an incident. */
      readonly automaticTransitions: readonly Outcome[];
    })
  | (Stepped & {
      readonly kind: "callResult";
      /** The call with what has become of it, or why no call has got the result. */
      readonly call: MadeCall | { readonly missing: string };
      /** What it changes in the instance, in order. */
      readonly outcomes: readonly Outcome[];
    });

/** A clock at the end of a simulation. */
export type SimulatedClock = SlaStanding & {
  readonly rule: string;
  readonly sla: SlaRule;
  /** Rule of its task. */
  readonly task: string | null;
  readonly startedAt: string;
  readonly target: number;
};

export type SimulationEnd = {
  readonly snapshot: Snapshot;
  readonly now: string;
  /** The states in the order in which they were entered, beginning with the initial one. */
  readonly visited: readonly string[];
  /** The calls that the instance has made, oldest first. */
  readonly calls: readonly MadeCall[];
  /** What happened while the clock advanced after the last step. */
  readonly effects: readonly Effect[];
  /** Oldest first. */
  readonly clocks: readonly SimulatedClock[];
  /** The runs of the steps of states, oldest first. */
  readonly runs: readonly RunOfState[];
};

/** The clock cannot be advanced before this step, or after all of them. */
export type SimulationStop = { readonly step: number; readonly message: string };

export type SimulationOptions = {
  /** By which the clock advances after the last step. */
  readonly advance?: Period | null;
  /** SLA policies of the tenant, in the order in which they are tried. */
  readonly policies?: readonly SlaPolicy[];
  /** Results of the steps of states, and the step types. Without stubs, examples of their outputs are used. */
  readonly steps?: StepSimulation;
};

export type Simulated =
  | { readonly ok: false; readonly rejection: Rejection }
  | {
      readonly ok: true;
      readonly started: Snapshot;
      readonly automaticTransitions: readonly Outcome[];
      /** Yields null where it can pause within a step. */
      readonly steps: Generator<SimulatedStep | null, SimulationEnd | SimulationStop, undefined>;
    };

/**
 * Starts an instance that exists only in memory. The steps run as they are pulled, so the caller decides how many to run. Each step is bounded like a
 * firing. Time passes only as the steps say; then everything that is due happens.
 */
export function simulate(
  machine: Machine,
  request: StartRequest,
  steps: readonly SimulationStep[],
  options: SimulationOptions = {},
): Simulated {
  const { data, secrets, problems } = splitSecretInputs(machine, request.data);
  if (problems.length > 0) return { ok: false, rejection: badInput(problems).rejection };
  const begun = start(machine, { ...request, data });
  if (!begun.ok) return { ok: false, rejection: begun.rejection };
  const { ownerId, teamId = null, assignee = null, now } = request;
  const environment = environmentOf(machine, { routes: new Map(), policies: options.policies ?? [] });
  const blank = blankRun({ state: machine.initial, ownerId, teamId, assignee }, now);
  const { after, automaticTransitions } = wentOn(environment, blank, begun.outcome, request.actor);
  // They have been checked. The steps read only that they were given.
  const secretInputs = maskOf(Object.keys(secrets));
  return { ok: true, started: after.snapshot, automaticTransitions, steps: walk({ environment, secretInputs }, after, steps, options) };
}

type Simulating = { readonly environment: Environment; readonly secretInputs: JsonObject };

function* walk(
  { environment, secretInputs }: Simulating,
  started: Run,
  steps: readonly SimulationStep[],
  { advance: rest = null, steps: stepSimulation = { stubs: [] } }: SimulationOptions,
): Generator<SimulatedStep | null, SimulationEnd | SimulationStop, undefined> {
  const runs: RunOfState[] = [];
  const simulation = { environment, secretInputs, ...stepSimulation };
  function* withRuns(reached: Run, before: number): Generator<null, Run, undefined> {
    const followed = yield* runStates(simulation, reached, before);
    runs.push(...followed.runs);
    return followed.run;
  }
  let run = yield* withRuns(started, 0);
  let shown = started.effects.length;
  for (const [index, { after: period = null, ...step }] of steps.entries()) {
    const passed = period ? yield* advance(environment, run, period) : run;
    if (typeof passed === "string") return { step: index, message: passed };
    const reached = yield* withRuns(passed, run.enteredVersion);
    const { run: next, ...done } = "callResult" in step ? received(environment, reached, step) : fired(environment, reached, step);
    yield { ...done, at: reached.now, effects: reached.effects.slice(shown), calls: next.calls.slice(reached.calls.length) };
    shown = next.effects.length;
    run = yield* withRuns(next, reached.enteredVersion);
  }
  const rested = rest ? yield* advance(environment, run, rest) : run;
  if (typeof rested === "string") return { step: steps.length, message: rested };
  const end = yield* withRuns(rested, run.enteredVersion);
  const effects = end.effects.slice(shown);
  const { snapshot, now, visited, calls } = end;
  return { snapshot, now, visited, calls, effects, clocks: clocksOf(environment, end), runs };
}

type Done<K extends SimulatedStep["kind"]> = Omit<Extract<SimulatedStep, { kind: K }>, "at" | "effects" | "calls"> & { readonly run: Run };

function fired(environment: Environment, reached: Run, { task, completedItems = [], ...request }: SimulatedFiring): Done<"transition"> {
  const { machine } = environment;
  const { openTasks } = reached.snapshot;
  const taskId = task ? (openTasks.find(({ rule }) => rule === task)?.id ?? task) : undefined;
  const items = openTasks.reduce(
    (checked, { id }) => (taskId === undefined || id === taskId ? checkItems(checked, id, completedItems) : checked),
    reached.checkedItems,
  );
  const before = { ...reached, checkedItems: items, snapshot: withCheckedItems(machine, reached.snapshot, items) };
  const result = fire(machine, before.snapshot, { ...request, taskId, now: before.now });
  const { after: run, automaticTransitions } = result.ok
    ? wentOn(environment, before, result.outcome, request.actor)
    : { after: before, automaticTransitions: [] };
  const snapshots = { before: before.snapshot, after: run.snapshot };
  return { kind: "transition", transition: request.transition, run, ...snapshots, result, automaticTransitions };
}

function received(environment: Environment, reached: Run, { callResult }: SimulatedResult): Done<"callResult"> {
  const result = receiveResult(environment, reached, callResult);
  const { run, call, outcomes } = typeof result === "string" ? { run: reached, call: { missing: result }, outcomes: [] } : result;
  return { kind: "callResult", run, call, before: reached.snapshot, after: run.snapshot, outcomes };
}

const clocksOf = ({ machine, sla }: Environment, { clocks, now }: Run): SimulatedClock[] =>
  clocks.flatMap(({ rule, taskId, clock }) => {
    const found = machine.slas.get(rule);
    if (!found) return [];
    const task = taskId !== null && found.scope.kind === "task" ? found.scope.rule : null;
    const { startedAt, entry } = clock;
    return [{ rule, sla: found, task, startedAt, target: entry.terms.target, ...standingOf(clock, now, sla.calendarOf) }];
  });

function wentOn(
  environment: Environment,
  before: Run,
  first: Outcome,
  actor: Actor,
): { after: Run; automaticTransitions: readonly Outcome[] } {
  const chain = fireAutomatic(environment.machine, before.snapshot, first, actor);
  return { after: written(environment, before, chain), automaticTransitions: chain.slice(1).filter(({ kind }) => kind !== "assign") };
}

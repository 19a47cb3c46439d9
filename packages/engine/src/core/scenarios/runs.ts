/** Lets the steps of a state run in memory, and their end act on the instance. */
import { endOfRun } from "../automation/run-end.js";
import { isEnded } from "../automation/run-draft.js";
import type { SimulatedRun } from "../automation/simulation/report.js";
import { simulateRun } from "../automation/simulation/simulate-run.js";
import type { JsonObject } from "../model/json.js";
import type { StepStub } from "../model/step-stub.js";
import { STEP_TYPES } from "../automation/types/step-types.js";
import type { StepType } from "../model/automation.js";
import type { SecurityProfile } from "../model/security-profile.js";
import type { Outcome } from "../model/outcome.js";
import type { Environment } from "./environment.js";
import type { Run } from "./progress.js";
import { receiveRunEnd } from "./receive.js";

/** Maximum number of runs that follow each other: steps can fire a transition to a state with steps. */
const MAX_RUNS = 20;

/** A run of the steps of a state, and what its end does to the instance, in order. */
export type RunOfState = {
  readonly state: string;
  readonly run: SimulatedRun;
  readonly outcomes: readonly Outcome[];
  readonly reason: string | null;
};

export type StepSimulation = {
  readonly stubs: readonly StepStub[];
  /** Those of Weft if absent. */
  readonly types?: ReadonlyMap<string, StepType> | undefined;
  /** Security profiles by state. */
  readonly profiles?: ReadonlyMap<string, SecurityProfile> | undefined;
};

type Simulation = StepSimulation & {
  readonly environment: Environment;
  /** Those that were given, masked. They are no data of the instance. */
  readonly secretInputs: JsonObject;
};

/** Lets the steps of the state run if the instance has entered it since `enteredVersion`, and those of the states that follow. */
export function* runStates(
  { environment, secretInputs, stubs, types = STEP_TYPES, profiles }: Simulation,
  before: Run,
  enteredVersion: number,
): Generator<null, { readonly run: Run; readonly runs: readonly RunOfState[] }, undefined> {
  const runs: RunOfState[] = [];
  let run = before;
  for (let seen = enteredVersion; run.enteredVersion > seen && runs.length < MAX_RUNS;) {
    seen = run.enteredVersion;
    const { state, data, status, ownerId } = run.snapshot;
    const rule = environment.machine.states.get(state)?.run;
    if (!rule || status !== "RUNNING") break;
    const facts = { id: "run_simulated", started_at: run.now, ...(ownerId !== null && { owner_id: ownerId }) };
    const inputs = { ...data, ...secretInputs };
    const walk = simulateRun(rule.graph, { inputs, facts, now: run.now, stubs, types, profile: profiles?.get(state) });
    let next = walk.next();
    for (; next.done !== true; next = walk.next()) yield null;
    const { report, run: ended } = next.value;
    // As time passes within the run, but not for the clocks of the instance, which are advanced only by the steps of the simulation.
    if (!isEnded(ended.status)) {
      runs.push({ state, run: report, outcomes: [], reason: report.unfinished });
      break;
    }
    const settled = { followUp: rule.followUp, settledVersion: run.enteredVersion };
    const received = receiveRunEnd(environment, run, settled, endOfRun(ended));
    runs.push({ state, run: report, outcomes: received.outcomes, reason: received.reason });
    run = received.run;
  }
  return { run, runs };
}

/** Runs a scenario of an automation in memory. */
import { STEP_TYPES } from "../automation/types/step-types.js";
import type { SimulatedRun } from "../automation/simulation/report.js";
import type { Actor } from "../model/actor.js";
import type { Machine } from "../model/machine.js";
import { quote, type Path } from "../model/problems.js";
import { problemsText } from "../model/rejection.js";
import type { AutomationScenario, ExpectedRun } from "../model/scenarios/automation-scenario.js";
import type { StepType } from "../model/automation.js";
import { valueMismatches } from "./compare.js";
import type { ScenarioFailure, ScenarioResult } from "./progress.js";
import { simulate } from "./simulate.js";

const OWNER: Actor = { id: "owner", roles: [], permissions: [], principals: { userIds: ["owner"], teamIds: [], vendorId: null } };

export function* runAutomationScenario(
  machine: Machine,
  scenario: AutomationScenario,
  path: Path,
  types: ReadonlyMap<string, StepType> = STEP_TYPES,
): Generator<void, ScenarioResult, void> {
  const { name, inputs, now, stubs, expect } = scenario;
  const failed = (where: Path, message: string): ScenarioResult => ({ name, failures: [{ path: where, message }], end: null });
  const simulated = simulate(machine, { data: inputs, ownerId: OWNER.id, actor: OWNER, now }, [], { steps: { stubs, types } });
  if (!simulated.ok) return failed([...path, "given"], `The automation cannot be started: ${problemsText(simulated.rejection.problems)}`);
  let next = simulated.steps.next();
  for (; next.done !== true; next = simulated.steps.next()) yield;
  const end = next.value;
  if ("message" in end) return failed(path, end.message);
  const [first] = end.runs;
  if (!first) return failed(path, "The automation has not run.");
  return { name, failures: mismatches(first.run, expect, [...path, "expect"]), end };
}

/** Returns every difference between the run and the expectation. */
function mismatches(run: SimulatedRun, expect: ExpectedRun, path: Path): readonly ScenarioFailure[] {
  const failures: ScenarioFailure[] = [];
  const whole = new Map(run.steps.filter(({ index }) => index === null).map((step) => [step.step, step]));
  const errorOf = (id: string | null): string => {
    const error = whole.get(id ?? "")?.error;
    return error ? ` Step ${id}: ${error.code}: ${error.message}` : "";
  };
  if (expect.status !== undefined && expect.status !== run.status) {
    const why = run.unfinished === null ? errorOf(run.failedStep) : ` ${run.unfinished}`;
    failures.push({ path: [...path, "status"], message: `Expected the status ${expect.status}, found ${run.status}.${why}` });
  }
  for (const [id, status] of expect.steps ?? []) {
    const found = whole.get(id);
    if (found && found.status !== status)
      failures.push({
        path: [...path, "steps", id],
        message: `Expected ${status}, found ${found.status}.${found.status === "FAILED" ? errorOf(id) : ""}`,
      });
  }
  for (const [id, values] of expect.inputs ?? []) {
    const input = run.steps
      .findLast(({ step, attempts }) => step === id && attempts.length > 0)
      ?.attempts.findLast(({ isCompensation }) => !isCompensation);
    if (input?.input) failures.push(...valueMismatches(input.input, values, [...path, "inputs", id]));
    else failures.push({ path: [...path, "inputs", id], message: `The step ${quote(id)} has no input, because it does not begin.` });
  }
  failures.push(...valueMismatches(run.outputs ?? {}, expect.outputs, [...path, "outputs"]));
  return failures;
}

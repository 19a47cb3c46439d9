/** Steps (`state.transition`) that `notSameAs` references: checks that they exist, and collects those that the machine must record. */
import type { MachineState } from "../model/machine.js";
import { didYouMean, quote } from "../model/problems.js";
import type { Reading } from "../document/reader.js";

/** Returns the steps that `notSameAs` references, each once. Reports unknown states and transitions, and steps that nobody does. */
export function checkSteps({ problems, stepReferences }: Reading, states: ReadonlyMap<string, MachineState>): ReadonlySet<string> {
  const steps = new Set<string>();
  for (const { name, path } of stepReferences) {
    const dot = name.indexOf(".");
    const [stateName, transitionName] = [name.slice(0, dot), name.slice(dot + 1)];
    const state = states.get(stateName);
    const transition = state?.transitions.get(transitionName);
    if (!state) problems.add(path, "UNKNOWN_STATE", `There is no state ${quote(stateName)}.${didYouMean(stateName, states.keys())}`);
    else if (!transition)
      problems.add(
        path,
        "BAD_VALUE",
        `The state ${quote(stateName)} has no transition ${quote(transitionName)}.${didYouMean(transitionName, state.transitions.keys())}`,
      );
    else if (transition.isAutomatic || state.decide?.otherwise === transitionName)
      problems.add(path, "BAD_VALUE", `${quote(name)} fires automatically, so nobody would be excluded.`);
    else steps.add(name);
  }
  return steps;
}

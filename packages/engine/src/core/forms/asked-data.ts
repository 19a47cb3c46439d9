/** Decides which properties of the data are requested when an instance starts. */
import { OUTPUTS } from "../automation/child-runs.js";
import { pathsOfOperand } from "../conditions/paths.js";
import type { JsonObject } from "../model/json.js";
import type { Machine } from "../model/machine.js";
import { quote } from "../model/problems.js";
import type { InputProblem } from "../model/rejection.js";

/**
 * The top-level properties that a user fills in when starting an instance: the chosen ones in their order, without those that the definition lacks or
 * sets itself, then those that would otherwise be missing. If none are chosen: all that are declared.
 */
export function askedProperties(machine: Machine, chosen: readonly string[]): readonly string[] {
  const { properties } = machine.data.root;
  const { whole } = setOnStart(machine);
  const wanted = chosen.length > 0 ? chosen.filter((name) => properties.has(name)) : [...properties.keys()];
  const isWritten = (name: string): boolean => whole.has(name) || (machine.isAutomation && name === OUTPUTS);
  return [...new Set([...wanted, ...requiredAtStart(machine)])].filter((name) => !isWritten(name));
}

/** Only the end of its run writes the outputs of an automation. Returns a problem if data from anywhere else contains them. */
export const givenOutputs = ({ isAutomation, key }: Machine, data: JsonObject): readonly InputProblem[] =>
  isAutomation && Object.hasOwn(data, OUTPUTS)
    ? [{ path: `data.${OUTPUTS}`, message: `${quote(OUTPUTS)} is written by the run of ${key} when it succeeds. Omit it.` }]
    : [];

/** The properties that must be given: required, without a default, and not set by the first state. */
export function requiredAtStart(machine: Machine): readonly string[] {
  const { required, properties } = machine.data.root;
  const { whole, part } = setOnStart(machine);
  return required.filter((name) => !properties.get(name)?.default && !whole.has(name) && !part.has(name));
}

/**
 * Returns the data without the properties that are not requested, and a problem for each of those. Properties that the definition does not know are
 * left to its schema. Outputs of an automation are a problem in any case.
 * @param chosen absent: everything is requested
 */
export function onlyAsked(
  machine: Machine,
  chosen: readonly string[] | undefined,
  data: JsonObject,
): { readonly data: JsonObject; readonly problems: readonly InputProblem[] } {
  const outputs = givenOutputs(machine, data);
  if (outputs.length > 0) return { data, problems: outputs };
  if (chosen === undefined) return { data, problems: [] };
  const { properties, additional } = machine.data.root;
  const asked = askedProperties(machine, chosen);
  const isAsked = (name: string): boolean => (properties.has(name) ? asked.includes(name) : chosen.length === 0 || additional === false);
  const known = asked.length > 0 ? `Fields asked for: ${asked.map(quote).join(", ")}.` : "Nothing is asked for.";
  const unasked = Object.keys(data).filter((name) => !isAsked(name));
  if (unasked.length === 0) return { data, problems: [] };
  return {
    data: Object.fromEntries(Object.entries(data).filter(([name]) => isAsked(name))),
    problems: unasked.map((name) => ({ path: `data.${name}`, message: `${quote(name)} is not asked for here. ${known}` })),
  };
}

/**
 * What the first state writes on entry: a whole property, whatever was given, or a part of one. A property that is computed from itself is still
 * requested.
 */
function setOnStart({ states, initial }: Machine): { readonly whole: ReadonlySet<string>; readonly part: ReadonlySet<string> } {
  const [whole, part] = [new Set<string>(), new Set<string>()];
  for (const action of states.get(initial)?.onEntry ?? []) {
    if (action.kind !== "set") continue;
    const [name = "", ...deeper] = action.path;
    const readsItself = pathsOfOperand(action.value).some(([root, first]) => root === "data" && (first === undefined || first === name));
    if (!readsItself) (deeper.length === 0 ? whole : part).add(name);
  }
  return { whole, part };
}

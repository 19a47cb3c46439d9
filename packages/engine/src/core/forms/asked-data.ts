/** Which properties of the data are asked for when an instance starts. */
import { pathsOfOperand } from "../conditions/paths.js";
import type { JsonObject } from "../json.js";
import type { Machine } from "../machine.js";
import { quote } from "../problems.js";
import type { InputProblem } from "../rejection.js";

/**
 * The top-level properties that whoever starts an instance fills in: the chosen ones in their order, without those that the definition lacks or sets itself; then those
 * that would be missing otherwise. None chosen: all that are declared.
 */
export function askedProperties(machine: Machine, chosen: readonly string[]): readonly string[] {
  const { properties } = machine.data.root;
  const { whole } = setOnStart(machine);
  const wanted = chosen.length > 0 ? chosen.filter((name) => properties.has(name)) : [...properties.keys()];
  return [...new Set([...wanted, ...requiredAtStart(machine)])].filter((name) => !whole.has(name));
}

/** The properties that must be given: required, without a default, and not made by the first state. */
export function requiredAtStart(machine: Machine): readonly string[] {
  const { required, properties } = machine.data.root;
  const { whole, part } = setOnStart(machine);
  return required.filter((name) => !properties.get(name)?.default && !whole.has(name) && !part.has(name));
}

/**
 * The data without the properties that are not asked for, and a problem for each of those. What the definition does not know is left to its schema.
 * @param chosen absent: everything is asked for
 */
export function onlyAsked(
  machine: Machine,
  chosen: readonly string[] | undefined,
  data: JsonObject,
): { readonly data: JsonObject; readonly problems: readonly InputProblem[] } {
  if (chosen === undefined) return { data, problems: [] };
  const { properties, additional } = machine.data.root;
  const asked = askedProperties(machine, chosen);
  const isAsked = (name: string): boolean => (properties.has(name) ? asked.includes(name) : chosen.length === 0 || additional === false);
  const known = asked.length > 0 ? `Asked for are: ${asked.map(quote).join(", ")}.` : "Nothing is asked for.";
  const unasked = Object.keys(data).filter((name) => !isAsked(name));
  if (unasked.length === 0) return { data, problems: [] };
  return {
    data: Object.fromEntries(Object.entries(data).filter(([name]) => isAsked(name))),
    problems: unasked.map((name) => ({ path: `data.${name}`, message: `${quote(name)} is not asked for here. ${known}` })),
  };
}

/** What the first state writes on entry: a whole property, whatever was given, or something in it. A property that is worked out of itself is still asked for. */
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

import { implies, type Budget } from "../../conditions/implies.js";
import { pathsOf } from "../../conditions/paths.js";
import { pathText } from "../../model/condition.js";
import type { Action, MachineState, Transition } from "../../model/machine.js";
import { quote, type ProblemList } from "../../model/problems.js";

type States = ReadonlyMap<string, MachineState>;

const BUDGET = 100_000;

/**
 * Reports automatic transitions that can never fire, because an earlier one is fired whenever they could be, and cycles of them that no condition
 * leaves. Cases that depend on the data are left to run time, where a loop becomes an incident.
 */
export function checkAutomatic(states: States, problems: ProblemList): void {
  const budget: Budget = { steps: BUDGET };
  // A condition that could not be read is null here. Do not treat it as a transition without a condition.
  const paths = new Set(problems.problems.map(({ path }) => path));
  const isUnread = ({ name }: MachineState, transition: Transition): boolean =>
    paths.has(pathText(["states", name, "transitions", transition.name, "when"]));
  const unread = [...states.values()].filter((state) => automaticOf(state).some((one) => isUnread(state, one)));
  for (const state of states.values()) if (!unread.includes(state)) checkOrder(state, problems, budget);
  if (unread.length > 0) return;
  const reported = checkTraps(states, problems);
  checkSteadyLoops(states, problems, reported, budget);
}

const automaticOf = ({ transitions }: MachineState): Transition[] =>
  [...transitions.values()].filter((one) => one.isAutomatic && !one.isTimed);

function checkOrder(state: MachineState, problems: ProblemList, budget: Budget): void {
  const automatic = automaticOf(state);
  for (const [index, later] of automatic.entries()) {
    if (problems.isFull()) return;
    const earlier = automatic.slice(0, index).find((one) => !one.when || (later.when && implies(later.when.tree, one.when.tree, budget)));
    if (!earlier) continue;
    const path = ["states", state.name, "transitions", later.name];
    const why = earlier.when ? `fires whenever the condition of ${quote(later.name)} holds` : "has no condition";
    problems.add(
      later.when ? [...path, "when"] : path,
      "NEVER_FIRES",
      `${quote(later.name)} can never fire: ${quote(earlier.name)} comes before it and ${why}. The first automatic transition whose condition holds is fired.`,
    );
  }
}

/** Reports states that an instance always leaves automatically, and only for one another. Returns all states that were reported. */
function checkTraps(states: States, problems: ProblemList): ReadonlySet<string> {
  const targets = new Map<string, readonly string[]>();
  const sources = new Map<string, string[]>();
  const resting: string[] = [];
  for (const state of states.values()) {
    const automatic = automaticOf(state);
    const last = automatic.findIndex(({ when }) => !when);
    // A join that can fire immediately is evaluated first, and can lead elsewhere.
    if (last < 0 || state.join) {
      resting.push(state.name);
      continue;
    }
    const to = automatic.slice(0, last + 1).map((one) => one.to);
    targets.set(state.name, to);
    for (const name of to) sources.set(name, [...(sources.get(name) ?? []), state.name]);
  }
  // A target that does not exist is reported elsewhere and must not be reported as a cycle as well.
  const resolved = new Set([...resting, ...[...sources.keys()].filter((name) => !states.has(name))]);
  const stack = [...resolved];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    for (const source of sources.get(next) ?? []) {
      if (resolved.has(source)) continue;
      resolved.add(source);
      stack.push(source);
    }
  }
  const reported = new Set<string>();
  for (const name of targets.keys()) {
    if (resolved.has(name) || reported.has(name)) continue;
    const circle = reachableFrom(name, targets);
    if (![...circle].some((one) => reported.has(one))) addLoop(problems, name, circle, "no condition leaves the cycle");
    for (const one of circle) reported.add(one);
  }
  return reported;
}

function reachableFrom(name: string, targets: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const seen = new Set([name]);
  for (const one of seen) for (const target of targets.get(one) ?? []) seen.add(target);
  return seen;
}

function addLoop(problems: ProblemList, state: string, circle: Iterable<string>, why: string): void {
  const names = [...circle].slice(0, 10).map((one) => quote(one));
  problems.add(
    ["states", state],
    "AUTOMATIC_LOOP",
    `Automatic transitions form a cycle through ${names.join(", ")}, and ${why}: an instance would never stop.`,
  );
}

/** Reports cycles in which a condition that holds once always holds, because nothing in the cycle writes what it reads. */
function checkSteadyLoops(states: States, problems: ProblemList, reported: ReadonlySet<string>, budget: Budget): void {
  const known = new Set(reported);
  for (const state of states.values()) {
    const [first] = automaticOf(state);
    if (!first?.when || state.join || known.has(state.name) || problems.isFull()) continue;
    const circle = steadyCircle(states, state, first, budget);
    if (!circle) continue;
    addLoop(
      problems,
      state.name,
      circle,
      `nothing in the cycle changes what the condition of ${quote(first.name)} reads, so once it holds, it always holds`,
    );
    for (const name of circle) known.add(name);
  }
}

function steadyCircle(states: States, start: MachineState, first: Transition, budget: Budget): ReadonlySet<string> | null {
  const condition = first.when?.tree;
  const paths = condition ? pathsOf(condition) : [];
  if (!condition || !paths.every(isSteady)) return null;
  const read = new Set(paths.map(([, name]) => name));
  // A path without a name reads the data as a whole.
  const writes = (actions: readonly Action[]): boolean =>
    actions.some((one) => one.kind === "set" && (read.has(undefined) || read.has(one.path[0])));
  const circle = new Set<string>();
  let state = start;
  for (let taken: Transition | undefined = first; taken;) {
    circle.add(state.name);
    const next = states.get(taken.to);
    if (!next || next.join || writes(state.onExit) || writes(taken.actions) || writes(next.onEntry)) return null;
    if (next.name === start.name) return circle;
    if (circle.has(next.name)) return null;
    state = next;
    const [ahead] = automaticOf(next);
    taken = ahead && (!ahead.when || implies(condition, ahead.when.tree, budget)) ? ahead : undefined;
  }
  return null;
}

/** Paths whose values stay the same from one automatic transition to the next, unless an action writes them. */
function isSteady([root, name]: readonly string[]): boolean {
  return root === "data" || root === "actor" || root === "now" || (root === "instance" && (name === "ownerId" || name === "teamId"));
}

import { implies, type Budget } from "../../conditions/implies.js";
import { pathsOf } from "../../conditions/paths.js";
import { pathText } from "../../conditions/tree.js";
import type { Action, MachineState, Transition } from "../../machine.js";
import { quote, type ProblemList } from "../../problems.js";

type States = ReadonlyMap<string, MachineState>;

const BUDGET = 100_000;

/**
 * Reports automatic transitions that can never fire, because one before them is taken wherever they could be, and circles of them that no condition
 * leaves. What data alone decides is left to the run, where a loop becomes an incident.
 */
export function checkAutomatic(states: States, problems: ProblemList): void {
  const budget: Budget = { steps: BUDGET };
  // A condition that could not be read is none here, and what would follow from having none is not so.
  const paths = new Set(problems.problems.map(({ path }) => path));
  const isUnread = ({ name }: MachineState, transition: Transition): boolean =>
    paths.has(pathText(["states", name, "transitions", transition.name, "when"]));
  const unread = [...states.values()].filter((state) => automaticOf(state).some((one) => isUnread(state, one)));
  for (const state of states.values()) if (!unread.includes(state)) checkOrder(state, problems, budget);
  if (unread.length > 0) return;
  const reported = checkTraps(states, problems);
  checkSteadyLoops(states, problems, reported, budget);
}

const automaticOf = ({ transitions }: MachineState): Transition[] => [...transitions.values()].filter((one) => one.isAutomatic);

function checkOrder(state: MachineState, problems: ProblemList, budget: Budget): void {
  const automatic = automaticOf(state);
  for (const [index, later] of automatic.entries()) {
    if (problems.isFull()) return;
    const earlier = automatic.slice(0, index).find((one) => !one.when || (later.when && implies(later.when.tree, one.when.tree, budget)));
    if (!earlier) continue;
    const path = ["states", state.name, "transitions", later.name];
    const why = earlier.when ? `is taken wherever the condition of ${quote(later.name)} holds` : "has no condition";
    problems.add(
      later.when ? [...path, "when"] : path,
      "NEVER_FIRES",
      `${quote(later.name)} can never fire: ${quote(earlier.name)} stands before it and ${why}. The first automatic transition that holds is taken.`,
    );
  }
}

/** States that an instance always leaves by itself, and only for one another. Gives all that were reported. */
function checkTraps(states: States, problems: ProblemList): ReadonlySet<string> {
  const targets = new Map<string, readonly string[]>();
  const sources = new Map<string, string[]>();
  const resting: string[] = [];
  for (const state of states.values()) {
    const automatic = automaticOf(state);
    const last = automatic.findIndex(({ when }) => !when);
    // A join that can fire at once is asked first, and may lead elsewhere.
    if (last < 0 || state.join) {
      resting.push(state.name);
      continue;
    }
    const to = automatic.slice(0, last + 1).map((one) => one.to);
    targets.set(state.name, to);
    for (const name of to) sources.set(name, [...(sources.get(name) ?? []), state.name]);
  }
  // A target that does not exist is reported elsewhere: it must not make a circle too.
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
    if (![...circle].some((one) => reported.has(one))) addLoop(problems, name, circle, "no condition leaves the circle");
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
    `Automatic transitions lead round and round by way of ${names.join(", ")}, and ${why}: an instance would never rest.`,
  );
}

/** Circles on which a condition that holds once holds for ever: nothing on the way writes what it reads. */
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
      `nothing on the way changes what the condition of ${quote(first.name)} reads, so that once it holds it holds for ever`,
    );
    for (const name of circle) known.add(name);
  }
}

function steadyCircle(states: States, start: MachineState, first: Transition, budget: Budget): ReadonlySet<string> | null {
  const condition = first.when?.tree;
  const paths = condition ? pathsOf(condition) : [];
  if (!condition || !paths.every(isSteady)) return null;
  const read = new Set(paths.map(([, name]) => name));
  // Without a name the data as a whole are read.
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

/** What stays the same from one automatic transition to the next, unless an action writes it. */
function isSteady([root, name]: readonly string[]): boolean {
  return root === "data" || root === "actor" || root === "now" || (root === "instance" && (name === "ownerId" || name === "teamId"));
}

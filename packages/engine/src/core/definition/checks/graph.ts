import type { MachineState } from "../../model/machine.js";
import { pathText } from "../../model/condition.js";
import { closest, quote, type ProblemList } from "../../model/problems.js";

/**
 * Reports problems of the state graph: no final state, states that no path leads to, states without transitions, and states from which no final state
 * can be reached. A misspelled target counts as the state that was meant, so one typing mistake gives one problem.
 */
export function checkGraph(states: ReadonlyMap<string, MachineState>, initial: string | null, problems: ProblemList): void {
  const names = [...states.keys()];
  const edges = new Map<string, string[]>();
  const reverse = new Map<string, string[]>();
  const unclear = new Set(names.filter((name) => isUnread(states.get(name), problems)));
  for (const state of states.values()) {
    for (const { to } of state.transitions.values()) {
      if (to === "") unclear.add(state.name);
      const target = states.has(to) ? to : closest(to, names.slice(0, 200));
      if (target === undefined) continue;
      edges.set(state.name, [...(edges.get(state.name) ?? []), target]);
      reverse.set(target, [...(reverse.get(target) ?? []), state.name]);
    }
  }
  const finals = names.filter((name) => states.get(name)?.final);
  if (finals.length === 0 && unclear.size === 0)
    problems.add(["states"], "NO_FINAL_STATE", "There is no final state, so no instance could ever end. Mark one with final: completed.");
  const reached = initial === null ? new Set(names) : walk([initial], edges);
  // The targets of a state that could not be read are unknown: they can be any state.
  const reachable = [...reached].some((name) => unclear.has(name)) ? new Set(names) : reached;
  const ending = walk([...finals, ...unclear], reverse);
  for (const name of names) {
    const state = states.get(name);
    if (!reachable.has(name)) {
      problems.add(["states", name], "UNREACHABLE_STATE", `No path leads from ${quote(initial)} to the state ${quote(name)}.`);
    }
    if (!state || state.final || unclear.has(name)) continue;
    if (state.transitions.size === 0) {
      problems.add(
        ["states", name],
        "DEAD_END",
        `The state ${quote(name)} has no transitions and is not final: an instance would stay there forever.`,
      );
    } else if (finals.length > 0 && !ending.has(name) && edges.has(name)) {
      problems.add(["states", name], "DEAD_END", `No final state can be reached from the state ${quote(name)}.`);
    }
  }
}

/** Not final and without transitions, but with another problem of its own: a misspelled key, a list in place of names, an unknown kind of end. */
function isUnread(state: MachineState | undefined, { problems }: ProblemList): boolean {
  if (!state || state.final || state.transitions.size > 0) return false;
  const own = `${pathText(["states", state.name])}.`;
  return problems.some(({ path }) => path.startsWith(own) && !/[.[]/.test(path.slice(own.length)));
}

function walk(from: readonly string[], edges: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const seen = new Set(from);
  const stack = [...from];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    for (const target of edges.get(next) ?? []) {
      if (seen.has(target)) continue;
      seen.add(target);
      stack.push(target);
    }
  }
  return seen;
}

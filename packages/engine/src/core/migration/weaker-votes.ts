/** Whether another version lets fewer users decide by votes than the old one. */
import type { Machine, MachineState } from "../model/machine.js";
import { quote } from "../model/problems.js";

/**
 * Returns the minimum number of users who can decide a transition by votes; null if votes do not decide it. A list whose length only the data
 * determines counts as `list` for the old version, and as nobody for the new one: the worst case is assumed.
 * @param list number of users that a list stands for
 */
export function votersFor(state: MachineState | undefined, transition: string, list: number): number | null {
  const { decide, tasks = [] } = state ?? {};
  if (!decide) return null;
  const need = decide.otherwise === transition ? "all" : decide.needed.get(transition);
  if (need === undefined) return null;
  if (decide.isRepeatable) return 1;
  const all = tasks.reduce((sum, { each, count }) => sum + (each ? list : count), 0);
  return Math.max(1, need === "all" ? all : need);
}

/** Whether several users must vote somewhere. */
export const needsVotes = ({ states }: Machine): boolean =>
  [...states.values()].some((state) => [...state.transitions.keys()].some((name) => (votersFor(state, name, Infinity) ?? 1) > 1));

/**
 * Returns transitions that lead to the same state with fewer votes than before, or without votes, each as a sentence. @param names names of the old
 * version's states in the new one
 */
export function fewerVotes(
  from: Machine,
  to: Machine,
  { states, names }: { states: Iterable<string>; names: ReadonlyMap<string, string> },
): string[] {
  const nameOf = (state: string): string => names.get(state) ?? state;
  return [...states].flatMap((name) => {
    const [before, after] = [from.states.get(name), to.states.get(nameOf(name))];
    if (!before?.decide || !after) return [];
    return [...before.transitions.values()].flatMap((one) => {
      const needed = votersFor(before, one.name, Infinity);
      if (needed === null || needed === 1 || one.name === before.decide?.otherwise) return [];
      const ways = [...after.transitions.values()].filter((next) => next.to === nameOf(one.to) && next.name !== after.decide?.otherwise);
      // Excludes transitions that were already there and that users could fire in the old version.
      const isOld = (way: string): boolean => votersFor(before, way, Infinity) === null && before.transitions.get(way)?.to === one.to;
      const fewest = Math.min(...ways.filter((way) => !isOld(way.name)).map((way) => votersAfter(before, after, [one.name, way.name])));
      if (fewest >= needed) return [];
      const votes = needed === Infinity ? "all" : String(needed);
      return [
        `Under the old version, ${votes} must vote for ${quote(one.name)} in ${quote(name)}. Under the new version, ${fewest === 1 ? "one user is enough" : `${fewest} are enough`}.`,
      ];
    });
  });
}

/** A list stays the same if all of the same list are required as before. */
function votersAfter(before: MachineState, after: MachineState, [old, way]: readonly [string, string]): number {
  const isSame = (state: MachineState): string => JSON.stringify(state.tasks.map(({ each, count }) => [each, each ? 1 : count]));
  const isAll = before.decide?.needed.get(old) === "all" && after.decide?.needed.get(way) === "all";
  return votersFor(after, way, isAll && isSame(before) === isSame(after) ? Infinity : 0) ?? 1;
}
